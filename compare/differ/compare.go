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
		value, ok := them.value(f.path)
		if !ok {
			if !them.knows(f.path) {
				continue
			}
			value = absent
		}
		count++
		if value != f.value {
			diffs = append(diffs, difference{f.path, f.value, value})
		}
	}
	for _, f := range them.fields {
		if _, ok := us.value(f.path); !ok && us.knows(f.path) {
			count++
			diffs = append(diffs, difference{f.path, absent, f.value})
		}
	}
	return count, diffs
}

// A difference is one field with two values.
type difference struct{ path, ours, theirs string }

// absent stands for a map, program or variable that one side does not have.
const absent = "-"

func (d difference) String() string {
	return strings.Join([]string{d.path, d.ours, d.theirs}, ":")
}
