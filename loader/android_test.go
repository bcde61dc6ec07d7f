// SPDX-License-Identifier: MIT

package loader

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/bpfload/bpfload/internal/sys/systest"

	"github.com/bpfload/bpfload/spec"
)

// What an Android object asks of Android's loader is done or named, not passed over.
func TestAndroidConditions(t *testing.T) {
	o := sample(t, "legacy/android116.o")
	var got []string
	for _, w := range o.Warnings {
		got = append(got, w.Code+": "+w.String())
	}
	want := []string{
		`android-condition: made for bpfloader 0.2 or later: only Android's own loader looks at that`,
		`android-condition: section "maps"+0x0 ("uid_bytes"): made for the SELinux context of "fs_bpf_net_shared": only Android's own loader looks at that`,
		`android-condition: section "progs"+0x0 ("on_ingress"): made for the SELinux context of "fs_bpf_netd_readonly": only Android's own loader looks at that`,
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}

// A map that is not for this machine is left out by name.
func TestAndroidMachine(t *testing.T) {
	skipBigEndian(t)
	for ignore, left := range map[uint32]bool{0: false, 1 << 4: false, 1 << 6: true} { // the machine is an x86_64
		o := sample(t, "legacy/android116.o")
		o.Map("not_on_32_bit").Legacy.Gates.Ignore = ignore
		l, err := o.Load(t.Context(), on(systest.New(), LoadOptions{IgnorePins: true}))
		if err != nil {
			t.Fatal(err)
		}
		warned := false
		for _, w := range l.Warnings {
			if w.Code == "other-machine" {
				warned = w.Symbol == "not_on_32_bit" && strings.Contains(w.Message, "not for x86_64 machines")
			}
		}
		if there := len(l.Maps) == 2; there == left || warned != left {
			t.Errorf("ignore %#x: %d maps, warned %v", ignore, len(l.Maps), warned)
		}
		l.Close()
	}
}

func TestAndroidWindow(t *testing.T) {
	for want, g := range map[string]spec.Gates{
		" from 5.10.0":                  {MinKernel: 5<<24 | 10<<16, MaxKernel: 0xffffffff},
		" before 4.9.128":               {MaxKernel: 4<<24 | 9<<16 | 128},
		" from 4.14.0 to before 5.10.0": {MinKernel: 4<<24 | 14<<16, MaxKernel: 5<<24 | 10<<16},
	} {
		if got := androidWindow(&g); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
