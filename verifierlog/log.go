// SPDX-License-Identifier: MIT

package verifierlog

import "strings"

// A Log is what was understood of one verifier log. Its strings are parts of
// Text, never copies and never put together from several places.
type Log struct {
	Text string // the whole log

	// Reason holds what the verifier said after the last instruction it looked
	// at, statistics left out, at most eight lines. In the log of a refused
	// program the last of them is the message; others are details.
	Reason []string

	// Insn is the last instruction the verifier looked at, nil if the log shows
	// none.
	Insn *Insn

	// Source is the annotation in force at Insn. It is empty where the log does
	// not say: an annotation is printed only when it differs from the one printed
	// before, and after a change of path the one before may have been erased.
	Source Source

	// Registers holds what is known of the registers before Insn, in ascending
	// order. A register written since its state was printed is not in it.
	Registers []Register

	Stats  Stats
	Report Report

	edges []edge // instructions that a control-flow error names, with their lines
}

// An Insn is an instruction as the log shows it.
type Insn struct {
	Index int    // from the program's first instruction, in slots of 8 bytes; bodies of subprograms follow the program's own
	Text  string // disassembly, such as "(79) r0 = *(u64 *)(r0 +0)"; empty if the log gives only the index
}

// A Source is a line of source as a log quotes it. Kernels before 6.9 give the
// text alone.
type Source struct {
	Text string // without leading white space
	File string // last element of the path
	Line int    // from 1; 0 if the log does not say
}

// A Register is the state of one register as the verifier printed it.
type Register struct {
	Name  string // such as "R0"
	State string // such as "map_value_or_null(id=1,map=flows,ks=4,vs=16)"
}

// Message returns the verifier's last word, or "" if the log has none: because it
// was cut before that point, or because the program was accepted.
func (l Log) Message() string {
	if len(l.Reason) == 0 {
		return ""
	}
	return l.Reason[len(l.Reason)-1]
}

// Tail returns the last n lines of the log, as they are.
func (l Log) Tail(n int) []string {
	text := strings.TrimRight(l.Text, "\n\x00")
	var tail []string
	for len(tail) < n && text != "" {
		i := strings.LastIndexByte(text, '\n')
		tail = append(tail, text[i+1:])
		if i < 0 {
			break
		}
		text = text[:i]
	}
	for i, j := 0, len(tail)-1; i < j; i, j = i+1, j-1 {
		tail[i], tail[j] = tail[j], tail[i]
	}
	return tail
}
