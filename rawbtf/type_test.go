// SPDX-License-Identifier: MIT

package rawbtf_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/bpfload/bpfload/internal/elftest"
	"github.com/bpfload/bpfload/rawbtf"
)

// TestKinds reads back a type of every kind in both byte orders.
func TestKinds(t *testing.T) {
	for _, bigEndian := range []bool{false, true} {
		var b elftest.BTF
		i := b.Int("int", 4, rawbtf.IntSigned)
		odd := b.IntBits("unsigned int", 4, rawbtf.IntBool, 3, 5)
		arr := b.Array(i, 7)
		str := b.Struct("plain", 8, elftest.Member{Name: "a", Type: i}, elftest.Member{Name: "b", Type: i, Bits: 32})
		fields := b.Struct("fields", 8, elftest.Member{Name: "a", Type: i, BitSize: 3}, elftest.Member{Name: "b", Type: i, Bits: 1<<24 - 1})
		uni := b.Union("u", 4, elftest.Member{Name: "x", Type: i})
		enum := b.Enum("e", 4, true, elftest.Enumerator{Name: "NEG", Value: -2})
		flags := b.Enum("f", 4, false, elftest.Enumerator{Name: "TOP", Value: 1 << 31})
		wide := b.Enum64("w", 8, true, elftest.Enumerator{Name: "LOW", Value: -1 << 40})
		fwd := b.Fwd("later", true)
		proto := b.FuncProto(i, elftest.Param{Name: "ctx", Type: b.Ptr(0)}, elftest.Param{})
		fn := b.Func("main", proto, rawbtf.LinkageExtern)
		v := b.Var("hits", i, rawbtf.LinkageStatic)
		sec := b.Datasec(".data", 12, rawbtf.VarSecinfo{Type: v, Offset: 4, Size: 8})
		float := b.Float("double", 8)
		decl := b.DeclTag("tag", fn, 1)
		whole := b.DeclTag("tag", fn, -1)
		typ := b.TypeTag("user", i)
		s := build(t, &b, bigEndian)
		if s.BigEndian() != bigEndian || s.NumTypes() != typ+1 || len(s.Raw()) != len(b.Bytes(bigEndian)) {
			t.Errorf("%d types", s.NumTypes())
		}
		is := func(what string, got, want any) {
			t.Helper()
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("big endian %t, %s: %s", bigEndian, what, diff)
			}
		}
		numbers := func(v ...any) string { return fmt.Sprint(v...) }
		enc, off, bits := s.Type(odd).Int()
		is("int", numbers(enc, off, bits), "4 3 5")
		elem, index, n := s.Type(arr).Array()
		is("array", numbers(elem, index, n), numbers(i, i, 7))
		m := s.Type(str).Member(1)
		is("member", m, rawbtf.Member{NameOff: m.NameOff, Type: i, BitOffset: 32})
		is("member name", s.Name(m.NameOff), "b")
		is("kind flag", s.Type(fields).KindFlag && !s.Type(str).KindFlag, true)
		m = s.Type(fields).Member(0)
		is("bitfield", m, rawbtf.Member{NameOff: m.NameOff, Type: i, BitSize: 3})
		is("far member", s.Type(fields).Member(1).BitOffset, uint32(1<<24-1))
		is("union", s.Type(uni).Kind.String()+s.Type(uni).Name(), "unionu")
		_, value := s.Type(enum).Enumerator(0)
		is("signed enumerator", int64(value), int64(-2))
		_, value = s.Type(flags).Enumerator(0)
		is("unsigned enumerator", value, uint64(1<<31))
		name, value := s.Type(wide).Enumerator(0)
		is("wide enumerator", int64(value), int64(-1<<40))
		is("its name", s.Name(name), "LOW")
		is("forward", s.Type(fwd).KindFlag, true)
		pname, ptype := s.Type(proto).Param(0)
		is("parameter", s.Name(pname)+numbers(s.Type(ptype).Kind), "ctxptr")
		is("function", s.Type(fn).Linkage(), rawbtf.LinkageExtern)
		is("variable", s.Type(v).Linkage(), rawbtf.LinkageStatic)
		is("secinfo", s.Type(sec).VarSecinfo(0), rawbtf.VarSecinfo{Type: v, Offset: 4, Size: 8})
		is("float", s.Type(float).SizeOrType, uint32(8))
		is("component", s.Type(decl).ComponentIndex(), int32(1))
		is("declaration", s.Type(whole).ComponentIndex(), int32(-1))
		is("type tag", s.Type(typ).SizeOrType, i)
		is("void", s.Type(0).Kind, rawbtf.KindVoid)
		is("out of range", s.Type(typ+1).Kind, rawbtf.KindVoid)
		is("spec of void", s.Type(0).Spec() == s, true)
		var ids []rawbtf.ID
		for t := range s.All {
			ids = append(ids, t.ID)
		}
		is("all", len(ids) == int(typ) && slices.IsSorted(ids), true)
		for range s.All {
			break
		}
	}
}

func TestKindNames(t *testing.T) {
	for k, want := range map[rawbtf.Kind]string{0: "void", 1: "int", 14: "var", 19: "enum64", 20: "unknown", 31: "unknown"} {
		if got := k.String(); got != want {
			t.Errorf("kind %d is %q, want %q", k, got, want)
		}
	}
}

func TestFind(t *testing.T) {
	var b elftest.BTF
	i := b.Int("x", 4, 0)
	first := b.Struct("x", 4)
	b.Struct("x", 8)
	data := b.Datasec(".data", 0)
	tag := b.DeclTag("t", first, -1)
	b.DeclTag("t", i, -1)
	blob := b.Bytes(false)
	dense, sparse := parse(t, blob)
	for _, s := range []*rawbtf.Spec{dense, sparse} {
		if got, ok := s.Find(rawbtf.KindStruct, "x"); !ok || got.ID != first {
			t.Errorf("struct x is type %d, %t", got.ID, ok)
		}
		if got, ok := s.Find(rawbtf.KindUnion, "x"); ok || got.Kind != rawbtf.KindVoid {
			t.Errorf("a union x: %d", got.ID)
		}
		if got, ok := s.Datasec(".data"); !ok || got.ID != data {
			t.Errorf(".data is type %d, %t", got.ID, ok)
		}
		if got, ok := s.Datasec(".dat"); ok || got.Name() != "" {
			t.Errorf("a datasec .dat: %d", got.ID)
		}
		var tags []rawbtf.ID
		for tag := range s.DeclTags {
			tags = append(tags, tag.ID)
		}
		if diff := cmp.Diff([]rawbtf.ID{tag, tag + 1}, tags); diff != "" {
			t.Error(diff)
		}
		for range s.DeclTags {
			break
		}
		off := s.Type(i).NameOff
		for name, want := range map[string]bool{"x": true, "": false, "xx": false, "x\x00": false} {
			if got := s.HasName(off, name); got != want {
				t.Errorf("the name at %d is %q: %t", off, name, got)
			}
		}
		if s.HasName(1<<31, "x") || !s.HasName(0, "") {
			t.Error("names out of range")
		}
	}
}

func TestReferences(t *testing.T) {
	var b elftest.BTF
	i := b.Int("int", 4, 0)
	td := b.Typedef("t", b.Const(b.Volatile(b.TypeTag("user", i))))
	restrict := b.Restrict(b.Const(td))
	loop := b.NextID()
	b.Const(loop)
	ring := b.NextID()
	b.Typedef("a", ring+1)
	b.Typedef("b", ring)
	long := i
	for range rawbtf.MaxDepth {
		long = b.Const(long)
	}
	s := build(t, &b, false)
	if got := s.Underlying(restrict); got.ID != i {
		t.Errorf("underlying type %d, want %d", got.ID, i)
	}
	if got := s.SkipModifiers(restrict); got.ID != td {
		t.Errorf("without modifiers type %d, want %d", got.ID, td)
	}
	for name, id := range map[string]rawbtf.ID{"loop": loop, "ring": ring, "long": long} {
		if got := s.Underlying(id); got.Kind != rawbtf.KindVoid || got.Spec() != s {
			t.Errorf("%s ends at type %d", name, got.ID)
		}
		if n, ok := s.Size(id); ok {
			t.Errorf("%s has size %d", name, n)
		}
	}
	if got := s.Underlying(long - 1); got.ID != i {
		t.Errorf("a chain of %d ends at type %d", rawbtf.MaxDepth-1, got.ID)
	}
}

func TestSize(t *testing.T) {
	var b elftest.BTF
	i := b.Int("int", 4, 0)
	type sized struct {
		id   rawbtf.ID
		want uint64
		ok   bool
	}
	inf := b.NextID()
	b.Array(inf, 1)
	tests := map[string]sized{
		"int":            {i, 4, true},
		"pointer":        {b.Ptr(0), 8, true},
		"array":          {b.Array(b.Array(i, 3), 5), 60, true},
		"flexible":       {b.Array(i, 0), 0, true},
		"struct":         {b.Struct("s", 12), 12, true},
		"union":          {b.Union("u", 16), 16, true},
		"enum":           {b.Enum("e", 1, false), 1, true},
		"enum64":         {b.Enum64("e", 8, false), 8, true},
		"float":          {b.Float("f", 16), 16, true},
		"typedef":        {b.Typedef("t", b.Volatile(i)), 4, true},
		"variable":       {b.Var("v", i, 0), 4, true},
		"datasec":        {b.Datasec(".data", 40), 40, true},
		"tag":            {b.DeclTag("t", i, -1), 4, true},
		"void":           {0, 0, false},
		"void array":     {b.Array(0, 3), 0, false},
		"forward":        {b.Fwd("f", false), 0, false},
		"function":       {b.Func("f", b.FuncProto(0), 0), 0, false},
		"out of range":   {1 << 30, 0, false},
		"array itself":   {inf, 0, false},
		"most":           {b.Array(i, 1<<30), 1 << 32, true},
		"too much":       {b.Array(i, 1<<30+1), 0, false},
		"far too much":   {b.Array(b.Array(b.Array(i, 1<<31), 1<<31), 1<<31), 0, false},
		"none of a huge": {b.Array(b.Array(i, 1<<31), 0), 0, true},
	}
	s := build(t, &b, false)
	for name, tt := range tests {
		n, ok := s.Size(tt.id)
		if ok != tt.ok || ok && n != tt.want {
			t.Errorf("%s: %d, %t, want %d, %t", name, n, ok, tt.want, tt.ok)
		}
	}
}
