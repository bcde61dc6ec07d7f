// SPDX-License-Identifier: MIT

package verifierlog

import (
	"fmt"
	"io"
	"strconv"
	"strings"
)

// Render writes a diagnosis for people:
//
//	error: program "track_conn" rejected: R0 invalid mem access 'map_value_or_null'
//	  --> conn.c:24:9  (insn 7)
//	   |
//	24 |     return *v;
//	   |            ^
//	   = R0: map_value_or_null(id=1,map=flows,ks=4,vs=16)
//	   = help: the lookup may return NULL; test the pointer before using it
//
// Without line information the instruction stands in place of the source line. Text
// from the log is made safe to print: what is not printable is escaped, and long
// lines are cut.
func Render(w io.Writer, d Diagnosis) error {
	r := renderer{gutter: gutter(&d)}
	r.header(&d)
	if at := location(d.Place); at != "" {
		r.linef("%*s--> %s", r.gutter, "", at)
		r.snippet(&d.Place)
	}
	for _, line := range d.Tail {
		r.linef("%*s | %s", r.gutter, "", printable(line))
	}
	for _, p := range d.Related {
		r.remark("note", "acquired at "+location(p))
	}
	for _, note := range d.Notes {
		r.remark("note", note)
	}
	for _, reg := range d.Registers {
		r.remark(reg.Name, reg.State)
	}
	if d.Help != "" {
		r.remark("help", d.Help)
	}
	_, err := io.WriteString(w, r.String())
	return err
}

type renderer struct {
	strings.Builder
	gutter int // columns of the widest line number
}

func (r *renderer) linef(format string, args ...any) {
	fmt.Fprintf(r, format+"\n", args...)
}

// header writes the first line.
func (r *renderer) header(d *Diagnosis) {
	r.WriteString("error: program ")
	if d.Program != "" {
		r.WriteString(printable(strconv.Quote(d.Program)) + " ")
	}
	r.WriteString("rejected")
	if d.Cause != "" {
		r.WriteString(": " + printable(oneLine(d.Cause)))
		if d.Message != "" {
			r.WriteString(" (" + printable(oneLine(d.Message)) + ")")
		}
	} else if d.Message != "" {
		r.WriteString(": " + printable(oneLine(d.Message)))
	} else if d.Cut {
		r.WriteString(" (the log ends before the reason)")
	}
	r.WriteByte('\n')
}

// snippet writes the line of source with a caret, or the instruction.
func (r *renderer) snippet(p *Place) {
	number, text, column := p.Line, p.Source, p.Caret
	if text == "" {
		if p.Insn == nil || p.Insn.Text == "" {
			return
		}
		number, text, column = p.Insn.Index, p.Insn.Text, 0
	}
	r.linef("%*s |", r.gutter, "")
	if number > 0 || p.Source == "" {
		r.linef("%*d | %s", r.gutter, number, printable(text))
	} else {
		r.linef("%*s | %s", r.gutter, "", printable(text))
	}
	if indent, ok := caret(text, column); ok {
		// The space after the caret is where a label would stand.
		r.linef("%*s | %*s^ ", r.gutter, "", indent, "")
	} else {
		r.linef("%*s |", r.gutter, "")
	}
}

func (r *renderer) remark(label, text string) {
	r.linef("%*s = %s: %s", r.gutter, "", label, printable(oneLine(text)))
}

// location formats a place, such as "conn.c:24:9  (insn 7)" or "insn 7".
func location(p Place) string {
	insn := ""
	if p.Insn != nil {
		insn = "insn " + strconv.Itoa(p.Insn.Index)
	}
	if p.File == "" || p.Line == 0 {
		return insn
	}
	at := fmt.Sprintf("%s:%d", printable(p.File), p.Line)
	if p.Column > 0 {
		at += fmt.Sprintf(":%d", p.Column)
	}
	if insn != "" {
		at += "  (" + insn + ")"
	}
	return at
}

// gutter returns how many columns the number in front of the snippet takes.
func gutter(d *Diagnosis) int {
	switch {
	case d.Source != "" && d.Line > 0:
		return len(strconv.Itoa(d.Line))
	case d.Insn != nil:
		return len(strconv.Itoa(d.Insn.Index))
	}
	return 1
}
