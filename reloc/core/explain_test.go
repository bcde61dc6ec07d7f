// SPDX-License-Identifier: MIT

package core_test

import (
	"testing"

	"github.com/bpfload/bpfload/internal/elftest"
	"github.com/bpfload/bpfload/rawbtf"
	"github.com/bpfload/bpfload/reloc/core"
)

func TestExplain(t *testing.T) {
	nested := func(field string, at uint32) func(b *elftest.BTF) rawbtf.ID {
		return func(b *elftest.BTF) rawbtf.ID {
			inner := b.Struct("inner", 8, elftest.Member{Name: field, Type: u32(b)})
			return b.Struct("s", 64, elftest.Member{Name: "in", Type: b.Array(inner, 4), Bits: at})
		}
	}
	enum := func(names ...string) func(b *elftest.BTF) rawbtf.ID {
		return func(b *elftest.BTF) rawbtf.ID {
			var v []elftest.Enumerator
			for _, n := range names {
				v = append(v, elftest.Enumerator{Name: n})
			}
			return b.Enum("state", 4, false, v...)
		}
	}
	for name, tc := range map[string]struct {
		scene
		want string
	}{
		"applied": {scene{one(u32, 4), only(one(u32, 8)), "0:0", core.FieldByteOffset, imm(4)}, ""},
		"type": {scene{func(b *elftest.BTF) rawbtf.ID {
			return b.Struct("task_strct___x", 4, elftest.Member{Name: "x", Type: u32(b)})
		},
			func(b *elftest.BTF) { b.Struct("task_struct", 4); b.Union("task_strct_", 4) }, "0:0", core.FieldByteOffset, imm(0)},
			"the kernel has no struct task_strct; the nearest name is task_struct"},
		"type unlike any":    {scene{one(u32, 4), nil, "0:0", core.FieldByteOffset, imm(4)}, "the kernel has no struct s"},
		"field":              {scene{one(u32, 4), func(b *elftest.BTF) { b.Struct("s", 4, elftest.Member{Name: "xx", Type: u32(b)}) }, "0:0", core.FieldByteOffset, imm(4)}, "the kernel's struct s has no field x; the nearest name is xx"},
		"field of a flavour": {scene{one(u32, 4), func(b *elftest.BTF) { b.Struct("s___9", 4) }, "0:0", core.FieldByteOffset, imm(4)}, "the kernel's struct s___9 has no field x"},
		"field unlike any": {scene{one(u32, 4), func(b *elftest.BTF) {
			b.Struct("s", 8, elftest.Member{Name: "packets", Type: u32(b)}, elftest.Member{Type: b.Struct("", 4, elftest.Member{Name: "bytes", Type: u32(b)}), Bits: 32})
		}, "0:0", core.FieldByteOffset, imm(4)}, "the kernel's struct s has no field x; it has packets, bytes"},
		"field within an anonymous struct": {scene{one(u32, 4), func(b *elftest.BTF) {
			b.Struct("s", 4, elftest.Member{Type: b.Struct("", 4, elftest.Member{Name: "xy", Type: u32(b)})})
		}, "0:0", core.FieldByteOffset, imm(4)}, "the kernel's struct s has no field x; the nearest name is xy"},
		"nested field":     {scene{nested("first", 0), only(nested("frist", 0)), "0:0:2:0", core.FieldByteOffset, imm(16)}, "the kernel's struct s.in[2] has no field first; the nearest name is frist"},
		"incompatible":     {scene{one(u32, 4), only(one(pointer, 4)), "0:0", core.FieldByteOffset, imm(4)}, "the kernel's struct s.x is a pointer, which cannot stand for the object's, an int"},
		"too few elements": {scene{one(array(u32, 4), 4), only(one(array(u32, 3), 4)), "0:0:3", core.FieldByteOffset, imm(16)}, "the kernel's struct s.x has 3 elements, none with index 3"},
		"width": {scene{one(u32, 4), only(one(func(b *elftest.BTF) rawbtf.ID { return b.Int("long", 8, rawbtf.IntSigned) }, 4)), "0:0", core.FieldByteOffset, load(4, 4)},
			"struct s.x has another size or sign in the kernel (8 bytes there, 4 in the object), to which a load or store cannot be adjusted: read it with BPF_CORE_READ, or declare it as the kernel does"},
		"enumerator":                  {scene{enum("RUNING"), only(enum("STOPPED", "RUNNING")), "0", core.EnumValue, imm(0)}, "the kernel's enum state has no value RUNING; the nearest name is RUNNING"},
		"enumerator unlike any":       {scene{enum("X"), only(enum("STOPPED", "RUNNING")), "0", core.EnumValue, imm(0)}, "the kernel's enum state has no value X; it has STOPPED, RUNNING"},
		"enumerator unlike many":      {scene{enum("X"), only(enum("AAA", "BBB", "CCC", "DDD", "EEE", "FFF", "GGG", "HHH", "III", "JJJ", "KKK", "LLL", "MMM", "NNN", "OOO", "PPP", "QQQ")), "0", core.EnumValue, imm(0)}, "the kernel's enum state has no value X; it has 17 others, none of a name like that"},
		"enum":                        {scene{enum("A"), func(b *elftest.BTF) { b.Enum("states", 4, false) }, "0", core.EnumValue, imm(0)}, "the kernel has no enum state; the nearest name is states"},
		"typedef that is no enum":     {scene{func(b *elftest.BTF) rawbtf.ID { return b.Typedef("t", enum("A")(b)) }, func(b *elftest.BTF) { b.Typedef("t", u32(b)) }, "0", core.EnumValue, imm(0)}, "the kernel's t has no value A"},
		"typedef that is no struct":   {scene{func(b *elftest.BTF) rawbtf.ID { return b.Typedef("t", one(u32, 4)(b)) }, func(b *elftest.BTF) { b.Typedef("t", u32(b)) }, "0:0", core.FieldByteOffset, imm(4)}, "the kernel's t is an int"},
		"typedef that is a pointer":   {scene{func(b *elftest.BTF) rawbtf.ID { return b.Typedef("t", one(u32, 4)(b)) }, func(b *elftest.BTF) { b.Typedef("t", b.Ptr(0)) }, "0:0", core.FieldByteOffset, imm(4)}, "the kernel's t is a pointer"},
		"typedef of nothing":          {scene{func(b *elftest.BTF) rawbtf.ID { return b.Typedef("t", one(u32, 4)(b)) }, func(b *elftest.BTF) { b.Typedef("t", 0) }, "0:0", core.FieldByteOffset, imm(4)}, "the kernel's t does not match"},
		"typedef of a declaration":    {scene{func(b *elftest.BTF) rawbtf.ID { return b.Typedef("t", one(u32, 4)(b)) }, func(b *elftest.BTF) { b.Typedef("t", b.Fwd("s", true)) }, "0:0", core.FieldByteOffset, imm(4)}, "the kernel's t does not match"},
		"a name that a terminal acts": {scene{one(u32, 4), func(b *elftest.BTF) { b.Struct("s", 4, elftest.Member{Name: "x\x1b", Type: u32(b)}) }, "0:0", core.FieldByteOffset, imm(4)}, `the kernel's struct s has no field x; the nearest name is "x\x1b"`},
	} {
		t.Run(name, func(t *testing.T) {
			if got := tc.explain(t); got != tc.want {
				t.Errorf("got  %s\nwant %s", got, tc.want)
			}
		})
	}
}

func TestExplainBadAccess(t *testing.T) {
	s := scene{one(u32, 4), only(one(u32, 4)), "zero", core.FieldByteOffset, nil}
	local, root, target := s.build(t, false)
	got := core.NewResolver(local, target).Explain(s.relocation(root), core.Missing)
	if want := `struct s: access string "zero"`; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
