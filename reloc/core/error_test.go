// SPDX-License-Identifier: MIT

package core_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/bpfload/bpfload/elf"
	"github.com/bpfload/bpfload/internal/elftest"
	"github.com/bpfload/bpfload/rawbtf"
	"github.com/bpfload/bpfload/reloc/core"
)

func TestErrors(t *testing.T) {
	structOf := func(m ...elftest.Member) func(b *elftest.BTF) rawbtf.ID {
		return func(b *elftest.BTF) rawbtf.ID { return b.Struct("s", 8, m...) }
	}
	enum := func(b *elftest.BTF) rawbtf.ID { return b.Enum("e", 4, false, elftest.Enumerator{Name: "A", Value: 5}) }
	bitfield := func(typ func(b *elftest.BTF) rawbtf.ID, at, bits uint32) func(b *elftest.BTF) rawbtf.ID {
		return func(b *elftest.BTF) rawbtf.ID {
			return b.Struct("s", 32, elftest.Member{Name: "x", Type: typ(b), Bits: at, BitSize: bits})
		}
	}
	void := func(b *elftest.BTF) rawbtf.ID { return 0 }
	wide := func(b *elftest.BTF) rawbtf.ID { return b.Int("u128", 16, 0) }
	reg := []elftest.Insn{{Op: 0xbf, Dst: 1, Src: 2}}
	for name, tc := range map[string]struct {
		scene
		want error
		says string
	}{
		"unknown kind":               {scene{structOf(), nil, "0", 13, imm(1)}, elf.ErrUnsupported, "unknown CO-RE relocation kind 13"},
		"no such type":               {scene{func(b *elftest.BTF) rawbtf.ID { return 99 }, nil, "0", core.TypeExists, imm(1)}, elf.ErrMalformed, "type 99 of 1"},
		"anonymous type":             {scene{func(b *elftest.BTF) rawbtf.ID { return b.Struct("", 4) }, nil, "0", core.TypeExists, imm(1)}, elf.ErrUnsupported, "anonymous struct"},
		"void":                       {scene{void, nil, "0", core.TypeExists, imm(1)}, elf.ErrUnsupported, "anonymous void"},
		"access to a type":           {scene{structOf(), nil, "0:1", core.TypeExists, imm(1)}, elf.ErrMalformed, `access string "0:1"`},
		"access with a word":         {scene{structOf(), nil, "0:x", core.FieldExists, imm(1)}, elf.ErrMalformed, `access string`},
		"access with a sign":         {scene{structOf(), nil, "-1", core.FieldExists, imm(1)}, elf.ErrMalformed, `access string "-1"`},
		"access that ends early":     {scene{structOf(), nil, "0:", core.FieldExists, imm(1)}, elf.ErrMalformed, `access string "0:"`},
		"access of nothing":          {scene{structOf(), nil, ":0", core.FieldExists, imm(1)}, elf.ErrMalformed, `access string ":0"`},
		"access beyond 31 bits":      {scene{structOf(), nil, "2147483648", core.FieldExists, imm(1)}, elf.ErrMalformed, "access string"},
		"access too deep":            {scene{structOf(), nil, "0" + strings.Repeat(":0", 64), core.FieldExists, imm(1)}, elf.ErrMalformed, "member 0 of 0"},
		"access too far":             {scene{structOf(), nil, "999999999", core.FieldExists, imm(1)}, elf.ErrMalformed, "beyond any field"},
		"access into an integer":     {scene{one(u32, 0), nil, "0:0:0", core.FieldExists, imm(1)}, elf.ErrMalformed, "of kind int"},
		"access beyond the members":  {scene{one(u32, 0), nil, "0:1", core.FieldExists, imm(1)}, elf.ErrMalformed, "member 1 of 1"},
		"access beyond the elements": {scene{one(array(u32, 3), 0), nil, "0:0:3", core.FieldExists, imm(1)}, elf.ErrMalformed, "element 3 of an array of 3"},
		"elements without a size":    {scene{one(array(void, 3), 0), nil, "0:0:2", core.FieldExists, imm(1)}, elf.ErrMalformed, "has no size"},
		"root without a size":        {scene{func(b *elftest.BTF) rawbtf.ID { return b.Fwd("s", false) }, nil, "0", core.FieldExists, imm(1)}, elf.ErrMalformed, "has no size"},
		"enumerator of a struct":     {scene{structOf(), nil, "0", core.EnumValue, imm(1)}, elf.ErrMalformed, "does not name a value of struct"},
		"enumerator beyond the last": {scene{enum, nil, "1", core.EnumValue, imm(1)}, elf.ErrMalformed, "does not name a value of enum"},
		"enumerator of a value":      {scene{enum, nil, "0:0", core.EnumValue, imm(1)}, elf.ErrMalformed, "does not name a value of enum"},
		"sign of an element":         {scene{one(array(u32, 3), 0), nil, "0:0:1", core.FieldSigned, imm(0)}, elf.ErrMalformed, "array's element"},
		"size of void":               {scene{one(void, 0), nil, "0:0", core.FieldByteSize, imm(0)}, elf.ErrMalformed, "has no size"},
		"offset of void":             {scene{one(void, 0), nil, "0:0", core.FieldByteOffset, imm(0)}, elf.ErrMalformed, "has no size"},
		"shift of 16 bytes":          {scene{one(wide, 0), nil, "0:0", core.FieldLeftShift, imm(0)}, elf.ErrMalformed, "a field of 16 bytes"},
		"size of a function":         {scene{func(b *elftest.BTF) rawbtf.ID { return b.Func("f", b.FuncProto(0), 0) }, nil, "0", core.TypeSize, imm(0)}, elf.ErrMalformed, "has no size"},
		"bitfield of a struct":       {scene{bitfield(func(b *elftest.BTF) rawbtf.ID { return b.Struct("t", 4) }, 0, 3), nil, "0:0", core.FieldByteOffset, imm(0)}, elf.ErrMalformed, "bitfield of type"},
		"bitfield of no bytes":       {scene{bitfield(func(b *elftest.BTF) rawbtf.ID { return b.Int("i", 0, 0) }, 0, 3), nil, "0:0", core.FieldByteOffset, imm(0)}, elf.ErrMalformed, "bitfield of type"},
		"bitfield across 64 bits":    {scene{bitfield(u32, 60, 8), nil, "0:0", core.FieldByteOffset, imm(0)}, elf.ErrUnsupported, "more than one 64-bit load"},
		"the kernel's bitfield":      {scene{bitfield(u32, 0, 8), only(bitfield(u32, 60, 8)), "0:0", core.FieldByteOffset, imm(0)}, elf.ErrUnsupported, "more than one 64-bit load"},
		"two offsets": {scene{one(u32, 4), func(b *elftest.BTF) {
			one(u32, 4)(b)
			b.Struct("s___2", 16, elftest.Member{Name: "x", Type: i32(b), Bits: 96})
		}, "0:0", core.FieldByteOffset, load(4, 4)}, core.ErrAmbiguous, "type 3 of the kernel has the field at bit 32, type 5 at bit 96"},
		"two sizes": {scene{structOf(), func(b *elftest.BTF) {
			b.Struct("s", 4)
			b.Struct("s", 8)
		}, "0", core.TypeSize, imm(8)}, core.ErrAmbiguous, "4 by type 2 of the kernel, 8 by type 3"},
		"another number":             {scene{one(u32, 4), only(one(u32, 4)), "0:0", core.FieldByteOffset, imm(5)}, core.ErrMismatch, "it holds 5, the object's types say 4"},
		"another 64-bit number":      {scene{one(u32, 4), only(one(u32, 4)), "0:0", core.FieldByteOffset, imm64(1 << 40)}, core.ErrMismatch, "it holds 1099511627776"},
		"another offset":             {scene{one(u32, 4), only(one(u32, 4)), "0:0", core.FieldByteOffset, load(4, -5)}, core.ErrMismatch, "it holds -5"},
		"another value":              {scene{enum, only(enum), "0", core.EnumValue, imm64(6)}, core.ErrMismatch, "it holds 6"},
		"a register":                 {scene{one(u32, 4), only(one(u32, 4)), "0:0", core.FieldByteOffset, reg}, core.ErrMismatch, "opcode 0xbf"},
		"a call":                     {scene{one(u32, 4), only(one(u32, 4)), "0:0", core.FieldByteOffset, []elftest.Insn{elftest.CallHelper(4)}}, core.ErrMismatch, "opcode 0x85"},
		"a load of a map":            {scene{one(u32, 4), only(one(u32, 4)), "0:0", core.FieldByteOffset, elftest.LoadImm64(1, 1, 4, 0)}, core.ErrMismatch, "opcode 0x18"},
		"a load cut off":             {scene{one(u32, 4), only(one(u32, 4)), "0:0", core.FieldByteOffset, []elftest.Insn{{Op: 0x18, Dst: 1, Imm: 4}}}, core.ErrMismatch, "opcode 0x18"},
		"a packet load":              {scene{one(u32, 4), only(one(u32, 4)), "0:0", core.FieldByteOffset, []elftest.Insn{{Op: 0x20, Imm: 4}}}, core.ErrMismatch, "opcode 0x20"},
		"out of reach of a load":     {scene{one(u32, 4), only(one(u32, 32768)), "0:0", core.FieldByteOffset, load(4, 4)}, core.ErrRange, "at byte 32768"},
		"a load of another width":    {scene{one(u32, 4), only(one(u64, 4)), "0:0", core.FieldByteOffset, load(2, 4)}, core.ErrMismatch, "it takes 2 bytes of a field of 4"},
		"a width that no load has":   {scene{one(u32, 4), only(one(wide, 4)), "0:0", core.FieldByteOffset, load(4, 4)}, core.ErrMismatch, "takes 16 bytes"},
		"a kernel's type of no size": {scene{one(array(u32, 2), 4), only(one(array(func(b *elftest.BTF) rawbtf.ID { return b.Int("", 0, 0) }, 2), 4)), "0:0:1", core.FieldByteOffset, load(4, 8)}, core.ErrMismatch, "takes 0 bytes"},
	} {
		t.Run(name, func(t *testing.T) {
			for _, big := range []bool{false, true} {
				_, _, err := tc.run(t, big)
				var located *core.Error
				if !errors.As(err, &located) || !errors.Is(err, tc.want) {
					t.Fatalf("big endian %t: got %v (%T), want %v", big, err, err, tc.want)
				}
				if located.Insn != 1 || located.Kind != tc.kind {
					t.Errorf("big endian %t: error at insn %d, kind %s", big, located.Insn, located.Kind)
				}
				if !strings.Contains(err.Error(), tc.says) {
					t.Errorf("big endian %t: %q does not say %q", big, err, tc.says)
				}
			}
		})
	}
}

func TestErrorText(t *testing.T) {
	_, _, err := scene{one(array(u32, 4), 4), only(one(array(u32, 9), 12)), "1:0:3", core.FieldByteOffset, imm(5)}.run(t, false)
	if got, want := err.Error(), "insn 1: CO-RE byte_off of struct s[1].x[3]: it holds 5, the object's types say 84"; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	enum := func(b *elftest.BTF) rawbtf.ID {
		return b.Enum64("e\x1b[1m", 8, false, elftest.Enumerator{Name: "A", Value: 5})
	}
	_, _, err = scene{enum, only(enum), "0", core.EnumValue, imm64(6)}.run(t, false)
	if got, want := err.Error(), `insn 1: CO-RE enumval_value of enum "e\x1b[1m"::A: it holds 6, the object's types say 5`; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestInsnOutsideCode(t *testing.T) {
	s := scene{one(u32, 4), only(one(u32, 4)), "0:0", core.FieldByteOffset, nil}
	local, root, target := s.build(t, false)
	for _, insn := range []uint32{2, 1 << 29, 1<<32 - 1} {
		rel := s.relocation(root)
		rel.Insn = insn
		if _, err := core.Apply(make([]byte, 16), []core.Relocation{rel}, local, target); !errors.Is(err, core.ErrMismatch) {
			t.Errorf("insn %d: %v", insn, err)
		}
	}
}

// broken is a target that cannot be read.
type broken struct{ core.Target }

var errBroken = errors.New("broken")

func (broken) Want(rawbtf.KindSet, string) {}

func (broken) Find(rawbtf.KindSet, string) ([]rawbtf.Type, error) { return nil, errBroken }

func TestBrokenTarget(t *testing.T) {
	s := scene{one(u32, 4), nil, "0:0", core.FieldByteOffset, imm(4)}
	local, root, _ := s.build(t, false)
	r := core.NewResolver(local, broken{})
	if _, err := r.Apply(insns(false, s.code), []core.Relocation{s.relocation(root)}); !errors.Is(err, errBroken) {
		t.Errorf("got %v", err)
	}
	if got := r.Explain(s.relocation(root), core.Missing); got != "struct s.x: broken" {
		t.Errorf("explanation %q", got)
	}
}
