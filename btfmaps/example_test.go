// SPDX-License-Identifier: MIT

package btfmaps_test

import (
	"fmt"
	"os"

	"github.com/bpfload/bpfload/btfmaps"
	"github.com/bpfload/bpfload/elf"
	"github.com/bpfload/bpfload/rawbtf"
)

func ExampleDecode() {
	data, err := os.ReadFile("../testdata/bpf/tailcall.o")
	if err != nil {
		panic(err)
	}
	f, err := elf.Parse(data)
	if err != nil {
		panic(err)
	}
	s, _ := f.SectionNamed(".BTF")
	types, err := rawbtf.Parse(s.Data, nil)
	if err != nil {
		panic(err)
	}
	defs, _, err := btfmaps.Decode(f, types, btfmaps.Options{})
	if err != nil {
		panic(err)
	}
	for _, d := range defs {
		fmt.Println(d.Map.Name, d.Map.Type, d.Map.MaxEntries, d.Values == btfmaps.ProgramValues)
	}
	// Output: steps ProgramArray 4 true
}
