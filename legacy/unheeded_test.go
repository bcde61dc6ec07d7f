// SPDX-License-Identifier: MIT

package legacy_test

import (
	"strings"
	"testing"

	"github.com/bpfload/bpfload/legacy"
	"github.com/bpfload/bpfload/spec"
)

func TestUnheeded(t *testing.T) {
	for name, tc := range map[string]struct {
		g, object spec.Gates
		want      string
	}{
		"nothing":           {spec.Gates{}, spec.Gates{}, ""},
		"defaults":          {spec.Gates{MaxLoader: 0x10000, MaxKernel: 0xffffffff, MaxAPI: 0x7fffffff}, spec.Gates{}, ""},
		"kernels":           {spec.Gates{MinKernel: 5 << 24, MaxKernel: 6 << 24}, spec.Gates{}, ""},
		"loaders from":      {spec.Gates{MinLoader: 19, MaxLoader: 0x10000}, spec.Gates{}, "bpfloader 0.19 or later"},
		"loaders before":    {spec.Gates{MaxLoader: 0x26}, spec.Gates{}, "bpfloader before 0.38"},
		"loaders between":   {spec.Gates{MinLoader: 2, MaxLoader: 13}, spec.Gates{}, "bpfloader 0.2 to before 0.13"},
		"as the object":     {spec.Gates{MinLoader: 2, MaxLoader: 0x10000}, spec.Gates{MinLoader: 2, MaxLoader: 0x10000}, ""},
		"API levels from":   {spec.Gates{MinAPI: 33, MaxAPI: 0x7fffffff}, spec.Gates{}, "API level 33 or later"},
		"API levels before": {spec.Gates{MaxAPI: 36}, spec.Gates{}, "API levels from 0 to before 36"},
		"builds":            {spec.Gates{Ignore: 0b110}, spec.Gates{}, "no builds of kind user or userdebug"},
		"machines":          {spec.Gates{Ignore: 0b11111000}, spec.Gates{}, ""},
		"all": {spec.Gates{MinLoader: 1, SELinux: "fs_bpf_net_shared", Create: "/sys/fs/bpf/tmp", Ignore: 1}, spec.Gates{},
			`bpfloader 0.1 or later, no builds of kind eng, the SELinux context of "fs_bpf_net_shared", a pin that is created as "/sys/fs/bpf/tmp" first`},
	} {
		if got := strings.Join(legacy.Unheeded(&tc.g, &tc.object), ", "); got != tc.want {
			t.Errorf("%s: %q, want %q", name, got, tc.want)
		}
	}
}

// Every bit for machines is that of one kind.
func TestIgnoredOn(t *testing.T) {
	machines := map[string]uint{"armv7l": 3, "armv8l": 3, "aarch64": 4, "i686": 5, "x86_64": 6, "riscv64": 7}
	for machine, own := range machines {
		for bit := range uint(8) {
			if got := legacy.IgnoredOn(&spec.Gates{Ignore: 1 << bit}, machine); got != (bit == own) {
				t.Errorf("bit %d on %s: %v", bit, machine, got)
			}
		}
	}
	if legacy.IgnoredOn(&spec.Gates{Ignore: 0xff}, "s390x") {
		t.Error("left out on a machine that Android does not know")
	}
}
