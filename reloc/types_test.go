// SPDX-License-Identifier: MIT

package reloc_test

import (
	"strings"
	"testing"

	"github.com/cilium/ebpf"
	"github.com/google/go-cmp/cmp"

	"github.com/bpfload/bpfload/internal/elftest"
	"github.com/bpfload/bpfload/reloc"
	"github.com/bpfload/bpfload/secdef"
	"github.com/bpfload/bpfload/spec"
)

// The rule that gave a program its type.
func TestTypes(t *testing.T) {
	xdp := map[string]secdef.Def{}
	for _, name := range []string{"foo", "tc", "lsm.s/file_open"} {
		xdp[name], _ = secdef.ParseType("xdp")
	}
	lsm, _ := secdef.ParseType("lsm")
	for name, c := range map[string]struct {
		section string
		opts    reloc.Options
		want    spec.Program
	}{
		"libbpf":               {section: "sk_msg", want: spec.Program{Type: ebpf.SkMsg, AttachType: ebpf.AttachSkMsgVerdict, AttachTypeOptional: true, TypeFrom: "libbpf"}},
		"older libbpf":         {section: "classifier/x", want: spec.Program{Type: ebpf.SchedCLS, TypeFrom: "libbpf-0"}},
		"the object's loader":  {section: "xdpfoo", opts: reloc.Options{Conventions: []secdef.Convention{secdef.GoBPF}}, want: spec.Program{Type: ebpf.XDP, AttachType: ebpf.AttachXDP, AttachTypeOptional: true, TypeFrom: "kernel-samples"}},
		"its loader first":     {section: "cgroup/sock1", opts: reloc.Options{Conventions: []secdef.Convention{secdef.KernelSamples}}, want: spec.Program{Type: ebpf.CGroupSock, AttachType: ebpf.AttachCGroupInetSockCreate, AttachTypeOptional: true, TypeFrom: "kernel-samples"}},
		"usdt":                 {section: "usdt/x:y:z", want: spec.Program{Type: ebpf.Kprobe, AttachTo: "x:y:z", USDT: true, TypeFrom: "libbpf"}},
		"unknown":              {section: "no-such-hook", want: spec.Program{}},
		"option":               {section: "foo", opts: reloc.Options{Sections: xdp}, want: spec.Program{Type: ebpf.XDP, AttachType: ebpf.AttachXDP, AttachTypeOptional: true, TypeFrom: "option"}},
		"option before libbpf": {section: "tc", opts: reloc.Options{Sections: xdp}, want: spec.Program{Type: ebpf.XDP, AttachType: ebpf.AttachXDP, AttachTypeOptional: true, TypeFrom: "option"}},
		"option keeps target": {section: "lsm.s/file_open", opts: reloc.Options{Sections: map[string]secdef.Def{"lsm.s/file_open": lsm}},
			want: spec.Program{Type: ebpf.LSM, AttachType: ebpf.AttachLSMMac, AttachTo: "file_open", NeedsTarget: true, TypeFrom: "option"}},
		"perf": {section: "sched:sched_switch", want: spec.Program{Type: ebpf.TracePoint, AttachTo: "sched/sched_switch", TypeFrom: "perf"}},
		// What cilium/ebpf takes for the licence or the version, and loses.
		"sloppy":  {section: "license_check", want: spec.Program{}},
		"sloppy2": {section: "versioned_x", want: spec.Program{}},
		"sloppy3": {section: "tcpfoo", want: spec.Program{}},
	} {
		t.Run(name, func(t *testing.T) {
			o := &elftest.Object{}
			o.Func("f", o.Code(c.section, mov(1), exit), 0, 16)
			for section := range c.opts.Sections {
				if section != c.section {
					o.Func("of_"+section, o.Code(section, mov(1), exit), 0, 16)
				}
			}
			got := *mustOpen(t, o, c.opts).named(t, "f")
			c.want.Name, c.want.Section, c.want.Autoload, c.want.Place = "f", c.section, true, got.Place
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestTypeOfMissingSection(t *testing.T) {
	o := &elftest.Object{}
	o.Func("f", o.Code("?xdp", mov(1), exit), 0, 16)
	o.Func("g", o.Code(".text", mov(1), exit), 0, 16)
	o.Code("empty")
	_, err := open(o.Bytes(), reloc.Options{Sections: map[string]secdef.Def{"xdp": {}, "zzz": {}, "yyy": {}, "empty": {}}})
	if err == nil {
		t.Fatal("no error")
	}
	checkError(t, err)
	if want := `section "empty"+0x0: no section of that name holds code, so that it can be given no type; there are "xdp", ".text"`; err.Error() != want {
		t.Errorf("%v\nwant %s", err, want)
	}
	empty := &elftest.Object{}
	if _, err := open(empty.Bytes(), reloc.Options{Sections: map[string]secdef.Def{"xdp": {}}}); err == nil || !strings.HasSuffix(err.Error(), "there are none") {
		t.Error(err)
	}
}
