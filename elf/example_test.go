// SPDX-License-Identifier: MIT

package elf_test

import (
	"fmt"
	"os"

	"github.com/bpfload/bpfload/elf"
)

func ExampleParse() {
	data, err := os.ReadFile("../testdata/bpf/tailcall.o")
	if err != nil {
		panic(err)
	}
	f, err := elf.Parse(data)
	if err != nil {
		panic(err)
	}
	s, _ := f.SectionNamed(".maps")
	for _, at := range f.SymbolsIn(s.Index) {
		sym := f.Symbol(at.Index)
		fmt.Printf("%s: %s+%d to %d\n", sym.Name, s.Name, sym.Value, f.End(sym))
	}
	rels, err := f.Rels(s.Index)
	if err != nil {
		panic(err)
	}
	for i := range rels.Len() {
		r := rels.At(i)
		fmt.Printf("%d points at %s\n", r.Offset, f.Symbol(r.Symbol).Name)
	}
	// Output:
	// steps: .maps+0 to 48
	// 24 points at ipv4
	// 40 points at ipv6
}
