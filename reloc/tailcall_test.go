// SPDX-License-Identifier: MIT

package reloc_test

import (
	"testing"

	"github.com/cilium/ebpf"
	"github.com/google/go-cmp/cmp"

	"github.com/bpfload/bpfload/internal/elftest"
	"github.com/bpfload/bpfload/rawbtf"
	"github.com/bpfload/bpfload/reloc"
	"github.com/bpfload/bpfload/spec"
)

// A declaration tag puts a program into a prog array, as in Cilium since 1.17, and
// makes a program of a static function even where it is called.
func TestTailTags(t *testing.T) {
	bothOrders(t, func(t *testing.T, o *elftest.Object) {
		s := o.Code("tc", mov(1), exit, mov(2), exit, elftest.CallLocal(-5), elftest.CallLocal(-4), exit)
		static(o, "tagged", s, 0, 16)
		static(o, "plain", s, 16, 16)
		o.Func("entry", s, 32, 24)
		o.Func("unknown", o.Code("xdp", mov(1), exit), 0, 16) // to BTF
		b := &elftest.BTF{}
		proto := b.FuncProto(b.Int("int", 4, rawbtf.IntSigned))
		tagged := b.Func("tagged", proto, rawbtf.LinkageStatic)
		plain := b.Func("plain", proto, rawbtf.LinkageStatic)
		entry := b.Func("entry", proto, rawbtf.LinkageGlobal)
		b.DeclTag("something else", tagged, -1)
		b.DeclTag("tail:cilium_calls/0x10", tagged, -1)
		b.DeclTag("tail:calls/3", entry, 0) // of a parameter
		b.DeclTag("tail:calls", entry, -1)
		ext := &elftest.Ext{Funcs: []elftest.ExtSection{{Name: "tc", Records: [][]uint32{
			elftest.FuncInfo(0, tagged), elftest.FuncInfo(16, plain), elftest.FuncInfo(32, entry)}}}}
		o.Ext(ext, b)
		o.BTF(b)
		obj := mustOpen(t, o, reloc.Options{})
		equal(t, "programs", names(obj.linker), []string{"tc tagged", "tc entry", "xdp unknown"})
		if diff := cmp.Diff(&spec.TailCall{Map: "cilium_calls", Index: 16}, obj.named(t, "tagged").TailCall); diff != "" {
			t.Error(diff)
		}
		if call := obj.named(t, "entry").TailCall; call != nil {
			t.Errorf("entry is in %v", call)
		}
		w := obj.linker.Warnings()
		if want := `section "tc"+0x20 ("entry"): the declaration tag "tail:calls" does not read tail:MAP/KEY; the program is put into no prog array`; len(w) != 1 || w[0].String() != want {
			t.Errorf("%v\nwant %s", w, want)
		}
	})
}

func TestSettleTailCalls(t *testing.T) {
	tail := func(n uint32) *spec.TailCall { return &spec.TailCall{Index: n} }
	for name, c := range map[string]struct{ programs, want []*spec.Program }{
		"type of the rest": {
			[]*spec.Program{{Type: ebpf.SchedCLS, AttachType: 46, TypeFrom: "option"}, {TailCall: tail(1)}, {Type: ebpf.SchedCLS}},
			[]*spec.Program{{Type: ebpf.SchedCLS, AttachType: 46, TypeFrom: "option"}, {TailCall: tail(1), Type: ebpf.SchedCLS, AttachType: 46, TypeFrom: "iproute2"}, {Type: ebpf.SchedCLS}},
		},
		"the rest differs, and one uses the array": {
			[]*spec.Program{{Type: ebpf.SchedCLS}, {TailCall: tail(1)}, {Type: ebpf.XDP}},
			[]*spec.Program{{Type: ebpf.SchedCLS}, {TailCall: tail(1), Type: ebpf.XDP, TypeFrom: "iproute2"}, {Type: ebpf.XDP}},
		},
		"the rest differs, and what uses the array is unknown": {
			[]*spec.Program{{Type: ebpf.SchedCLS}, {Type: ebpf.XDP}, {TailCall: tail(1)}},
			[]*spec.Program{{Type: ebpf.SchedCLS}, {Type: ebpf.XDP}, {TailCall: tail(1)}},
		},
		"some of the rest is unknown": {
			[]*spec.Program{{}, {TailCall: tail(1)}, {Type: ebpf.SchedCLS}},
			[]*spec.Program{{}, {TailCall: tail(1), Type: ebpf.SchedCLS, TypeFrom: "iproute2"}, {Type: ebpf.SchedCLS}},
		},
		"the rest is unknown": {
			[]*spec.Program{{}, {TailCall: tail(1)}},
			[]*spec.Program{{}, {TailCall: tail(1)}},
		},
		"no rest": {
			[]*spec.Program{{TailCall: tail(1)}},
			[]*spec.Program{{TailCall: tail(1)}},
		},
		"the number is no target": {
			[]*spec.Program{{TailCall: tail(3), Type: ebpf.Kprobe, AttachTo: "3"}, {Type: ebpf.Kprobe, AttachTo: "3"}},
			[]*spec.Program{{TailCall: tail(3), Type: ebpf.Kprobe}, {Type: ebpf.Kprobe, AttachTo: "3"}},
		},
	} {
		reloc.SettleTailCalls(c.programs, func(string) []*spec.Program { return c.programs[len(c.programs)-1:] })
		if diff := cmp.Diff(c.want, c.programs); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}
