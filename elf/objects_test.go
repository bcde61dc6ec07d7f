// SPDX-License-Identifier: MIT

package elf_test

import (
	"bytes"
	debugelf "debug/elf"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/bpfload/bpfload/elf"
	"github.com/bpfload/bpfload/internal/law"
)

// listing writes down everything that a File says, so that two can be compared.
func listing(f *elf.File) string {
	var b bytes.Buffer
	for i := range f.NumSections() {
		s := f.Section(i)
		fmt.Fprintf(&b, "section %q %d %#x %d %d %d %d %d\n", s.Name, s.Type, s.Flags, s.Offset, s.Size, s.Link, s.Info, s.Align)
		rels, err := f.Rels(i)
		for j := range rels.Len() {
			fmt.Fprintf(&b, "  %+v\n", rels.At(j))
		}
		if err != nil {
			fmt.Fprintln(&b, err)
		}
		for _, at := range f.SymbolsIn(i) {
			fmt.Fprintf(&b, "  %d %d\n", at.Value, f.End(f.Symbol(at.Index)))
		}
	}
	for i := range f.NumSymbols() {
		fmt.Fprintf(&b, "%+v\n", f.Symbol(i))
	}
	return b.String()
}

// agree compares a file with what the standard library reads.
func agree(t testing.TB, f *elf.File, std *debugelf.File) {
	t.Helper()
	if len(std.Sections) != f.NumSections() || uint16(std.Machine) != f.Machine() || std.ByteOrder != f.ByteOrder() {
		t.Fatalf("%d sections, machine %d, %v; debug/elf has %d, %d, %v", f.NumSections(), f.Machine(), f.ByteOrder(), len(std.Sections), std.Machine, std.ByteOrder)
	}
	for i, want := range std.Sections[1:] {
		i++
		s := f.Section(i)
		if want.Flags&debugelf.SHF_COMPRESSED != 0 {
			continue // of debug information, which debug/elf would expand
		}
		if want.Type == debugelf.SHT_NULL {
			want.FileSize = 0 // inactive: no other field has a meaning, and debug/elf passes them on
		}
		if s.Name != want.Name || uint32(s.Type) != uint32(want.Type) || uint32(s.Flags) != uint32(want.Flags) || s.Offset != want.Offset ||
			s.Size != want.FileSize || s.Link != want.Link || s.Info != want.Info || s.Align != want.Addralign {
			t.Errorf("section %d is %+v, for debug/elf %+v", i, s, want.SectionHeader)
		}
		if s.Data == nil {
			continue
		}
		if data, err := want.Data(); err != nil || !bytes.Equal(data, s.Data) {
			t.Errorf("section %d has other bytes for debug/elf (%v)", i, err)
		}
	}
	symbols, err := std.Symbols()
	if err != nil {
		return // it takes the first symbol table, be it in the null section
	}
	if n := f.NumSymbols(); n > 0 && len(symbols) != n-1 {
		t.Fatalf("%d symbols, for debug/elf %d", n-1, len(symbols))
	}
	for i, want := range symbols {
		s := f.Symbol(i + 1)
		if s.Type == elf.STTSection {
			s.Name = want.Name
		}
		if s.Name != want.Name || byte(s.Type) != want.Info&15 || byte(s.Binding) != want.Info>>4 || byte(s.Visibility) != want.Other&3 ||
			s.Section != int(want.Section) || s.Value != want.Value || s.Size != want.Size {
			t.Errorf("symbol %d is %+v, for debug/elf %+v", i+1, s, want)
		}
	}
}

func TestAgreesWithStandardLibrary(t *testing.T) {
	for _, path := range objects(t) {
		data := read(t, path)
		std, err := debugelf.NewFile(bytes.NewReader(data))
		if err != nil {
			t.Fatal(err)
		}
		agree(t, parse(t, data), std)
	}
}

// check demands of any input: no panic, a typed error with a cause, and the same
// answer again.
func check(t testing.TB, data []byte) {
	t.Helper()
	f, err := elf.Parse(data)
	f2, err2 := elf.Parse(data)
	law.Same(t, err, err2)
	if err != nil {
		if law.Located(t, err); f != nil {
			t.Fatalf("a file beside %v", err)
		}
		return
	}
	if listing(f) != listing(f2) {
		t.Fatal("one file, two listings")
	}
	for i := range f.NumSymbols() {
		s := f.Symbol(i)
		if strings.HasPrefix(f.SectionName(s.Section), ".debug_") {
			continue // not checked, and of no use to a loader
		}
		if end := f.End(s); s.Defined() && (end < s.Value || end > f.Section(s.Section).Size) {
			t.Fatalf("%+v ends at %d", s, f.End(s))
		}
	}
}

func TestTruncated(t *testing.T) {
	for _, data := range [][]byte{sample(false), read(t, "../testdata/bpf/static_values.o")} {
		for n := range data {
			check(t, data[:n:n])
		}
	}
}

func TestFlippedBits(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	for _, data := range [][]byte{sample(false), sample(true), read(t, "../testdata/bpf/tailcall.o")} {
		for range 3000 {
			image := bytes.Clone(data)
			for range 1 + rnd.IntN(3) {
				image[rnd.IntN(len(image))] ^= 1 << rnd.IntN(8)
			}
			check(t, image)
		}
	}
	// Each bit of the headers alone, where the sizes are.
	data := sample(false)
	p := patch(data)
	for _, part := range [][]byte{data[:64], data[p.shoff:]} {
		for i := range part {
			for bit := range 8 {
				part[i] ^= 1 << bit
				check(t, data)
				part[i] ^= 1 << bit
			}
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add(sample(false))
	f.Add(sample(true))
	for _, path := range objects(f) {
		if data := read(f, path); len(data) < 8<<10 {
			f.Add(data)
		}
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		check(t, data)
		var file *elf.File
		var err error
		law.Memory(t, len(data), 32, func() { file, err = elf.Parse(data) })
		if err != nil {
			return
		}
		// The standard library refuses more: what both accept must be the same.
		if std, err := debugelf.NewFile(bytes.NewReader(data)); err == nil {
			agree(t, file, std)
		}
	})
}
