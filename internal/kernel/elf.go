// SPDX-License-Identifier: MIT

package kernel

import (
	"bytes"
	"encoding/binary"

	"github.com/bpfload/bpfload/elf"
)

func isELF(data []byte) bool { return bytes.HasPrefix(data, []byte("\x7fELF")) }

// btfSection returns the .BTF section of an ELF64 file of any type and machine: a
// vmlinux, or an object made to carry types. Package elf reads BPF objects only.
func btfSection(data []byte) ([]byte, error) {
	bad := func(off uint64, format string, args ...any) ([]byte, error) {
		return nil, &elf.Error{Offset: off, Err: elf.Malformed(format, args...)}
	}
	if len(data) < 64 {
		return bad(0, "an ELF file of %d bytes", len(data))
	}
	if data[4] != 2 {
		return bad(4, "ELF class %d, want 2 (64-bit)", data[4])
	}
	order := binary.ByteOrder(binary.LittleEndian)
	if data[5] == 2 {
		order = binary.BigEndian
	}
	size := uint64(len(data))
	table, count := order.Uint64(data[40:]), uint64(order.Uint16(data[60:]))
	const header = 64
	if table < header || table > size || count > (size-table)/header {
		return bad(40, "a section table of %d entries at %#x does not fit the file", count, table)
	}
	section := func(i uint64) (name uint32, contents []byte, ok bool) {
		h := data[table+i*header:][:header]
		off, n := order.Uint64(h[24:]), order.Uint64(h[32:])
		if off > size || n > size-off {
			return order.Uint32(h), nil, false
		}
		return order.Uint32(h), data[off:][:n:n], true
	}
	strndx := uint64(order.Uint16(data[62:]))
	if strndx >= count {
		return bad(62, "section name table %d of %d sections", strndx, count)
	}
	_, names, ok := section(strndx)
	if !ok {
		return bad(table+strndx*header, "the section name table lies outside the file")
	}
	for i := uint64(1); i < count; i++ {
		name, contents, ok := section(i)
		if uint64(name) < uint64(len(names)) && bytes.HasPrefix(names[name:], []byte(".BTF\x00")) {
			if !ok {
				return bad(table+i*header, "section .BTF lies outside the file")
			}
			return contents, nil
		}
	}
	return nil, &elf.Error{Err: elf.Unsupported("the file has no .BTF section")}
}
