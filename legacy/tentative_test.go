// SPDX-License-Identifier: MIT

package legacy_test

import (
	"errors"
	"testing"

	"github.com/bpfload/bpfload/elf"
	"github.com/bpfload/bpfload/internal/elftest"
	"github.com/bpfload/bpfload/legacy"
	"github.com/bpfload/bpfload/rawbtf"
)

// TestTentative is struct bpf_map_def_pvt aws_conntrack_map; without section and
// initialiser: it ends up in .bss, and was meant as a map of another object.
func TestTentative(t *testing.T) {
	const name = "aws_conntrack_map"
	lookup := func(call elftest.Insn, between ...elftest.Insn) []elftest.Insn {
		insns := append(elftest.LoadImm64(1, 0, 0, 0), between...)
		return append(insns, call, elftest.Exit)
	}
	bss := func(o *elftest.Object, insns []elftest.Insn) {
		b := o.Bss(".bss", 64)
		o.Object(name, b, 16, 28)
		code := o.Code("tc_cls", insns...)
		o.Func("handle", code, 0, 0)
		o.Rel(code, 0, 1, 1)
	}
	tests := map[string]struct {
		build   func(o *elftest.Object)
		refused bool
	}{
		"by BTF": {
			build: func(o *elftest.Object) {
				o.Object(name, o.Bss(".bss", 64), 16, 28)
				addBTF(o, ".bss", "bpf_map_def_pvt", append(five[:5:5], "pinning", "inner_map_fd"), name)
			},
			refused: true,
		},
		"by use": {
			build: func(o *elftest.Object) {
				bss(o, lookup(elftest.CallHelper(1), elftest.Insn{Op: 0x7b, Dst: 1, Src: 2}, elftest.Insn{Op: 0xbf, Dst: 2, Src: 10}))
			},
			refused: true,
		},
		"by use, through the section symbol": {
			build: func(o *elftest.Object) {
				b := o.Bss(".bss", 64)
				o.Object(name, b, 16, 28)
				code := o.Code("tc_cls", append(elftest.LoadImm64(1, 0, 16, 0), elftest.CallHelper(2), elftest.Exit)...)
				o.Rel(code, 0, o.SectionSymbol(b), 1)
			},
			refused: true,
		},
		"a struct that is no record": {
			build: func(o *elftest.Object) {
				o.Object(name, o.Bss(".bss", 64), 16, 28)
				addBTF(o, ".bss", "stats", make([]string, 7), name)
			},
		},
		"an array": {
			build: func(o *elftest.Object) {
				o.Object(name, o.Bss(".bss", 64), 16, 28)
				b := &elftest.BTF{}
				declare(o, b, ".bss", b.Array(b.Int("int", 4, rawbtf.IntSigned), 7), name)
			},
		},
		"BTF of another section":      {build: func(o *elftest.Object) { o.Object(name, o.Bss(".bss", 64), 16, 28); addBTF(o, ".data", "x", five, "y") }},
		"BTF of another variable":     {build: func(o *elftest.Object) { o.Object(name, o.Bss(".bss", 64), 16, 28); addBTF(o, ".bss", "x", five, "y") }},
		"another size":                {build: func(o *elftest.Object) { o.Object(name, o.Bss(".bss", 64), 16, 22) }},
		"an argument of another kind": {build: func(o *elftest.Object) { bss(o, lookup(elftest.CallHelper(6))) }},
		"an argument of a function":   {build: func(o *elftest.Object) { bss(o, lookup(elftest.CallLocal(1))) }},
		"overwritten": {build: func(o *elftest.Object) {
			bss(o, lookup(elftest.CallHelper(1), elftest.Insn{Op: 0xbf, Dst: 1, Src: 10}))
		}},
		"a jump between":   {build: func(o *elftest.Object) { bss(o, lookup(elftest.CallHelper(1), elftest.Nop)) }},
		"no call":          {build: func(o *elftest.Object) { bss(o, elftest.LoadImm64(1, 0, 0, 0)) }},
		"another register": {build: func(o *elftest.Object) { bss(o, append(elftest.LoadImm64(2, 0, 0, 0), elftest.CallHelper(1))) }},
		"a broken relocation table": {build: func(o *elftest.Object) {
			bss(o, lookup(elftest.CallHelper(1)))
			o.Rel(3, 4096, 1, 1)
			o.Rel(2, 4096, 1, 1)
		}},
	}
	for label, test := range tests {
		t.Run(label, func(t *testing.T) {
			bothOrders(t, func(t *testing.T, o *elftest.Object) {
				test.build(o)
				_, _, err := decode(t, o, legacy.Options{})
				if !test.refused {
					if err != nil {
						t.Error(err)
					}
					return
				}
				const want = `section ".bss"+0x10 (map "aws_conntrack_map"): a map record of 28 bytes without initialiser and section: ` +
					`define it in SEC("maps") with its attributes; a map of another object cannot be declared this way`
				if err == nil || err.Error() != want {
					t.Fatalf("\n got %v\nwant %s", err, want)
				}
				if !errors.Is(err, elf.ErrUnsupported) {
					t.Errorf("%v is not ErrUnsupported", err)
				}
			})
		})
	}
}
