// SPDX-License-Identifier: MIT

package core_test

import (
	"bytes"
	"errors"
	"testing"

	"github.com/bpfload/bpfload/internal/elftest"
	"github.com/bpfload/bpfload/internal/kernel"
	"github.com/bpfload/bpfload/internal/law"
	"github.com/bpfload/bpfload/rawbtf"
	"github.com/bpfload/bpfload/reloc/core"
)

// FuzzApply relocates one instruction between types of any form. Whatever they are:
// the outcome is the same twice, an error is a *core.Error, instructions without a
// relocation stay as they were, and those that were poisoned can be explained.
func FuzzApply(f *testing.F) {
	for _, s := range []scene{
		{one(u32, 4), only(one(u64, 12)), "0:0", core.FieldByteOffset, load(4, 4)},
		{one(array(u32, 4), 4), only(one(array(u32, 9), 12)), "0:0:3", core.FieldByteOffset, imm(16)},
		{one(u32, 4), nil, "0:0", core.FieldExists, imm(1)},
		{func(b *elftest.BTF) rawbtf.ID {
			return b.Struct("s", 8, elftest.Member{Name: "x", Type: u32(b), Bits: 3, BitSize: 5})
		}, only(one(u8, 1)), "0:0", core.FieldLeftShift, imm(0)},
		{func(b *elftest.BTF) rawbtf.ID {
			return b.Enum("e", 4, true, elftest.Enumerator{Name: "A", Value: -1})
		}, func(b *elftest.BTF) {
			b.Enum64("e", 8, true, elftest.Enumerator{Name: "A", Value: 1 << 40})
		}, "0", core.EnumValue, imm64(^uint64(0))},
		{func(b *elftest.BTF) rawbtf.ID {
			return b.Typedef("t", b.FuncProto(i32(b), elftest.Param{Type: pointer(b)}))
		}, func(b *elftest.BTF) {
			b.Typedef("t", b.FuncProto(i32(b), elftest.Param{Type: pointer(b)}))
		}, "0", core.TypeMatches, imm(1)},
	} {
		for _, big := range []bool{false, true} {
			var l, k elftest.BTF
			root := s.local(&l)
			if s.kernel != nil {
				s.kernel(&k)
			}
			f.Add(l.Bytes(big), k.Bytes(big), (&elftest.Object{BigEndian: big}).Insns(s.code...), uint32(root), s.access, uint32(s.kind))
		}
	}
	f.Fuzz(func(t *testing.T, local, target, code []byte, root uint32, access string, kind uint32) {
		l, err := rawbtf.Parse(local, nil)
		if err != nil {
			return
		}
		k, err := rawbtf.Parse(target, nil)
		if err != nil {
			return
		}
		rel := core.Relocation{Insn: 0, Type: root, Access: access, Kind: core.Kind(kind)}
		r := core.NewResolver(l, kernel.NewTypes(k))
		once := bytes.Clone(code)
		var results []core.Result
		law.Memory(t, len(local)+len(target)+len(code)+len(access), 256, func() {
			results, err = r.Apply(bytes.Clone(code), []core.Relocation{rel})
		})
		results, err = r.Apply(once, []core.Relocation{rel})
		twice := bytes.Clone(code)
		again, err2 := core.Apply(twice, []core.Relocation{rel}, l, kernel.NewTypes(k))
		law.Same(t, err, err2)
		if err != nil {
			if located := (*core.Error)(nil); !errors.As(err, &located) {
				t.Errorf("%T: %v", err, err)
			}
			if results != nil {
				t.Errorf("results with an error: %v", results)
			}
			return
		}
		if len(results) != 1 || results[0] != again[0] || !bytes.Equal(once, twice) {
			t.Errorf("%v %x, then %v %x", results, once, again, twice)
		}
		touched := 8
		if code[0] == 0x18 {
			touched = 16
		}
		if !bytes.Equal(once[touched:], code[touched:]) {
			t.Errorf("%x became %x", code, once)
		}
		if why := results[0].Failure; why != core.Applied && r.Explain(rel, why) == "" {
			t.Error("no explanation")
		}
	})
}
