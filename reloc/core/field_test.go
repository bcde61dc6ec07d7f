// SPDX-License-Identifier: MIT

package core_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/bpfload/bpfload/internal/elftest"
	"github.com/bpfload/bpfload/rawbtf"
	"github.com/bpfload/bpfload/reloc/core"
)

// An outcome is what relocating a scene must come to, in either byte order.
type outcome struct {
	scene
	want    []elftest.Insn
	failure core.Failure
}

func check(t *testing.T, cases map[string]outcome) {
	t.Helper()
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			for _, big := range []bool{false, true} {
				got, res, err := tc.run(t, big)
				if err != nil {
					t.Fatalf("big endian %t: %v", big, err)
				}
				if diff := cmp.Diff(insns(big, tc.want), got); diff != "" {
					t.Errorf("big endian %t: code: %s", big, diff)
				}
				if res.Failure != tc.failure {
					t.Errorf("big endian %t: failure %d, want %d", big, res.Failure, tc.failure)
				}
			}
		})
	}
}

// element is an array of n in struct s, which is the last of its fields.
func array(elem func(b *elftest.BTF) rawbtf.ID, n uint32) func(b *elftest.BTF) rawbtf.ID {
	return func(b *elftest.BTF) rawbtf.ID { return b.Array(elem(b), n) }
}

func pointer(b *elftest.BTF) rawbtf.ID { return b.Ptr(0) }

func TestFieldOffset(t *testing.T) {
	nested := func(at uint32) func(b *elftest.BTF) rawbtf.ID {
		return members(64, func(b *elftest.BTF) []elftest.Member {
			inner := b.Struct("", 8, elftest.Member{Name: "y", Type: i32(b), Bits: 32})
			union := b.Union("", 8, elftest.Member{Type: inner})
			return []elftest.Member{{Name: "pad", Type: i32(b)}, {Type: b.Const(union), Bits: 8 * at}}
		})
	}
	check(t, map[string]outcome{
		"load": {scene{one(u32, 4), only(one(u32, 12)), "0:0", core.FieldByteOffset, load(4, 4)}, load(4, 12), 0},
		"store of a register": {scene{one(u64, 4), only(one(u64, 12)), "0:0", core.FieldByteOffset, []elftest.Insn{{Op: 0x7b, Dst: 1, Src: 2, Off: 4}}},
			[]elftest.Insn{{Op: 0x7b, Dst: 1, Src: 2, Off: 12}}, 0},
		"store of a constant": {scene{one(u16, 4), only(one(u16, 12)), "0:0", core.FieldByteOffset, []elftest.Insn{{Op: 0x6a, Dst: 1, Off: 4, Imm: 9}}},
			[]elftest.Insn{{Op: 0x6a, Dst: 1, Off: 12, Imm: 9}}, 0},
		"sign-extending load": {scene{one(i32, 4), only(one(i32, 12)), "0:0", core.FieldByteOffset, []elftest.Insn{{Op: 0x81, Dst: 1, Src: 2, Off: 4}}},
			[]elftest.Insn{{Op: 0x81, Dst: 1, Src: 2, Off: 12}}, 0},
		"number":    {scene{one(u32, 4), only(one(u32, 12)), "0:0", core.FieldByteOffset, imm(4)}, imm(12), 0},
		"immediate": {scene{one(u32, 4), only(one(u32, 12)), "0:0", core.FieldByteOffset, imm64(4)}, imm64(12), 0},
		"flavour in the object": {scene{func(b *elftest.BTF) rawbtf.ID {
			return b.Struct("s___old", 8, elftest.Member{Name: "x", Type: u32(b), Bits: 32})
		}, only(one(u32, 12)), "0:0", core.FieldByteOffset, load(4, 4)}, load(4, 12), 0},
		"flavours that agree": {scene{one(u32, 4), func(b *elftest.BTF) {
			one(u32, 12)(b)
			b.Struct("s___2", 16, elftest.Member{Name: "x", Type: i32(b), Bits: 96})
		}, "0:0", core.FieldByteOffset, load(4, 4)}, load(4, 12), 0},
		"typedef as root": {scene{func(b *elftest.BTF) rawbtf.ID {
			return b.Typedef("t", b.Struct("", 8, elftest.Member{Name: "x", Type: u32(b), Bits: 32}))
		}, func(b *elftest.BTF) {
			b.Typedef("t", b.Struct("", 8, elftest.Member{Name: "x", Type: u32(b), Bits: 64}))
		}, "0:0", core.FieldByteOffset, load(4, 4)}, load(4, 8), 0},
		"anonymous members":             {scene{nested(8), only(nested(24)), "0:1:0:0", core.FieldByteOffset, load(4, 12)}, load(4, 28), 0},
		"out of an anonymous member":    {scene{nested(8), func(b *elftest.BTF) { b.Struct("s", 64, elftest.Member{Name: "y", Type: i32(b), Bits: 256}) }, "0:1:0:0", core.FieldByteOffset, load(4, 12)}, load(4, 32), 0},
		"struct for union":              {scene{one(func(b *elftest.BTF) rawbtf.ID { return b.Struct("a", 4) }, 0), only(one(func(b *elftest.BTF) rawbtf.ID { return b.Union("b", 4) }, 8)), "0:0", core.FieldByteOffset, imm(0)}, imm(8), 0},
		"pointer to something else":     {scene{one(pointer, 0), only(one(func(b *elftest.BTF) rawbtf.ID { return b.Ptr(i32(b)) }, 8)), "0:0", core.FieldByteOffset, load(8, 0)}, load(8, 8), 0},
		"element of the root":           {scene{one(u32, 4), only(one(u32, 12)), "2:0", core.FieldByteOffset, imm(140)}, imm(164), 0},
		"element of an array":           {scene{one(array(u32, 4), 4), only(one(array(u32, 9), 12)), "0:0:3", core.FieldByteOffset, load(4, 16)}, load(4, 24), 0},
		"element of a flexible array":   {scene{one(array(u32, 4), 4), only(one(array(u32, 0), 12)), "0:0:3", core.FieldByteOffset, load(4, 16)}, load(4, 24), 0},
		"element of an array of arrays": {scene{one(array(array(u16, 4), 2), 4), only(one(array(array(u16, 8), 2), 4)), "0:0:1:2", core.FieldByteOffset, load(2, 16)}, load(2, 24), 0},
		"array too short":               {scene{one(array(u32, 4), 4), only(one(array(u32, 3), 12)), "0:0:3", core.FieldByteOffset, load(4, 16)}, poison(1), core.Missing},
		"array no longer": {scene{one(array(u32, 4), 4), only(members(64, func(b *elftest.BTF) []elftest.Member {
			return []elftest.Member{{Name: "x", Type: b.Array(u32(b), 0)}, {Name: "z", Type: u32(b)}}
		})), "0:0:3", core.FieldByteOffset, load(4, 16)}, poison(1), core.Missing},
		"no array":                 {scene{one(array(u32, 4), 4), only(one(u32, 12)), "0:0:0", core.FieldByteOffset, load(4, 4)}, poison(1), core.Missing},
		"array of something else":  {scene{one(array(u32, 4), 4), only(one(array(pointer, 4), 12)), "0:0:0", core.FieldByteOffset, load(4, 4)}, poison(1), core.Missing},
		"no such type":             {scene{one(u32, 4), nil, "0:0", core.FieldByteOffset, load(4, 4)}, poison(1), core.Missing},
		"only a union of the name": {scene{one(u32, 4), func(b *elftest.BTF) { b.Union("s", 4, elftest.Member{Name: "x", Type: u32(b)}) }, "0:0", core.FieldByteOffset, load(4, 4)}, poison(1), core.Missing},
		"no such field":            {scene{one(u32, 4), func(b *elftest.BTF) { b.Struct("s", 4, elftest.Member{Name: "xx", Type: u32(b)}) }, "0:0", core.FieldByteOffset, load(4, 4)}, poison(1), core.Missing},
		"both halves":              {scene{one(u32, 4), nil, "0:0", core.FieldByteOffset, imm64(4)}, poison(2), core.Missing},
		"field of another kind":    {scene{one(u32, 4), only(one(pointer, 4)), "0:0", core.FieldByteOffset, imm(4)}, poison(1), core.Missing},
		"integer with a bit offset": {scene{one(u32, 4), only(one(func(b *elftest.BTF) rawbtf.ID { return b.IntBits("x", 4, 0, 3, 5) }, 4)), "0:0", core.FieldByteOffset, imm(4)},
			poison(1), core.Missing},
		"field of a field that is none": {scene{one(func(b *elftest.BTF) rawbtf.ID { return b.Struct("t", 4, elftest.Member{Name: "y", Type: u32(b)}) }, 4),
			only(one(func(b *elftest.BTF) rawbtf.ID { return b.Fwd("t", false) }, 4)), "0:0:0", core.FieldByteOffset, load(4, 4)}, poison(1), core.Missing},
		"incomplete root": {scene{func(b *elftest.BTF) rawbtf.ID { return b.Typedef("t", b.Struct("a", 4)) },
			func(b *elftest.BTF) { b.Typedef("t", b.Fwd("a", false)) }, "0", core.FieldByteOffset, imm(0)}, poison(1), core.Missing},
	})
}

func TestFieldWidth(t *testing.T) {
	enum := func(b *elftest.BTF) rawbtf.ID { return b.Enum("e", 4, false) }
	enum8 := func(b *elftest.BTF) rawbtf.ID { return b.Enum("e", 8, false) }
	bits := func(b *elftest.BTF) rawbtf.ID {
		return b.Struct("s", 8, elftest.Member{Name: "x", Type: u32(b), Bits: 32, BitSize: 3})
	}
	wide := func(b *elftest.BTF) rawbtf.ID { return b.Int("u128", 16, 0) }
	store := func(op uint8) []elftest.Insn { return []elftest.Insn{{Op: op, Dst: 1, Src: 2, Off: 4}} }
	check(t, map[string]outcome{
		"narrower":                  {scene{one(u64, 4), only(one(u32, 12)), "0:0", core.FieldByteOffset, load(8, 4)}, load(4, 12), 0},
		"wider":                     {scene{one(u8, 4), only(one(u64, 12)), "0:0", core.FieldByteOffset, load(1, 4)}, load(8, 12), 0},
		"halfword":                  {scene{one(u8, 4), only(one(u16, 12)), "0:0", core.FieldByteOffset, load(1, 4)}, load(2, 12), 0},
		"store":                     {scene{one(u64, 4), only(one(u16, 4)), "0:0", core.FieldByteOffset, store(0x7b)}, store(0x6b), 0},
		"atomic keeps its mode":     {scene{one(u64, 4), only(one(u32, 4)), "0:0", core.FieldByteOffset, store(0xdb)}, store(0xc3), 0},
		"element of an array":       {scene{one(array(u64, 2), 0), only(one(array(u32, 2), 0)), "0:0:1", core.FieldByteOffset, load(8, 8)}, load(4, 4), 0},
		"array":                     {scene{one(array(u64, 2), 0), only(one(array(u32, 2), 0)), "0:0", core.FieldByteOffset, load(8, 0)}, poison(1), core.Width},
		"same element size":         {scene{one(array(u64, 2), 0), only(one(array(u64, 4), 8)), "0:0", core.FieldByteOffset, load(8, 0)}, load(8, 8), 0},
		"array as a number":         {scene{one(array(u64, 2), 0), only(one(array(u32, 2), 8)), "0:0", core.FieldByteOffset, imm(0)}, imm(8), 0},
		"signed in the object":      {scene{one(i32, 4), only(one(u64, 4)), "0:0", core.FieldByteOffset, load(4, 4)}, poison(1), core.Width},
		"signed in the kernel":      {scene{one(u64, 4), only(one(i32, 4)), "0:0", core.FieldByteOffset, load(8, 4)}, poison(1), core.Width},
		"signed of the same size":   {scene{one(u32, 4), only(one(i32, 8)), "0:0", core.FieldByteOffset, load(4, 4)}, load(4, 8), 0},
		"signed as a number":        {scene{one(i32, 4), only(one(u64, 8)), "0:0", core.FieldByteOffset, imm(4)}, imm(8), 0},
		"enum of another size":      {scene{one(enum, 4), only(one(enum8, 4)), "0:0", core.FieldByteOffset, load(4, 4)}, poison(1), core.Width},
		"bitfield in the object":    {scene{bits, only(one(u32, 4)), "0:0", core.FieldByteOffset, load(4, 4)}, poison(1), core.Width},
		"bitfield in the kernel":    {scene{one(u32, 4), only(bits), "0:0", core.FieldByteOffset, load(4, 4)}, poison(1), core.Width},
		"more than a load can take": {scene{one(wide, 4), only(one(wide, 16)), "0:0", core.FieldByteOffset, imm(4)}, imm(16), 0},
	})
}

func TestFieldFacts(t *testing.T) {
	enum := func(signed bool) func(b *elftest.BTF) rawbtf.ID {
		return func(b *elftest.BTF) rawbtf.ID { return b.Enum("e", 4, signed) }
	}
	volatile := func(b *elftest.BTF) rawbtf.ID { return b.Volatile(b.Typedef("t", b.Const(i32(b)))) }
	check(t, map[string]outcome{
		"size":                       {scene{one(u32, 0), only(one(u64, 0)), "0:0", core.FieldByteSize, imm(4)}, imm(8), 0},
		"size of an array":           {scene{one(array(u32, 4), 0), only(one(array(u32, 5), 0)), "0:0", core.FieldByteSize, imm(16)}, imm(20), 0},
		"size of an element":         {scene{one(array(u32, 4), 0), only(one(array(u64, 5), 0)), "0:0:1", core.FieldByteSize, imm(4)}, imm(8), 0},
		"size missing":               {scene{one(u32, 0), nil, "0:0", core.FieldByteSize, imm(4)}, poison(1), core.Missing},
		"exists":                     {scene{one(u32, 0), only(one(u32, 4)), "0:0", core.FieldExists, imm(1)}, imm(1), 0},
		"exists not":                 {scene{one(u32, 0), nil, "0:0", core.FieldExists, imm(1)}, imm(0), 0},
		"exists as another kind":     {scene{one(u32, 0), only(one(pointer, 0)), "0:0", core.FieldExists, imm(1)}, imm(0), 0},
		"signed":                     {scene{one(u32, 0), only(one(i32, 0)), "0:0", core.FieldSigned, imm(0)}, imm(1), 0},
		"signed through a typedef":   {scene{one(volatile, 0), only(one(volatile, 4)), "0:0", core.FieldSigned, imm(1)}, imm(1), 0},
		"signed not":                 {scene{one(i32, 0), only(one(u32, 0)), "0:0", core.FieldSigned, imm(1)}, imm(0), 0},
		"signed enum":                {scene{one(enum(false), 0), only(one(enum(true), 0)), "0:0", core.FieldSigned, imm(0)}, imm(1), 0},
		"shift of a byte to the top": {scene{one(u8, 0), only(one(u16, 3)), "0:0", core.FieldLeftShift, imm(56)}, imm(48), 0},
		"shift of a byte back":       {scene{one(u8, 0), only(one(u16, 3)), "0:0", core.FieldRightShift, imm(56)}, imm(48), 0},
		"shift of something missing": {scene{one(u8, 0), nil, "0:0", core.FieldRightShift, imm(56)}, poison(1), core.Missing},
		"existence in another flavour": {scene{one(u32, 0), func(b *elftest.BTF) {
			b.Struct("s", 4, elftest.Member{Name: "w", Type: u32(b)})
			b.Struct("s___1", 4, elftest.Member{Name: "x", Type: u32(b)})
		}, "0:0", core.FieldExists, imm(1)}, imm(1), 0},
	})
}

func TestBitfields(t *testing.T) {
	field := func(typ func(b *elftest.BTF) rawbtf.ID, at, bits uint32) func(b *elftest.BTF) rawbtf.ID {
		return func(b *elftest.BTF) rawbtf.ID {
			return b.Struct("s", 32, elftest.Member{Name: "x", Type: typ(b), Bits: at, BitSize: bits})
		}
	}
	local := field(u32, 3, 5)
	for name, tc := range map[string]struct {
		kernel                    func(b *elftest.BTF) rawbtf.ID
		offset, size, left, right int32
		leftBig                   int32 // in a big-endian object
		signed                    int32
	}{
		"same":              {field(u32, 3, 5), 0, 4, 56, 59, 35, 0},
		"further":           {field(u32, 67, 5), 8, 4, 56, 59, 35, 0},
		"of a byte":         {field(u8, 11, 5), 1, 1, 56, 59, 59, 0},
		"across bytes":      {field(u8, 14, 5), 0, 4, 45, 59, 46, 0},
		"across halfwords":  {field(u16, 30, 5), 0, 8, 29, 59, 30, 0},
		"all of 64 bits":    {field(u64, 64, 64), 8, 8, 0, 0, 0, 0},
		"signed":            {field(i32, 32, 32), 4, 4, 32, 32, 32, 1},
		"no bitfield there": {one(u16, 6), 6, 2, 48, 48, 48, 0},
		"enum":              {field(func(b *elftest.BTF) rawbtf.ID { return b.Enum("", 4, true) }, 32, 1), 4, 4, 63, 63, 32, 1},
	} {
		t.Run(name, func(t *testing.T) {
			from := local
			if name == "enum" {
				from = field(func(b *elftest.BTF) rawbtf.ID { return b.Enum("", 4, false) }, 3, 5)
			}
			for _, big := range []bool{false, true} {
				for kind, want := range map[core.Kind]int32{
					core.FieldByteOffset: tc.offset, core.FieldByteSize: tc.size, core.FieldLeftShift: tc.left,
					core.FieldRightShift: tc.right, core.FieldSigned: tc.signed, core.FieldExists: 1,
				} {
					held := imm(77) // a compiler may choose another way to load it
					switch {
					case kind == core.FieldRightShift:
						held = imm(59)
					case kind == core.FieldSigned:
						held = imm(0)
					case kind == core.FieldExists:
						held = imm(1)
					case kind == core.FieldLeftShift && big:
						want = tc.leftBig
					}
					code, _, err := scene{from, only(tc.kernel), "0:0", kind, held}.run(t, big)
					if err != nil {
						t.Fatalf("big endian %t: %s: %v", big, kind, err)
					}
					if diff := cmp.Diff(insns(big, imm(want)), code); diff != "" {
						t.Errorf("big endian %t: %s: %s", big, kind, diff)
					}
				}
			}
		})
	}
}
