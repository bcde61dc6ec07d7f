// SPDX-License-Identifier: MIT

package verifierlog

// tailLines is how much is shown of a log that was not understood.
const tailLines = 20

// A Diagnosis is what can be said of a refused program. Everything in it but
// Program, Cause, Code, Title and Help comes from the log or the line table.
type Diagnosis struct {
	Program string // for the caller to set: a log does not name its program
	Cause   string // what is behind Message, for a caller who knows more than the log; may be empty

	Message string // the verifier's own words; "" if the log has none
	Cut     bool   // Message is missing because the log was cut before it
	Code    string // code of the class, "" if the message belongs to none
	Title   string // what is wrong, by class
	Help    string // what to do, in one line

	Place            // where
	Related []Place  // other instructions the message is about, such as where a leaked reference was acquired
	Notes   []string // what else the verifier said; may hold line breaks

	Registers []Register // those that the message or the instruction names, ascending
	Poison    *Poison    // which missing thing the program calls, nil if the message is not about one

	// Tail is the end of a log in which nothing of a verifier's was found. All
	// else is empty then.
	Tail []string
}

// A Place is an instruction and the source it was made from. What is not known
// is nil, 0 or "".
type Place struct {
	Insn   *Insn
	File   string
	Line   int
	Column int    // in bytes from 1, a tab counting as one
	Source string // the line of source; from a log, without leading white space
	Caret  int    // Column as a position in Source, in bytes from 1
}

// Explain says what a refused program's log means. The line table may be empty:
// then the log's own annotations are used. It is meant for rejections only; of the
// log of an accepted program it makes something of no use.
func Explain(l Log, lines LineTable) Diagnosis {
	c, r := classify(l.Reason)
	if c == nil && l.Insn == nil && !l.Stats.Complete && l.Report.Title == "" {
		return Diagnosis{Tail: l.Tail(tailLines)}
	}
	d := Diagnosis{Message: l.Message(), Cut: len(l.Reason) == 0 && !l.Stats.Complete}
	if c != nil {
		d.Code, d.Title, d.Help = c.Code, c.Title, c.Help
		if r.help != "" {
			d.Help = r.help
		}
	} else {
		d.Help = oneLine(l.Report.Suggestion)
	}
	d.Poison = poisonOf(d.Message)
	d.Notes = notes(&l)
	nowhere := c != nil && c.nowhere && !r.here
	d.locate(&l, lines, nowhere)
	if !nowhere {
		d.Registers = relevant(&l, d.Insn)
	}
	return d
}

// notes collects what the verifier said beside the message.
func notes(l *Log) []string {
	var list []string
	if n := len(l.Reason); n > 1 {
		list = append(list, l.Reason[:n-1]...)
	}
	if l.Report.Reason != "" {
		list = append(list, l.Report.Reason)
	}
	return list
}

// where returns the instruction that the rejection is about. What the message or
// the report says goes before the last instruction looked at, which says nothing
// where the verifier was not at an instruction.
func where(l *Log, nowhere bool) (int, bool) {
	if l.Report.Insn != nil {
		return l.Report.Insn.Index, true
	}
	if index, ok := numberAfter(l.Message(), "insn "); ok && index >= 0 {
		return index, true
	}
	if l.Insn == nil || nowhere {
		return 0, false
	}
	return l.Insn.Index, true
}

// acquiredAt reads the instruction that made what a message is about.
func acquiredAt(line string) (int, bool) {
	index, ok := numberAfter(line, "alloc_insn=")
	if !ok {
		index, ok = numberAfter(line, "acquired at insn_idx=")
	}
	return index, ok && index >= 0
}

// locate finds the places that the rejection is about.
func (d *Diagnosis) locate(l *Log, lines LineTable, nowhere bool) {
	var indices []int
	index, found := where(l, nowhere)
	if found {
		indices = append(indices, index)
	}
	for _, line := range l.Reason {
		if index, ok := acquiredAt(line); ok {
			indices = append(indices, index)
		}
	}
	for i, s := range l.look(indices) {
		p := place(l, lines, s)
		if i == 0 && found {
			d.Place = p
		} else {
			d.Related = append(d.Related, p)
		}
	}
	if !found && l.Report.File != "" {
		d.Place = reportPlace(&l.Report)
	}
}

// place joins what the line table and the log say of an instruction.
func place(l *Log, lines LineTable, s sighting) Place {
	insn := Insn{Index: s.index, Text: s.text}
	r := &l.Report
	reported := r.Insn != nil && r.Insn.Index == s.index
	if insn.Text == "" && reported {
		insn.Text = r.Insn.Text
	}
	if line, ok := lines.At(s.index); ok {
		return Place{Insn: &insn, File: line.File, Line: line.Line, Column: line.Column, Source: line.Text, Caret: line.Column}
	}
	if reported && r.File != "" {
		p := reportPlace(r)
		p.Insn = &insn
		return p
	}
	return Place{Insn: &insn, File: s.source.File, Line: s.source.Line, Source: s.source.Text}
}

func reportPlace(r *Report) Place {
	return Place{Insn: r.Insn, File: r.File, Line: r.Line, Column: r.Column, Source: r.Source}
}

// relevant returns the registers that the message or the instruction names. The
// frame pointer is always the same, so only a message brings it in.
func relevant(l *Log, insn *Insn) []Register {
	if insn == nil || l.Insn == nil || insn.Index != l.Insn.Index {
		return nil
	}
	wanted := reads(insn.Text) &^ (1 << 10)
	for _, line := range l.Reason {
		wanted |= registersIn(line, "R")
	}
	var list []Register
	for _, r := range l.Registers {
		if wanted&registersIn(r.Name, "R") != 0 {
			list = append(list, r)
		}
	}
	return list
}
