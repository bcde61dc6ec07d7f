// SPDX-License-Identifier: MIT

// Command carve copies the BPF objects out of files: a file that is one, and
// those inside programs, where skeletons keep them.
//
//	carve OUT FILE...
//
// An object inside PROGRAM becomes OUT/PROGRAM.N.o, N counting from 0; equal
// objects are written once.
package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

func main() {
	if len(os.Args) < 3 {
		fmt.Fprintln(os.Stderr, "usage: carve OUT FILE...")
		os.Exit(2)
	}
	seen := map[[32]byte]bool{}
	for _, file := range os.Args[2:] {
		data, err := os.ReadFile(file)
		if err == nil {
			err = carve(os.Args[1], filepath.Base(file), data, seen)
		}
		if err != nil {
			fmt.Fprintf(os.Stderr, "carve: %v\n", err)
			os.Exit(1)
		}
	}
}

func carve(out, name string, data []byte, seen map[[32]byte]bool) error {
	count := 0
	for at := 0; ; {
		i := bytes.Index(data[at:], []byte("\x7fELF"))
		if i < 0 {
			return nil
		}
		at += i
		size := objectSize(data[at:])
		if size == 0 {
			at++
			continue
		}
		object := data[at : at+size]
		to := fmt.Sprintf("%s.%d.o", name, count)
		if at == 0 {
			to = strings.TrimSuffix(name, ".o") + ".o"
		}
		at += size
		count++
		if sum := sha256.Sum256(object); !seen[sum] {
			seen[sum] = true
			if err := os.MkdirAll(out, 0o755); err != nil {
				return err
			}
			if err := os.WriteFile(filepath.Join(out, to), object, 0o644); err != nil {
				return err
			}
		}
	}
}

// objectSize returns the length of the relocatable BPF object at the start of
// data: the end of its last section or of its section headers. 0 means that
// there is none.
func objectSize(data []byte) int {
	const (
		headerSize, sectionSize = 64, 64
		relocatable, bpf        = 1, 247
		nobits                  = 8
	)
	if len(data) < headerSize || data[4] != 2 {
		return 0
	}
	var order binary.ByteOrder = binary.LittleEndian
	if data[5] == 2 {
		order = binary.BigEndian
	}
	headers, count := order.Uint64(data[40:]), uint64(order.Uint16(data[60:]))
	if order.Uint16(data[16:]) != relocatable || order.Uint16(data[18:]) != bpf || order.Uint16(data[58:]) != sectionSize {
		return 0
	}
	size := uint64(len(data))
	if headers > size || count*sectionSize > size-headers {
		return 0
	}
	end := headers + count*sectionSize
	for i := range count {
		section := data[headers+i*sectionSize:]
		offset, length := order.Uint64(section[24:]), order.Uint64(section[32:])
		if order.Uint32(section[4:]) == nobits {
			continue
		}
		if offset > size || length > size-offset {
			return 0
		}
		end = max(end, offset+length)
	}
	return int(end)
}
