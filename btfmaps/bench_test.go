// SPDX-License-Identifier: MIT

package btfmaps_test

import (
	"fmt"
	"testing"

	"github.com/bpfload/bpfload/btfmaps"
	"github.com/bpfload/bpfload/elf"
	"github.com/bpfload/bpfload/internal/elftest"
	"github.com/bpfload/bpfload/internal/law"
	"github.com/bpfload/bpfload/rawbtf"
)

// many returns an object of n maps, each of a type of its own, as C makes them.
// Reversed puts the datasec in the order that nobody expects.
func many(n int, reversed bool) []byte {
	o := newObject(false, n)
	u32 := o.btf.Typedef("__u32", o.btf.Int("unsigned int", 4, 0))
	p := o.btf.Ptr(u32)
	for i := range n {
		o.define(i, fmt.Sprintf("map_%d", i), o.structOf(field("type", o.btf.Uint(1)), field("key", p), field("value", p), field("max_entries", o.btf.Uint(uint32(i)))))
	}
	if reversed {
		for i, j := 0, n-1; i < j; i, j = i+1, j-1 {
			o.vars[i], o.vars[j] = o.vars[j], o.vars[i]
		}
	}
	o.btf.Datasec(".maps", 0, o.vars...)
	o.Section(elftest.Section{Name: ".BTF", Data: o.btf.Bytes(false)})
	return o.Bytes()
}

func BenchmarkDecode(b *testing.B) {
	for _, bb := range []struct {
		name     string
		maps     int
		reversed bool
	}{{"maps=1", 1, false}, {"maps=100", 100, false}, {"maps=1000", 1000, false}, {"maps=1000,reversed", 1000, true}} {
		b.Run(bb.name, func(b *testing.B) {
			f, types, err := elftest.Parse(many(bb.maps, bb.reversed))
			if err != nil {
				b.Fatal(err)
			}
			f.SymbolsIn(1) // made once for all decoders
			b.ReportAllocs()
			for b.Loop() {
				defs, _, err := btfmaps.Decode(f, types, btfmaps.Options{})
				if err != nil || len(defs) != bb.maps {
					b.Fatal(len(defs), err)
				}
			}
		})
	}
}

// TestBoundedMemory decodes what claims to be large.
func TestBoundedMemory(t *testing.T) {
	nobits := func() (*elf.File, *rawbtf.Spec) {
		var o elftest.Object
		var b elftest.BTF
		s := o.Bss(".maps", 1<<60)
		def := b.Struct("", 16, elftest.Member{Name: "type", Type: b.Uint(3)}, elftest.Member{Name: "values", Type: b.Array(b.Ptr(b.FuncProto(0)), 0), Bits: 64})
		b.Datasec(".maps", 0xffffffff, rawbtf.VarSecinfo{Type: b.Var("m", def, rawbtf.LinkageGlobal), Size: 0xffffffff})
		o.Object("m", s, 0, 1<<60)
		f, err := elf.Parse(o.Bytes())
		if err != nil {
			t.Fatal(err)
		}
		types, err := rawbtf.Parse(b.Bytes(false), nil)
		if err != nil {
			t.Fatal(err)
		}
		return f, types
	}
	f, types := nobits()
	n := law.Allocated(func() {
		defs, _, err := btfmaps.Decode(f, types, btfmaps.Options{})
		if err != nil || len(defs) != 1 {
			t.Fatal(err)
		}
		if _, err := defs[0].Slot(1 << 50); err == nil {
			t.Error("a slot whose number takes more than 32 bits")
		}
	})
	if n > 64<<10 {
		t.Errorf("%d bytes allocated for a section that is only a number", n)
	}
}

// Symbols alone, however many name one place, make no definitions.
func TestManyAliases(t *testing.T) {
	o := newObject(false, 1)
	o.define(0, "m", o.structOf(field("type", o.btf.Uint(1))))
	for range 50_000 {
		o.Object.Object("alias", o.maps, 0, 64)
	}
	f, types := o.parse(t)
	f.SymbolsIn(o.maps)
	n := law.Allocated(func() {
		if defs, _, err := btfmaps.Decode(f, types, btfmaps.Options{}); err != nil || len(defs) != 1 {
			t.Fatal(len(defs), err)
		}
	})
	if limit := uint64(f.Size() + f.Size()/2); n > limit {
		t.Errorf("%d bytes allocated for a file of %d", n, f.Size())
	}
}

// TestEqualNames has as many static maps of one name as a datasec can hold, which
// must not take the square of their number.
func TestEqualNames(t *testing.T) {
	const n = 20000
	o := newObject(false, n)
	def := o.structOf(field("type", o.btf.Uint(1)))
	for i := range n {
		v := o.btf.Var("m", def, rawbtf.LinkageStatic)
		o.vars = append(o.vars, rawbtf.VarSecinfo{Type: v, Offset: uint32(64 * (n - 1 - i)), Size: 64})
		o.Symbol(elftest.Symbol{Name: "m", Section: o.maps, Type: elf.STTObject, Value: uint64(64 * i), Size: 64})
	}
	defs, _, err := o.decode(t, btfmaps.Options{})
	if err != nil || len(defs) != n {
		t.Fatal(len(defs), err)
	}
}
