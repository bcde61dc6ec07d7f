// SPDX-License-Identifier: MIT

package secdef_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/bpfload/bpfload/secdef"
	"github.com/bpfload/bpfload/spec"
)

func TestParseTailCall(t *testing.T) {
	for _, c := range []struct {
		section    string
		convention secdef.Convention
		want       *spec.TailCall
	}{
		{"2/1", secdef.IPRoute2, &spec.TailCall{MapID: 2, Index: 1}},
		{"1/0x1010", secdef.IPRoute2, &spec.TailCall{MapID: 1, Index: 0x1010}},
		{"010/8", secdef.IPRoute2, &spec.TailCall{MapID: 8, Index: 8}},
		{"0X1F/0", secdef.IPRoute2, &spec.TailCall{MapID: 31, Index: 0}},
		{"0/010", secdef.IPRoute2, &spec.TailCall{MapID: 0, Index: 8}},
		{"08/1", secdef.IPRoute2, nil},
		{"2/", secdef.IPRoute2, nil},
		{"/2", secdef.IPRoute2, nil},
		{"2", secdef.IPRoute2, nil},
		{"2/1/3", secdef.IPRoute2, nil},
		{"0x/1", secdef.IPRoute2, nil},
		{"-1/1", secdef.IPRoute2, nil},
		{"4294967296/1", secdef.IPRoute2, nil},
		{"1_0/1", secdef.IPRoute2, nil},
		{"2/1", secdef.KernelSamples, nil},
		{"2/1", secdef.Libbpf0, nil},
		{"socket/3", secdef.KernelSamples, &spec.TailCall{Index: 3}},
		{"kprobe/0", secdef.KernelSamples, &spec.TailCall{Index: 0}},
		{"kretprobe/12", secdef.KernelSamples, &spec.TailCall{Index: 12}},
		{"kprobe/sys_write", secdef.KernelSamples, nil},
		{"socket", secdef.KernelSamples, nil},
		{"xdp/3", secdef.KernelSamples, nil},
		{"socket/3", secdef.IPRoute2, nil},
		{"tail-12", secdef.OVS, &spec.TailCall{Map: "tailcalls", Index: 12}},
		{"tail-", secdef.OVS, nil},
		{"tail12", secdef.OVS, nil},
		{"tail-12", secdef.Android, nil},
	} {
		got, ok := secdef.ParseTailCall(c.section, c.convention)
		if ok != (c.want != nil) {
			t.Errorf("%s: %q: %v %v", c.convention, c.section, got, ok)
		} else if ok {
			if diff := cmp.Diff(*c.want, got); diff != "" {
				t.Errorf("%s: %q: %s", c.convention, c.section, diff)
			}
		}
	}
}
