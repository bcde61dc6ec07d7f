// SPDX-License-Identifier: MIT

package loader

import (
	"errors"
	"strings"
	"testing"

	"github.com/cilium/ebpf"
	"golang.org/x/sys/unix"

	"github.com/bpfload/bpfload/internal/sys/systest"
)

// The kernel refuses programs of several types in one prog array without a word. The
// error says which two they are, and nothing of types where these are the same.
func TestProgArrayOfTwoTypes(t *testing.T) {
	for name, tc := range map[string]struct {
		typ        ebpf.ProgramType
		text, hint string
	}{
		"two types": {ebpf.SchedCLS, `map "jump": putting program "second" into slot 1: it is sched_cls, and "first", which uses the map, is xdp: invalid argument`, "a prog_array of its own"},
		"one type":  {ebpf.XDP, `map "jump": putting program "second" into slot 1: invalid argument`, ""},
	} {
		t.Run(name, func(t *testing.T) {
			o := everything(t)
			o.Program("second").Type = tc.typ
			k := systest.New()
			k.Fail = func(_ int, call string) unix.Errno {
				if strings.HasPrefix(call, "MAP_UPDATE_ELEM") && strings.Contains(call, "jump") {
					return unix.EINVAL
				}
				return 0
			}
			_, err := o.Load(t.Context(), on(k, LoadOptions{IgnorePins: true}))
			var e *Error
			if !errors.As(err, &e) || !strings.HasSuffix(err.Error(), tc.text) || !strings.Contains(e.Hint(), tc.hint) || !errors.Is(err, unix.EINVAL) {
				t.Errorf("got %v (%q)\nwant %s (%q)", err, e.Hint(), tc.text, tc.hint)
			}
			// To verify, slots are not filled; an object that cannot be loaded is told all the same.
			r, err := o.Verify(t.Context(), on(systest.New(), LoadOptions{}))
			if err != nil {
				t.Fatal(err)
			}
			if twoTypes := tc.hint != ""; r.Accepted == twoTypes || twoTypes && !strings.HasSuffix(r.Err.Error(), tc.text) {
				t.Errorf("verified: accepted %t, %v", r.Accepted, r.Err)
			}
			for _, p := range r.Programs {
				if p.Verdict != VerdictOK {
					t.Errorf("%s: %s, %v", p.Spec.Name, p.Verdict, p.Err)
				}
			}
		})
	}
}
