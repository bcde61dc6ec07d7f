// SPDX-License-Identifier: MIT

package verifierlog

import "sort"

// A Line ties an instruction to the source, as a record of an object's line
// information does.
type Line struct {
	Insn   int    // first instruction the line stands for, counted like [Insn.Index]
	File   string // as the compiler was given it
	Line   int    // from 1
	Column int    // in bytes from 1, a tab counting as one; 0 if unknown
	Text   string // the line with its leading white space; may be empty
}

// A LineTable is a program's line information, subprograms included, in ascending
// order of Insn. A line stands for all instructions up to the next one.
type LineTable []Line

// At returns the line of an instruction.
func (t LineTable) At(insn int) (Line, bool) {
	n := sort.Search(len(t), func(i int) bool { return t[i].Insn > insn })
	if n == 0 {
		return Line{}, false
	}
	return t[n-1], true
}
