// SPDX-License-Identifier: MIT

package reloc_test

import (
	"fmt"
	"log"
	"os"

	"github.com/bpfload/bpfload/btfmaps"
	"github.com/bpfload/bpfload/elf"
	"github.com/bpfload/bpfload/globals"
	"github.com/bpfload/bpfload/rawbtf"
	"github.com/bpfload/bpfload/reloc"
)

// An object's programs, linked: what each is made of and which maps it wants.
func Example() {
	data, err := os.ReadFile("../testdata/bpf/tailcall.o")
	if err != nil {
		log.Fatal(err)
	}
	file, err := elf.Parse(data)
	if err != nil {
		log.Fatal(err)
	}
	section, _ := file.SectionNamed(".BTF")
	types, err := rawbtf.Parse(section.Data, nil)
	if err != nil {
		log.Fatal(err)
	}
	defs, _, err := btfmaps.Decode(file, types, btfmaps.Options{})
	if err != nil {
		log.Fatal(err)
	}
	maps, _, _, err := globals.Decode(file, types)
	if err != nil {
		log.Fatal(err)
	}
	for i := range defs {
		maps = append(maps, defs[i].Map)
	}
	linker, err := reloc.New(file, types, nil, maps, reloc.Options{})
	if err != nil {
		log.Fatal(err)
	}
	if _, err := linker.ResolveSlots(defs); err != nil {
		log.Fatal(err)
	}
	for _, p := range linker.Programs() {
		code, err := linker.Link(p)
		if err != nil {
			log.Fatal(err)
		}
		fmt.Printf("%s %s:", p.Type, p.Name)
		for _, f := range code.Fixups {
			fmt.Printf(" %s %s", f.Kind, f.Map.Name)
		}
		fmt.Println()
	}
	for _, slot := range defs[0].Map.Values {
		fmt.Printf("%s[%d] = %s\n", defs[0].Map.Name, slot.Index, slot.Program)
	}
	// Output:
	// XDP ipv4: value .bss
	// XDP ipv6: value .bss
	// XDP entry: map steps value .bss
	// steps[0] = ipv4
	// steps[2] = ipv6
}
