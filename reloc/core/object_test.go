// SPDX-License-Identifier: MIT

package core_test

import (
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/bpfload/bpfload/elf"
	"github.com/bpfload/bpfload/internal/kernel"
	"github.com/bpfload/bpfload/rawbtf"
	"github.com/bpfload/bpfload/reloc/core"
)

// Relocated against the very types it was compiled with, an object does not change:
// the compiler and we agree on every place, size and value, in both byte orders.
func TestObjectsAgainstThemselves(t *testing.T) {
	files, err := filepath.Glob("../../testdata/bpf/*.o")
	if err != nil || len(files) == 0 {
		t.Fatalf("no objects in testdata: %v", err)
	}
	relocated := 0
	for _, path := range files {
		o, err := readObject(path)
		if err != nil || o.types == nil || hasFlavours(o.types) {
			continue
		}
		r := core.NewResolver(o.types, kernel.NewTypes(o.types))
		for i := range o.file.NumSymbols() {
			s := o.file.Symbol(i)
			if s.Type != elf.STTFunc {
				continue
			}
			code, relos := o.function(s.Name)
			before := append([]byte(nil), code...)
			results, err := r.Apply(code, relos)
			if err != nil {
				t.Errorf("%s: %s: %v", filepath.Base(path), s.Name, err)
				continue
			}
			for j, rel := range relos {
				if ofBitfield(o.types, rel) {
					continue // the compiler may load it in another way
				}
				relocated++
				at := rel.Insn * 8
				if string(code[at:at+8]) != string(before[at:at+8]) || results[j].Failure != core.Applied {
					t.Errorf("%s: %s: insn %d: %s %s: %x became %x", filepath.Base(path), s.Name, rel.Insn, rel.Kind, rel.Access,
						before[at:at+8], code[at:at+8])
				}
			}
		}
	}
	if relocated < 50 {
		t.Errorf("only %d relocations in testdata", relocated)
	}
}

// hasFlavours says whether an object declares a type in several ways.
func hasFlavours(types *rawbtf.Spec) bool {
	for t := range types.All {
		if name := t.Name(); rawbtf.EssentialName(name) != name {
			return true
		}
	}
	return false
}

// ofBitfield says whether a relocation is about a bitfield.
func ofBitfield(types *rawbtf.Spec, rel core.Relocation) bool {
	t := types.Underlying(rel.Type)
	for i, s := range strings.Split(rel.Access, ":") {
		n, err := strconv.Atoi(s)
		switch {
		case err != nil || i == 0:
		case t.Kind == rawbtf.KindArray:
			elem, _, _ := t.Array()
			t = types.Underlying(elem)
		default:
			m := t.Member(n)
			if m.BitSize > 0 {
				return true
			}
			t = types.Underlying(m.Type)
		}
	}
	return false
}

// BenchmarkApply relocates a program of testdata for the running kernel, whose
// types have been searched before.
func BenchmarkApply(b *testing.B) {
	o, err := readObject("../../testdata/bpf/core_kinds-clang22.o")
	if err != nil {
		b.Fatal(err)
	}
	types, err := kernel.Running().Types()
	if err != nil {
		b.Skip(err)
	}
	var code []byte
	var relos []core.Relocation
	for i := range o.file.NumSymbols() {
		if s := o.file.Symbol(i); s.Type == elf.STTFunc {
			if c, r := o.function(s.Name); len(r) > len(relos) {
				code, relos = c, r
			}
		}
	}
	if len(relos) == 0 {
		b.Fatal("no relocations")
	}
	scratch := make([]byte, len(code))
	b.ReportAllocs()
	for b.Loop() {
		copy(scratch, code)
		if _, err := core.Apply(scratch, relos, o.types, types); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(len(relos)), "relos/op")
}
