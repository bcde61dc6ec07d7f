// SPDX-License-Identifier: MIT

package loader

import (
	"errors"
	"testing"
)

func TestErrorText(t *testing.T) {
	full := errors.New("full")
	for name, tc := range map[string]struct {
		err  Error
		want string
	}{
		"map":             {Error{Map: "m", Doing: "writing", Err: full}, `map "m": writing: full`},
		"program":         {Error{Program: "p", Err: full}, `program "p": full`},
		"object":          {Error{Doing: "reading", Err: full}, "reading: full"},
		"said by itself":  {Error{Map: "m", Err: errors.New(`map "m": gone`)}, `map "m": gone`},
		"without a cause": {Error{Class: ClassPin, Map: "m"}, `map "m": pin`},
		"no such class":   {Error{Class: 200}, "other"},
	} {
		if got := tc.err.Error(); got != tc.want {
			t.Errorf("%s: got %q, want %q", name, got, tc.want)
		}
	}
	if got := Class(200).ExitCode(); got != ClassOther.ExitCode() {
		t.Errorf("exit code %d for a class that does not exist", got)
	}
}
