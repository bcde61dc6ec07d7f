// SPDX-License-Identifier: MIT

package main

import (
	"strings"

	"github.com/bpfload/bpfload/compare/oracle"
)

// compare returns the number of fields that both documents have, and those
// that differ, in the order of ours and then of what only theirs has.
func compare(ours, theirs oracle.Document) (int, []difference) {
	us, them := flatten(ours), flatten(theirs)
	them.meet(us)
	count := 0
	var diffs []difference
	for _, f := range us.fields {
		other, ok := them.get(f.path)
		if !ok {
			if !them.knows(f.path) {
				continue
			}
			other.value = absent
		}
		count++
		if f.value != other.value {
			diffs = append(diffs, difference{f.path, f.value, other.value, f.note, other.note})
		}
	}
	for _, f := range them.fields {
		if _, ok := us.get(f.path); !ok && us.knows(f.path) {
			count++
			diffs = append(diffs, difference{path: f.path, ours: absent, theirs: f.value})
		}
	}
	return count, diffs
}

// A difference is one field with two values, and the reasons for them if any.
type difference struct{ path, ours, theirs, ourNote, theirNote string }

// absent stands for a map, program or variable that one side does not have.
const absent = "-"

func (d difference) String() string {
	return strings.Join([]string{d.path, d.ours, d.theirs}, ":")
}
