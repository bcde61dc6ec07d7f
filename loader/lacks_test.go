// SPDX-License-Identifier: MIT

package loader

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/bpfload/bpfload/internal/kerneltest"
	"github.com/bpfload/bpfload/reloc"
)

// What a program is bound to come to is what stands before its first branch.
func TestStraight(t *testing.T) {
	const exit, call, load64, mov = "\x95\x00\x00\x00\x00\x00\x00\x00", "\x85\x00\x00\x00\x01\x00\x00\x00", "\x18\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00", "\xb7\x00\x00\x00\x00\x00\x00\x00"
	for name, c := range map[string]struct {
		insns string
		want  []uint32
	}{
		"to the end":     {mov + load64 + call + exit + mov, []uint32{0, 1, 3, 4}},
		"a branch":       {mov + "\x15\x00\x01\x00\x00\x00\x00\x00" + mov + exit, []uint32{0, 1}},
		"a 32-bit one":   {"\x16\x00\x01\x00\x00\x00\x00\x00" + mov + exit, []uint32{0}},
		"a jump":         {"\x05\x00\x01\x00\x00\x00\x00\x00" + mov + exit, []uint32{0, 2}},
		"a long jump":    {"\x06\x00\x00\x00\x01\x00\x00\x00" + mov + exit, []uint32{0, 2}},
		"a tail call":    {"\x85\x00\x00\x00\x0c\x00\x00\x00" + mov + exit, []uint32{0}},
		"for ever":       {mov + "\x05\x00\xfe\xff\x00\x00\x00\x00", []uint32{0, 1}},
		"out of the end": {"\x05\x00\x70\x00\x00\x00\x00\x00", []uint32{0}},
		"before it":      {"\x05\x00\xf0\xff\x00\x00\x00\x00", []uint32{0}},
		"nothing":        {"", nil},
	} {
		want := make(map[uint32]bool)
		for _, i := range c.want {
			want[i] = true
		}
		if diff := cmp.Diff(want, straight(&reloc.Code{Insns: []byte(c.insns)})); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

// What programs refer to and the kernel lacks is named before anything is loaded; an
// option that no loaded program wants keeps none from being loaded.
func TestKernelLacks(t *testing.T) {
	needRoot(t)
	skipBigEndian(t)
	kerneltest.Need(t, "5.10", "BTF of the kernel")
	lacks := func(name string, programs ...string) [][3]string {
		o := sample(t, name)
		for _, p := range o.Programs {
			p.Autoload = len(programs) == 0 || p.Name == programs[0]
		}
		list, err := o.Lacks(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		var got [][3]string
		for _, l := range list {
			certain := "perhaps"
			if l.Certain {
				certain = "certain"
			}
			if l.Reason == "" {
				t.Errorf("%s: no reason", l.Name)
			}
			got = append(got, [3]string{l.Kind, l.Name, certain})
		}
		return got
	}
	for name, want := range map[string][][3]string{
		"xdp_counters.o":    nil,
		"kconfig_missing.o": {{"kernel option", "CONFIG_BPFLOAD_REQUIRED", "certain"}},
	} {
		if diff := cmp.Diff(want, lacks(name)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	for _, l := range lacks("core_missing.o", "guarded") {
		if l[0] != "kernel type" || l[2] != "perhaps" {
			t.Errorf("guarded: %v", l)
		}
	}
	got := lacks("core_missing.o", "unguarded")
	if len(got) == 0 || got[0] != [3]string{"kernel type", "struct task_struct___gone.bpfload_gone.depth[2]", "certain"} {
		t.Errorf("unguarded: %v", got)
	}

	o := sample(t, "kconfig_missing.o")
	o.Programs[0].Autoload = false
	l, err := o.Load(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	if n := len(l.Warnings); n == 0 || l.Warnings[n-1].Code != "kconfig-unused" || l.Warnings[n-1].Symbol != "CONFIG_BPFLOAD_REQUIRED" {
		t.Errorf("warnings: %v", l.Warnings)
	}
}
