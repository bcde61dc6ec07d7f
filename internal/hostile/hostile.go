// SPDX-License-Identifier: MIT

// Package hostile builds objects that lie, recurse, overflow or swell. They are
// made by code, so that nobody has to trust, or store, what a fuzzer or a
// malicious compiler might have written.
//
// Each [Object] says what is to become of it. The tests of this package hold the
// real command to that, and to limits of time and memory.
package hostile

import (
	"encoding/binary"

	"github.com/bpfload/bpfload/elf"
	"github.com/bpfload/bpfload/internal/elftest"
	"github.com/bpfload/bpfload/rawbtf"
)

// An Object is one hostile file.
type Object struct {
	Name string
	// Want is part of the error that reading it ends with; "" for an object that
	// can be described for all its oddness.
	Want string
	// Program says that the error is that of one program, and part of the
	// description of the whole.
	Program bool
	Build   func() []byte
}

// Objects returns all of them, by subject.
func Objects() []Object {
	var all []Object
	for _, some := range [][]Object{headers, symbols, types, lines, maps, code, names} {
		all = append(all, some...)
	}
	return all
}

// Sound is an object of one program that nothing is wrong with.
func Sound() []byte {
	o := &elftest.Object{}
	program(o)
	return o.Bytes()
}

const (
	million = 1_000_000
	gib     = 1 << 30
)

// The fields of ELF64 that builders lie about.
const (
	headerSectionOffset = 40
	headerSectionSize   = 58
	headerSectionCount  = 60
	headerNames         = 62

	sectionName   = 0
	sectionType   = 4
	sectionFlags  = 8
	sectionOffset = 24
	sectionSize   = 32
	sectionLink   = 40
	sectionInfo   = 44
	sectionEntry  = 56
)

// A patched image is one whose headers are written over.
type patched []byte

// build finishes an object that patch then makes lie.
func build(o *elftest.Object, patch func(p patched)) []byte {
	image := o.Bytes()
	if patch != nil {
		patch(image)
	}
	return image
}

func (p patched) put64(at int, v uint64) { binary.LittleEndian.PutUint64(p[at:], v) }
func (p patched) put32(at int, v uint32) { binary.LittleEndian.PutUint32(p[at:], v) }
func (p patched) put16(at int, v uint16) { binary.LittleEndian.PutUint16(p[at:], v) }

// section returns where the header of a section is.
func (p patched) section(index int) int {
	return int(binary.LittleEndian.Uint64(p[headerSectionOffset:])) + 64*index
}

// sections counts them.
func (p patched) sections() int { return int(binary.LittleEndian.Uint16(p[headerSectionCount:])) }

// last returns the header of a section counted from the end: 1 is .shstrtab, 2
// .strtab, 3 .symtab.
func (p patched) last(n int) int { return p.section(p.sections() - n) }

// program adds a section with one program that returns 0.
func program(o *elftest.Object) (section int) {
	section = o.Code("xdp", elftest.Ret0, elftest.Exit)
	o.Func("main", section, 0, 16)
	o.License("GPL")
	return section
}

// function adds a function symbol of n instructions.
func function(o *elftest.Object, name string, section, at, n int) int {
	return o.Func(name, section, uint64(8*at), uint64(8*n))
}

// definition is a map of .maps under construction: its variable and its struct.
func definition(b *elftest.BTF, name string, size uint32, members ...elftest.Member) rawbtf.ID {
	for i := range members {
		members[i].Bits = uint32(64 * i)
	}
	return b.Var(name, b.Struct("", size, members...), rawbtf.LinkageGlobal)
}

// oneMap is an object with a program and one map whose members the caller makes;
// the last of them ends the struct.
func oneMap(members func(b *elftest.BTF) []elftest.Member) []byte {
	o := &elftest.Object{}
	program(o)
	b := &elftest.BTF{}
	list := members(b)
	size := uint32(8 * len(list))
	v := definition(b, "m", size, list...)
	b.Datasec(".maps", size, rawbtf.VarSecinfo{Type: v, Size: size})
	o.Object("m", o.Data(".maps", make([]byte, size)), 0, uint64(size))
	o.BTF(b)
	return o.Bytes()
}

// hash are the members of a hash map whose keys the caller chooses.
func hash(b *elftest.BTF, key rawbtf.ID) []elftest.Member {
	u32 := b.Int("unsigned int", 4, 0)
	return []elftest.Member{
		{Name: "type", Type: b.Uint(1)},
		{Name: "key", Type: b.Ptr(key)},
		{Name: "value", Type: b.Ptr(u32)},
		{Name: "max_entries", Type: b.Uint(16)},
	}
}

// variable is an object with one variable in .data, of the type that the caller
// makes.
func variable(size uint32, typ func(b *elftest.BTF) rawbtf.ID) []byte {
	o := &elftest.Object{}
	program(o)
	b := &elftest.BTF{}
	v := b.Var("x", typ(b), rawbtf.LinkageGlobal)
	b.Datasec(".data", 0, rawbtf.VarSecinfo{Type: v, Size: size})
	o.Object("x", o.Data(".data", make([]byte, size)), 0, uint64(size))
	o.BTF(b)
	return o.Bytes()
}

// relocation types of BPF.
const (
	rel64    = 1  // of a 64-bit load
	relAbs64 = 2  // of data
	relCall  = 10 // of a call
)

const alloc = elf.SHFAlloc
