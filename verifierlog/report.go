// SPDX-License-Identifier: MIT

package verifierlog

import "strings"

// A Report is the summary that Linux 7.3 and newer append to the log of a refused
// program, after the message that older kernels end with:
//
//	Verification failed: Register Type Safety: Unreadable register
//
//	Reason:
//	  R0 has never been initialized on this path, ...
//
//	At:
//	  entry @ conn.c:24:9
//	  ...
//	Suggestion:
//	  Initialize R0 on every path before this instruction.
//
// A zero Report means that the log has none.
type Report struct {
	Title      string // category and problem
	Reason     string // may hold line breaks and indentation
	Suggestion string // likewise
	Function   string // where, by source: function, file, line and column from 1
	File       string
	Line       int
	Column     int
	Insn       *Insn  // where, by instruction
	Source     string // the source line at Line, as far as the report shows it
}

// section is the part of a report that is being read.
type section int

const (
	sectionNone section = iota
	sectionTitle
	sectionReason
	sectionAt
	sectionSuggestion
	sectionOther // the causal path, or one that later kernels add
)

// report reads a line of a report and says whether it was one.
func (p *parser) report(line string) bool {
	line = strings.TrimLeft(line, "\t")
	if strings.HasPrefix(line, "processed ") || strings.HasPrefix(line, "verification time ") {
		p.section = sectionNone
		return false
	}
	r := &p.log.Report
	switch line {
	case "":
		return true
	case "Reason:":
		p.section = sectionReason
		p.part = p.end
	case "At:":
		p.section = sectionAt
	case "Suggestion:":
		p.section = sectionSuggestion
		p.part = p.end
	default:
		if line[0] != ' ' {
			p.section = sectionOther
			return true
		}
		switch p.section {
		case sectionReason:
			r.Reason = p.log.Text[p.part:p.end]
		case sectionSuggestion:
			r.Suggestion = p.log.Text[p.part:p.end]
		case sectionAt:
			r.at(line)
		}
	}
	return true
}

func (r *Report) trim() {
	r.Reason = strings.TrimSpace(r.Reason)
	r.Suggestion = strings.TrimSpace(r.Suggestion)
}

// at reads a line of the section that says where:
//
//	entry @ conn.c:24:9
//	insn 7
//	>>> 24 |         return *v;        >>> 7 | (79) r0 = *(u64 *)(r0 +0)
//	>>> 7 | (79) r0 = *(u64 *)(r0 +0)
func (r *Report) at(line string) {
	line = strings.TrimSpace(line)
	if rest, ok := strings.CutPrefix(line, "insn "); ok && r.Insn == nil {
		if n, ok := number(rest); ok && len(rest) <= 8 && rest != "" {
			r.Insn = &Insn{Index: n}
		}
		return
	}
	rest, ok := strings.CutPrefix(line, ">>>")
	if !ok {
		if i := strings.LastIndex(line, " @ "); i > 0 && r.File == "" {
			r.place(line[:i], line[i+3:])
		}
		return
	}
	left, right, two := cutLanes(rest)
	if two {
		if _, text, ok := strings.Cut(left, " | "); ok {
			r.Source = strings.TrimSpace(text)
		}
	} else {
		right = left
	}
	index, text, ok := strings.Cut(strings.TrimSpace(right), " | ")
	if n, isNumber := number(index); ok && isNumber && index != "" && len(index) <= 8 && isOpcode(text) {
		r.Insn = &Insn{Index: n, Text: strings.TrimSpace(text)}
	}
}

// cutLanes separates the source from the instruction that stands beside it.
func cutLanes(s string) (left, right string, ok bool) {
	i := strings.LastIndex(s, " >>> ")
	if i < 0 {
		return s, "", false
	}
	return s[:i], s[i+5:], true
}

func (r *Report) place(function, at string) {
	at, column, ok := cutLine(at)
	if !ok {
		return
	}
	file, line, ok := cutLine(at)
	if !ok {
		// No column: what was cut off is the line.
		file, line, column = at, column, 0
	}
	r.Function, r.File, r.Line, r.Column = function, file, line, column
}
