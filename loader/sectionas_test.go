// SPDX-License-Identifier: MIT

package loader

import (
	"errors"
	"testing"

	"github.com/cilium/ebpf"
	"github.com/google/go-cmp/cmp"

	"github.com/bpfload/bpfload/internal/elftest"
)

// A section whose name says nothing is given a type, or read by a name that says an
// attach type and flags as well.
func TestSectionTypes(t *testing.T) {
	type meaning struct {
		Type   ebpf.ProgramType
		Attach ebpf.AttachType
		To     string
		Flags  uint32
		Target bool
	}
	for name, tc := range map[string]struct {
		section string
		opts    Options
		want    meaning
	}{
		"a type": {"firewall", Options{Types: map[string]ebpf.ProgramType{"firewall": ebpf.SchedCLS}},
			meaning{Type: ebpf.SchedCLS}},
		"a type with a usual attach type": {"firewall", Options{Types: map[string]ebpf.ProgramType{"firewall": ebpf.SkLookup}},
			meaning{Type: ebpf.SkLookup, Attach: ebpf.AttachSkLookup}},
		"a type that the name says, too": {"tc/ingress", Options{Types: map[string]ebpf.ProgramType{"tc/ingress": ebpf.SchedCLS}},
			meaning{Type: ebpf.SchedCLS, Attach: ebpf.AttachTCXIngress}},
		"a name with an attach type": {"connect", Options{Sections: map[string]string{"connect": "cgroup/connect4"}},
			meaning{Type: ebpf.CGroupSockAddr, Attach: ebpf.AttachCGroupInet4Connect}},
		"a name with flags": {"firewall", Options{Sections: map[string]string{"firewall": "xdp.frags"}},
			meaning{Type: ebpf.XDP, Attach: ebpf.AttachXDP, Flags: 0x20}},
		"a name with a target": {"trace", Options{Sections: map[string]string{"trace": "fentry/tcp_connect"}},
			meaning{Type: ebpf.Tracing, Attach: ebpf.AttachTraceFEntry, To: "tcp_connect", Target: true}},
	} {
		t.Run(name, func(t *testing.T) {
			f := &elftest.Object{}
			f.Func("f", f.Code(tc.section, elftest.Ret0, elftest.Exit), 0, 16)
			o, err := Open(f.Bytes(), &tc.opts)
			if err != nil {
				t.Fatal(err)
			}
			p := o.Programs[0]
			got := meaning{p.Type, p.AttachType, p.AttachTo, p.Flags, p.NeedsTarget}
			if diff := cmp.Diff(tc.want, got); diff != "" || p.TypeFrom != "option" {
				t.Errorf("%s from %q", diff, p.TypeFrom)
			}
		})
	}
	f := &elftest.Object{}
	f.Func("f", f.Code("firewall", elftest.Ret0, elftest.Exit), 0, 16)
	_, err := Open(f.Bytes(), &Options{Sections: map[string]string{"firewall": "xpd"}})
	var e *Error
	if !errors.As(err, &e) || e.Class != ClassUsage || e.Error() != `section "firewall" cannot be read as "xpd": libbpf has no such section name` {
		t.Errorf("%v", err)
	}
}
