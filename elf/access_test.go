// SPDX-License-Identifier: MIT

package elf_test

import (
	"encoding/binary"
	"errors"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/bpfload/bpfload/elf"
	"github.com/bpfload/bpfload/internal/elftest"
)

func parse(t testing.TB, data []byte) *elf.File {
	t.Helper()
	f, err := elf.Parse(data)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func TestSections(t *testing.T) {
	for _, bigEndian := range []bool{false, true} {
		data := sample(bigEndian)
		f := parse(t, data)
		if f.BigEndian() != bigEndian || f.Machine() != 247 || f.Size() != len(data) || f.NumSections() != 8 {
			t.Errorf("big endian %t, machine %d, %d bytes, %d sections", f.BigEndian(), f.Machine(), f.Size(), f.NumSections())
		}
		if want := (map[bool]binary.ByteOrder{true: binary.BigEndian, false: binary.LittleEndian})[bigEndian]; f.ByteOrder() != want {
			t.Errorf("order %v, want %v", f.ByteOrder(), want)
		}
		var names []string
		for i := range f.NumSections() {
			names = append(names, f.SectionName(i))
			if s := f.Section(i); s.Name != f.SectionName(i) || s.Index != i {
				t.Errorf("section %d is %+v", i, s)
			}
		}
		if diff := cmp.Diff([]string{"", "xdp", ".maps", ".bss", ".relxdp", ".symtab", ".strtab", ".shstrtab"}, names); diff != "" {
			t.Error(diff)
		}
		code, bss := f.Section(1), f.Section(3)
		if !code.Code() || bss.Code() || len(code.Data) != 16 || code.Align != 8 {
			t.Errorf("code %+v", code)
		}
		if bss.Size != 1<<32 || bss.Data != nil || bss.Type != elf.SHTNobits {
			t.Errorf(".bss %+v", bss)
		}
		if cap(code.Data) != len(code.Data) || &code.Data[0] != &data[code.Offset] {
			t.Error("the code is no exact part of the file")
		}
		if s, ok := f.SectionNamed(".maps"); !ok || s.Index != 2 {
			t.Errorf(".maps is %+v, %t", s, ok)
		}
		if _, ok := f.SectionNamed("maps"); ok {
			t.Error("a section maps")
		}
		for _, i := range []int{-1, 8} {
			if s := f.Section(i); s.Name != "" || s.Data != nil || f.SectionName(i) != "" {
				t.Errorf("section %d is %+v", i, s)
			}
		}
	}
}

func TestSymbols(t *testing.T) {
	for _, bigEndian := range []bool{false, true} {
		f := parse(t, sample(bigEndian))
		want := []elf.Symbol{
			{},
			{Index: 1, Name: "xdp", Type: elf.STTSection, Section: 1},
			{Index: 2, Name: "counter.c", Type: elf.STTFile, Section: elf.SHNAbs},
			{Index: 3, Name: "LBB0_1", Section: 1, Value: 8},
			{Index: 4, Name: "drop", Type: elf.STTFunc, Binding: elf.STBGlobal, Section: 1, Size: 16},
			{Index: 5, Name: "hits", Type: elf.STTObject, Binding: elf.STBGlobal, Section: 2, Value: 32, Size: 32},
			{Index: 6, Name: "old", Binding: elf.STBGlobal, Visibility: elf.STVHidden, Section: 2},
			{Index: 7, Name: "CONFIG_HZ", Binding: elf.STBWeak},
			{Index: 8, Name: "big", Type: elf.STTObject, Binding: elf.STBGlobal, Section: 3, Value: 1 << 31, Size: 1 << 31},
		}
		var got []elf.Symbol
		for i := range f.NumSymbols() {
			got = append(got, f.Symbol(i))
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("big endian %t: %s", bigEndian, diff)
		}
		if s := f.Symbol(9); s != (elf.Symbol{}) || f.Symbol(-1) != s {
			t.Error("a symbol out of range")
		}
		for _, s := range got {
			is := fmt.Sprint(s.Defined(), s.Undefined(), s.Label(), s.Hidden())
			if want := map[string]string{"": "false true false false", "counter.c": "false false false false", "CONFIG_HZ": "false true false false",
				"LBB0_1": "true false true false", "old": "true false false true"}[s.Name]; want != "" && is != want {
				t.Errorf("%q: defined, undefined, label, hidden: %s, want %s", s.Name, is, want)
			}
		}
	}
}

func TestLabels(t *testing.T) {
	for name, want := range map[string]bool{".L.str": true, "LBB0_1": true, "Ltmp3": true, "Lfunc_begin0": true, "L": false, "Limit": false, "x.L": false} {
		s := elf.Symbol{Name: name}
		if s.Label() != want {
			t.Errorf("%q as a label: %t", name, s.Label())
		}
		s.Binding = elf.STBGlobal
		if s.Label() {
			t.Errorf("the global %q is a label", name)
		}
		s.Binding, s.Type = elf.STBLocal, elf.STTObject
		if s.Label() {
			t.Errorf("the object %q is a label", name)
		}
	}
}

// TestSymbolsIn covers the order of symbols and the end of each, which is the next
// value where the compiler wrote no size.
func TestSymbolsIn(t *testing.T) {
	var o elftest.Object
	maps := o.Data("maps", make([]byte, 96))
	other := o.Data(".data", make([]byte, 8))
	global := func(name string, value, size uint64) {
		o.Symbol(elftest.Symbol{Name: name, Binding: elf.STBGlobal, Section: maps, Value: value, Size: size})
	}
	o.Symbol(elftest.Symbol{Name: ".Lpad", Section: maps, Value: 40})
	o.SectionSymbol(maps)
	global("c", 64, 0)
	global("a", 0, 0)
	global("b", 32, 16)
	global("alias", 0, 0)
	o.Object("elsewhere", other, 0, 8)
	o.Symbol(elftest.Symbol{Name: "absolute", Binding: elf.STBGlobal, Section: elf.SHNAbs, Value: 32})
	o.Symbol(elftest.Symbol{Name: "static", Section: maps, Value: 48})
	global("end", 96, 0)
	f := parse(t, o.Bytes())
	var got []string
	for _, at := range f.SymbolsIn(maps) {
		s := f.Symbol(at.Index)
		if at.Value != s.Value {
			t.Errorf("%s at %d, listed at %d", s.Name, s.Value, at.Value)
		}
		got = append(got, fmt.Sprintf("%s %d-%d", s.Name, s.Value, f.End(s)))
	}
	want := []string{"a 0-32", "alias 0-32", "b 32-48", "static 48-64", "c 64-96", "end 96-96"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if n := len(f.SymbolsIn(other)); n != 1 {
		t.Errorf("%d symbols in .data", n)
	}
	for _, i := range []int{-1, 0, f.NumSections()} {
		if len(f.SymbolsIn(i)) != 0 {
			t.Errorf("symbols in section %d", i)
		}
	}
	if s := (elf.Symbol{Section: elf.SHNAbs, Value: 7}); f.End(s) != 7 {
		t.Error("an absolute symbol has an extent")
	}
}

func TestRels(t *testing.T) {
	for _, bigEndian := range []bool{false, true} {
		f := parse(t, sample(bigEndian))
		rels, err := f.Rels(1)
		if err != nil || rels.Len() != 1 {
			t.Fatal(rels.Len(), err)
		}
		if got, want := rels.At(0), (elf.Rel{Offset: 8, Symbol: 5, Type: 1}); got != want {
			t.Errorf("got %+v, want %+v", got, want)
		}
		for _, i := range []int{-1, 0, 2, 99} {
			if rels, err := f.Rels(i); err != nil || rels.Len() != 0 {
				t.Errorf("section %d: %d relocations, %v", i, rels.Len(), err)
			}
		}
	}
}

func TestRelsErrors(t *testing.T) {
	const relxdp = 4
	tests := map[string]struct {
		damage  func(p patcher)
		message string
	}{
		"part of a record": {func(p patcher) { p.u64(p.header(relxdp)+32, 15) }, `section ".relxdp"+0x0: 15 bytes are not a whole number of 16-byte relocations`},
		"outside":          {func(p patcher) { p.u64(p.contents(relxdp), 16) }, `section ".relxdp"+0x0: relocation at 0x10 is outside section "xdp" of 16 bytes`},
		"no symbol":        {func(p patcher) { p.u64(p.contents(relxdp)+8, 9<<32) }, `section ".relxdp"+0x0: relocation of symbol 9 of 9`},
		"nameless section": {func(p patcher) { p.u32(p.header(relxdp), 0); p.u64(p.contents(relxdp), 16) }, `offset 0x90: relocation at 0x10 is outside section "xdp" of 16 bytes`},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			p := patch(sample(false))
			tt.damage(p)
			f := parse(t, p.image)
			rels, err := f.Rels(1)
			if err == nil || err.Error() != tt.message || !errors.Is(err, elf.ErrMalformed) || rels.Len() != 0 {
				t.Errorf("got  %v\nwant %s", err, tt.message)
			}
		})
	}
}

func TestTypeName(t *testing.T) {
	for typ, want := range map[uint32]string{0: "R_BPF_NONE", 1: "R_BPF_64_64", 2: "R_BPF_64_ABS64", 3: "R_BPF_64_ABS32", 4: "R_BPF_64_NODYLD32", 10: "R_BPF_64_32", 99: "R_BPF_unknown"} {
		if got := (elf.Rel{Type: typ}).TypeName(); got != want {
			t.Errorf("type %d is %s, want %s", typ, got, want)
		}
	}
}

// The count of sections and the index of the name table may stand in the null
// section, as they must with very many sections.
func TestManySections(t *testing.T) {
	p := patch(sample(false))
	p.u16(60, 0)
	p.u64(p.shoff+32, 8)
	p.u16(62, 0xffff)
	p.u32(p.shoff+40, 7)
	f := parse(t, p.image)
	if f.NumSections() != 8 || f.SectionName(1) != "xdp" {
		t.Errorf("%d sections, first %q", f.NumSections(), f.SectionName(1))
	}
}
