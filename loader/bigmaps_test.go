// SPDX-License-Identifier: MIT

package loader

import (
	"testing"

	"golang.org/x/sys/unix"

	"github.com/bpfload/bpfload/internal/sys"
	"github.com/bpfload/bpfload/internal/sys/systest"
)

// Big maps are created at the same time; the error, and what is left after it, are
// the same as one by one.
func TestBigMaps(t *testing.T) {
	for name, refuse := range map[string]string{"all": "", "the second refused": "b"} {
		t.Run(name, func(t *testing.T) {
			k := systest.New()
			k.RejectMap = func(a *sys.MapCreate) unix.Errno {
				if a.MapName.String() == refuse {
					return unix.ENOMEM
				}
				return 0
			}
			o := everything(t)
			for _, m := range o.Maps[:2] {
				m.MaxEntries = 1 << 23
			}
			o.Map("tables").NoCreate = true
			opts := on(k, LoadOptions{IgnorePins: true})
			opts.Workers = 4
			l, err := o.Load(t.Context(), opts)
			if refuse == "" {
				if err != nil {
					t.Fatal(err)
				}
				if n := len(k.Log("MAP_CREATE")); n != 6 {
					t.Errorf("%d maps were created, want each once", n)
				}
				l.Close()
			} else if e := Classify(err); err == nil || e.Map != refuse || e.ExitCode() != 75 {
				t.Errorf("got %v", err)
			}
			if open := k.Open(); len(open) > 0 {
				t.Errorf("still open: %q", open)
			}
		})
	}
}
