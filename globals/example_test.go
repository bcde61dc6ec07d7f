// SPDX-License-Identifier: MIT

package globals_test

import (
	"fmt"
	"os"

	"github.com/bpfload/bpfload/elf"
	"github.com/bpfload/bpfload/globals"
	"github.com/bpfload/bpfload/rawbtf"
)

func ExampleDecode() {
	data, err := os.ReadFile("../testdata/bpf/data_pointers.o")
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
	maps, vars, warnings, err := globals.Decode(f, types)
	if err != nil {
		panic(err)
	}
	for _, m := range maps {
		fmt.Println(m.Name, m.ValueSize, m.Frozen)
	}
	fmt.Println(vars[0].Name, vars[0].Section, vars[0].Offset, vars[0].Size)
	fmt.Println(warnings[0])
	// Output:
	// .data 56 false
	// .rodata 24 true
	// .bss 16 false
	// target .data 0 4
	// section ".data"+0x8 ("in_data"): the pointer to "target" is lost: the kernel cannot relocate data, and programs read NULL
}
