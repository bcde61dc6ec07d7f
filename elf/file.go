// SPDX-License-Identifier: MIT

// Package elf reads BPF objects: relocatable ELF64 files of machine EM_BPF, or
// EM_NONE as the first LLVM versions wrote them, in either byte order.
//
// [Parse] checks the headers, section table, symbol table and string tables once,
// against the length of the file, and keeps nothing but sub-slices of the input:
// sections, symbols and relocations are decoded when asked for. The input must
// not change while the File is in use. Package elf knows nothing of maps, BTF or
// the kernel, and never reads beyond the bytes it was given.
package elf

import (
	"bytes"
	"encoding/binary"
	"unsafe"
)

// Sizes of the ELF64 records, from the ELF-64 object file format.
const (
	headerSize  = 64
	sectionSize = 64
	symbolSize  = 24
	relSize     = 16
)

// Values of the ELF specification that a BPF object uses.
const (
	classELF64   = 2
	dataLSB      = 1
	dataMSB      = 2
	versionOne   = 1
	typeRel      = 1
	machineNone  = 0
	machineBPF   = 247
	shnLoReserve = 0xff00
	shnXIndex    = 0xffff
)

// A File is a parsed object. Its methods may be called from several goroutines.
type File struct {
	data     []byte
	big      bool
	machine  uint16
	shoff    uint64
	sections int
	shstrtab []byte
	symtab   []byte // raw symbol records
	strtab   []byte // names of the symbols
	rels     []uint32
	index    symbolIndex
}

// Parse checks data as a BPF object. The error is an *[Error] that wraps
// [ErrMalformed] or [ErrUnsupported] and gives the place.
func Parse(data []byte) (*File, error) {
	f := &File{data: data}
	if err := f.parseHeader(); err != nil {
		return nil, err
	}
	if err := f.checkSections(); err != nil {
		return nil, err
	}
	if err := f.findSymbols(); err != nil {
		return nil, err
	}
	if err := f.checkSymbols(); err != nil {
		return nil, err
	}
	return f, nil
}

// ByteOrder returns the byte order of the object.
func (f *File) ByteOrder() binary.ByteOrder {
	if f.big {
		return binary.BigEndian
	}
	return binary.LittleEndian
}

// BigEndian says whether the object was compiled for a big-endian machine.
func (f *File) BigEndian() bool { return f.big }

// Machine returns e_machine: 247 (EM_BPF) or 0 (EM_NONE).
func (f *File) Machine() uint16 { return f.machine }

// Size returns the length of the file in bytes.
func (f *File) Size() int { return len(f.data) }

func (f *File) parseHeader() error {
	at := func(off uint64, err error) error { return &Error{Offset: off, Err: err} }
	h := f.data
	if len(h) < 4 || !bytes.Equal(h[:4], []byte("\x7fELF")) {
		return at(0, Malformed("not an ELF file%s", looksLike(h)))
	}
	if len(h) < headerSize {
		return at(uint64(len(h)), Malformed("file ends within the %d-byte ELF header", headerSize))
	}
	if h[4] != classELF64 {
		return at(4, Unsupported("ELF class %d: BPF objects are 64-bit (class %d)", h[4], classELF64))
	}
	switch h[5] {
	case dataLSB:
	case dataMSB:
		f.big = true
	default:
		return at(5, Malformed("unknown byte order %d", h[5]))
	}
	if h[6] != versionOne {
		return at(6, Malformed("unknown ELF version %d", h[6]))
	}
	if t := f.u16(h[16:]); t != typeRel {
		return at(16, Unsupported("ELF type %d (%s): want a relocatable file as clang -c writes it", t, typeName(t)))
	}
	f.machine = f.u16(h[18:])
	if f.machine != machineBPF && f.machine != machineNone {
		return at(18, Unsupported("machine %d is not BPF (%d): compile with -target bpf", f.machine, machineBPF))
	}
	return nil
}

func typeName(t uint16) string {
	switch t {
	case 0:
		return "none"
	case 2:
		return "executable"
	case 3:
		return "shared object"
	case 4:
		return "core dump"
	}
	return "unknown"
}

func (f *File) u16(b []byte) uint16 {
	if f.big {
		return binary.BigEndian.Uint16(b)
	}
	return binary.LittleEndian.Uint16(b)
}

func (f *File) u32(b []byte) uint32 {
	if f.big {
		return binary.BigEndian.Uint32(b)
	}
	return binary.LittleEndian.Uint32(b)
}

func (f *File) u64(b []byte) uint64 {
	if f.big {
		return binary.BigEndian.Uint64(b)
	}
	return binary.LittleEndian.Uint64(b)
}

// cstring returns the NUL-terminated string at off, without copying. The caller
// has checked that tab ends with a NUL and that off lies within it.
func cstring(tab []byte, off uint32) string {
	s := tab[off:]
	n := bytes.IndexByte(s, 0)
	if n <= 0 {
		return ""
	}
	return unsafe.String(&s[0], n)
}
