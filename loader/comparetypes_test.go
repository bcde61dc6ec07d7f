// SPDX-License-Identifier: MIT

package loader

import (
	"testing"

	"github.com/bpfload/bpfload/internal/elftest"
	"github.com/bpfload/bpfload/rawbtf"
)

func TestCompareTypes(t *testing.T) {
	type build func(*elftest.BTF) rawbtf.ID
	long := func(b *elftest.BTF) rawbtf.ID { return b.Int("long", 8, rawbtf.IntSigned) }
	pair := func(first, second string) build {
		return func(b *elftest.BTF) rawbtf.ID {
			l := long(b)
			return b.Struct("pair", 16, elftest.Member{Name: first, Type: l}, elftest.Member{Name: second, Type: l, Bits: 64})
		}
	}
	// A list points at itself.
	list := func(b *elftest.BTF) rawbtf.ID {
		id := b.NextID() + 1
		return b.Struct("list", 8, elftest.Member{Name: "next", Type: b.Ptr(id)})
	}
	for name, tc := range map[string]struct {
		old, new         build
		oldWhat, newWhat string // "" where the types are the same
	}{
		"equal":      {old: pair("a", "b"), new: pair("a", "b")},
		"of a list":  {old: list, new: list},
		"renamed":    {pair("packets", "bytes"), pair("packets", "last"), "struct pair of 16 bytes with bytes at bit 64", "with last at bit 64"},
		"typedef":    {old: long, new: func(b *elftest.BTF) rawbtf.ID { return b.Typedef("counter_t", b.Const(long(b))) }},
		"signedness": {long, func(b *elftest.BTF) rawbtf.ID { return b.Int("long", 8, 0) }, "signed long of 8 bytes", "unsigned long of 8 bytes"},
		"a bool": {func(b *elftest.BTF) rawbtf.ID { return b.Int("bool", 1, rawbtf.IntBool) }, func(b *elftest.BTF) rawbtf.ID { return b.Int("u8", 1, 0) },
			"bool bool of 1 bytes", "unsigned u8 of 1 bytes"},
		"a char of GCC's": {old: func(b *elftest.BTF) rawbtf.ID { return b.Int("signed char", 1, rawbtf.IntSigned) },
			new: func(b *elftest.BTF) rawbtf.ID { return b.Int("signed char", 1, rawbtf.IntSigned|rawbtf.IntChar) }},
		"a bit field": {func(b *elftest.BTF) rawbtf.ID { return b.Raw("f", uint32(rawbtf.KindInt)<<24, 4, 3) },
			func(b *elftest.BTF) rawbtf.ID { return b.Raw("f", uint32(rawbtf.KindInt)<<24, 4, 1<<16|3) }, "f of 4 bytes, bits 0 to 3", "f of 4 bytes, bits 1 to 4"},
		"size": {long, func(b *elftest.BTF) rawbtf.ID { return b.Int("int", 4, rawbtf.IntSigned) }, "long of 8 bytes", "int of 4 bytes"},
		"kind": {long, pair("a", "b"), "long of 8 bytes", "struct pair of 16 bytes"},
		"array": {func(b *elftest.BTF) rawbtf.ID { return b.Array(long(b), 2) }, func(b *elftest.BTF) rawbtf.ID { return b.Array(long(b), 3) },
			"an array of 2", "an array of 3"},
		"pointer": {func(b *elftest.BTF) rawbtf.ID { return b.Ptr(long(b)) }, func(b *elftest.BTF) rawbtf.ID { return b.Ptr(pair("a", "b")(b)) },
			"a pointer to long of 8 bytes", "a pointer to struct pair of 16 bytes"},
		"one less": {pair("a", "b"), func(b *elftest.BTF) rawbtf.ID {
			return b.Struct("pair", 16, elftest.Member{Name: "a", Type: long(b)})
		}, "struct pair of 16 bytes with b", "without it"},
		"one more": {func(b *elftest.BTF) rawbtf.ID {
			return b.Struct("pair", 16, elftest.Member{Name: "a", Type: long(b)})
		}, pair("a", "b"), "struct pair of 16 bytes without b", "with it"},
	} {
		t.Run(name, func(t *testing.T) {
			var a, b elftest.BTF
			oldID, newID := tc.old(&a), tc.new(&b)
			old, err := rawbtf.Parse(a.Bytes(false), nil)
			if err != nil {
				t.Fatal(err)
			}
			new, err := rawbtf.Parse(b.Bytes(false), nil)
			if err != nil {
				t.Fatal(err)
			}
			c := typeComparison{old: old, new: new, seen: make(map[[2]rawbtf.ID]bool)}
			if got := c.equal(oldID, newID); got != (tc.oldWhat == "") || c.oldWhat != tc.oldWhat || c.newWhat != tc.newWhat {
				t.Errorf("equal: %v, %q and %q", got, c.oldWhat, c.newWhat)
			}
		})
	}
}

// A difference within a struct is told with the way to it.
func TestCompareMembers(t *testing.T) {
	build := func(b *elftest.BTF, size uint32) rawbtf.ID {
		in := b.Struct("in", 16, elftest.Member{Name: "a", Type: b.Int("long", 8, 0)}, elftest.Member{Name: "b", Type: b.Int("x", size, 0), Bits: 64})
		anonymous := b.Struct("", 16, elftest.Member{Name: "inside", Type: in})
		return b.Struct("out", 24, elftest.Member{Name: "same", Type: b.Int("long", 8, 0)}, elftest.Member{Type: anonymous, Bits: 64})
	}
	var a, b elftest.BTF
	oldID, newID := build(&a, 8), build(&b, 4)
	old, err := rawbtf.Parse(a.Bytes(false), nil)
	if err != nil {
		t.Fatal(err)
	}
	new, err := rawbtf.Parse(b.Bytes(false), nil)
	if err != nil {
		t.Fatal(err)
	}
	c := typeComparison{old: old, new: new, seen: make(map[[2]rawbtf.ID]bool)}
	if c.equal(oldID, newID) || c.where != "inside.b" || c.oldWhat != "x of 8 bytes" || c.newWhat != "x of 4 bytes" {
		t.Errorf("%s is %q, want %q", c.where, c.oldWhat, c.newWhat)
	}
}
