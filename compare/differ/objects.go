// SPDX-License-Identifier: MIT

package main

import (
	"debug/elf"
	"io/fs"
	"os"
	"path/filepath"
)

// findObjects returns the paths, relative to folder, of all relocatable BPF
// objects in it, in lexical order.
func findObjects(folder string) ([]string, error) {
	var objects []string
	err := filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.Type().IsRegular() || !isObject(path) {
			return err
		}
		name, err := filepath.Rel(folder, path)
		objects = append(objects, name)
		return err
	})
	return objects, err
}

// isObject looks at the ELF header only: a broken object is still one.
func isObject(path string) bool {
	in, err := os.Open(path)
	if err != nil {
		return false
	}
	defer in.Close()
	var head [20]byte
	if n, _ := in.Read(head[:]); n < len(head) || string(head[:4]) != elf.ELFMAG {
		return false
	}
	half := func(at int) uint16 {
		if elf.Data(head[elf.EI_DATA]) == elf.ELFDATA2MSB {
			return uint16(head[at])<<8 | uint16(head[at+1])
		}
		return uint16(head[at+1])<<8 | uint16(head[at])
	}
	machine := elf.Machine(half(18))
	return elf.Type(half(16)) == elf.ET_REL && (machine == elf.EM_BPF || machine == elf.EM_NONE)
}
