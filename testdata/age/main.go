// SPDX-License-Identifier: MIT

// Age gives a BPF object the form of compilers from before BPF had a machine
// number and relocation types of its own: machine EM_NONE, and R_BPF_NONE for
// every relocation. It reads an ELF64 object from its first argument and writes
// the second.
package main

import (
	"bytes"
	"debug/elf"
	"encoding/binary"
	"fmt"
	"os"
)

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: age IN OUT")
		os.Exit(2)
	}
	if err := age(os.Args[1], os.Args[2]); err != nil {
		fmt.Fprintln(os.Stderr, "age:", err)
		os.Exit(1)
	}
}

func age(in, out string) error {
	data, err := os.ReadFile(in)
	if err != nil {
		return err
	}
	file, err := elf.NewFile(bytes.NewReader(data))
	if err != nil {
		return err
	}
	if file.Class != elf.ELFCLASS64 || file.Machine != elf.EM_BPF {
		return fmt.Errorf("%s: not an ELF64 object for BPF", in)
	}

	const (
		machine = 18 // offset of e_machine
		none    = 0  // R_BPF_NONE
	)
	file.ByteOrder.PutUint16(data[machine:], uint16(elf.EM_NONE))

	entry := binary.Size(elf.Rel64{})
	for _, s := range file.Sections {
		if s.Type != elf.SHT_REL {
			continue
		}
		for at := int(s.Offset); at+entry <= int(s.Offset+s.Size); at += entry {
			info := data[at+8:]
			symbol := elf.R_SYM64(file.ByteOrder.Uint64(info))
			file.ByteOrder.PutUint64(info, elf.R_INFO(symbol, none))
		}
	}
	return os.WriteFile(out, data, 0o644)
}
