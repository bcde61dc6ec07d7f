// SPDX-License-Identifier: MIT

// Package elftest builds small BPF objects and BTF blobs for tests, in either
// byte order, sound or deliberately not: what a test asks for is written as it is.
//
// An [Object] holds sections, symbols and relocations in the order in which they
// were added; a [BTF] holds types, an [Ext] the records of .BTF.ext.
package elftest

import (
	"encoding/binary"
	"strings"

	"github.com/bpfload/bpfload/elf"
)

// An Object is an ELF64 relocatable file under construction. The zero Object is
// an empty little-endian file of machine EM_BPF.
type Object struct {
	BigEndian bool
	NoMachine bool // e_machine EM_NONE, as LLVM 3.7 wrote it

	sections []Section
	symbols  []Symbol
	rels     []rel
}

// A Section is what [Object.Section] adds.
type Section struct {
	Name  string
	Type  elf.SectionType // 0 means SHT_PROGBITS
	Flags uint64
	Data  []byte
	Size  uint64 // where it differs from the length of Data: of a NOBITS section
	Link  uint32
	Info  uint32
	Align uint64 // 0 means 8
}

// A Symbol is what [Object.Symbol] adds.
type Symbol struct {
	Name       string
	Type       elf.SymbolType
	Binding    elf.Binding
	Visibility elf.Visibility
	Section    int
	Value      uint64
	Size       uint64
}

type rel struct {
	section int
	record  elf.Rel
}

// Order returns the byte order of the object.
func (o *Object) Order() binary.AppendByteOrder {
	if o.BigEndian {
		return binary.BigEndian
	}
	return binary.LittleEndian
}

// Section adds a section and returns its index in the finished file.
func (o *Object) Section(s Section) int {
	if s.Type == 0 {
		s.Type = elf.SHTProgbits
	}
	if s.Size == 0 {
		s.Size = uint64(len(s.Data))
	}
	if s.Align == 0 {
		s.Align = 8
	}
	o.sections = append(o.sections, s)
	return len(o.sections)
}

// Data adds a writable data section such as .maps or .data.
func (o *Object) Data(name string, data []byte) int {
	return o.Section(Section{Name: name, Flags: elf.SHFAlloc | elf.SHFWrite, Data: data})
}

// Rodata adds a read-only data section.
func (o *Object) Rodata(name string, data []byte) int {
	return o.Section(Section{Name: name, Flags: elf.SHFAlloc, Data: data})
}

// Bss adds a NOBITS section of the given size.
func (o *Object) Bss(name string, size uint64) int {
	return o.Section(Section{Name: name, Type: elf.SHTNobits, Flags: elf.SHFAlloc | elf.SHFWrite, Size: size})
}

// Code adds an executable section.
func (o *Object) Code(name string, insns ...Insn) int {
	return o.Section(Section{Name: name, Flags: elf.SHFAlloc | elf.SHFExecinstr, Data: o.Insns(insns...)})
}

// License adds the license section.
func (o *Object) License(license string) int {
	return o.Data("license", append([]byte(license), 0))
}

// BTF adds the .BTF section. All types and .BTF.ext records must have been added
// to b before.
func (o *Object) BTF(b *BTF) int {
	return o.Section(Section{Name: ".BTF", Data: b.Bytes(o.BigEndian)})
}

// Ext adds the .BTF.ext section; it must come before the call of BTF, since it
// adds names to b.
func (o *Object) Ext(e *Ext, b *BTF) int {
	return o.Section(Section{Name: ".BTF.ext", Data: e.Bytes(b, o.BigEndian)})
}

// Symbol adds a symbol and returns its index in the finished file.
func (o *Object) Symbol(s Symbol) int {
	o.symbols = append(o.symbols, s)
	return len(o.symbols)
}

// Object adds a global symbol of type OBJECT.
func (o *Object) Object(name string, section int, value, size uint64) int {
	return o.Symbol(Symbol{Name: name, Type: elf.STTObject, Binding: elf.STBGlobal, Section: section, Value: value, Size: size})
}

// Func adds a global symbol of type FUNC.
func (o *Object) Func(name string, section int, value, size uint64) int {
	return o.Symbol(Symbol{Name: name, Type: elf.STTFunc, Binding: elf.STBGlobal, Section: section, Value: value, Size: size})
}

// SectionSymbol adds the symbol that stands for a section.
func (o *Object) SectionSymbol(section int) int {
	return o.Symbol(Symbol{Type: elf.STTSection, Section: section})
}

// Extern adds an undefined symbol.
func (o *Object) Extern(name string, binding elf.Binding) int {
	return o.Symbol(Symbol{Name: name, Binding: binding})
}

// Rel adds a relocation of section at offset against symbol.
func (o *Object) Rel(section int, offset uint64, symbol int, typ uint32) {
	o.rels = append(o.rels, rel{section, elf.Rel{Offset: offset, Symbol: symbol, Type: typ}})
}

// table is a string table that hands out offsets.
type table struct {
	strings.Builder
	seen map[string]uint32
}

func (t *table) add(s string) uint32 {
	if t.seen == nil {
		t.seen = map[string]uint32{}
		t.WriteByte(0)
		t.seen[""] = 0
	}
	if off, ok := t.seen[s]; ok {
		return off
	}
	off := uint32(t.Len())
	t.seen[s] = off
	t.WriteString(s)
	t.WriteByte(0)
	return off
}

// Bytes writes the file: header, contents, section table. Relocation sections
// follow the sections that were added, in the order of their targets; then come
// .symtab, .strtab and .shstrtab.
func (o *Object) Bytes() []byte {
	order := o.Order()
	sections := append([]Section{{}}, o.sections...)
	symtab := uint32(len(sections) + o.targets())
	for target := 1; target <= len(o.sections); target++ {
		var data []byte
		for _, r := range o.rels {
			if r.section == target {
				data = order.AppendUint64(data, r.record.Offset)
				data = order.AppendUint64(data, uint64(r.record.Symbol)<<32|uint64(r.record.Type))
			}
		}
		if data != nil {
			sections = append(sections, Section{Name: ".rel" + sections[target].Name, Type: elf.SHTRel,
				Data: data, Size: uint64(len(data)), Link: symtab, Info: uint32(target), Align: 8})
		}
	}
	var names, shnames table
	names.add("")
	syms := make([]byte, 24)
	locals := uint32(1)
	for _, s := range o.symbols {
		if s.Binding == elf.STBLocal {
			locals++
		}
		syms = order.AppendUint32(syms, names.add(s.Name))
		syms = append(syms, byte(s.Binding)<<4|byte(s.Type), byte(s.Visibility))
		syms = order.AppendUint16(syms, uint16(s.Section))
		syms = order.AppendUint64(syms, s.Value)
		syms = order.AppendUint64(syms, s.Size)
	}
	sections = append(sections,
		Section{Name: ".symtab", Type: elf.SHTSymtab, Data: syms, Size: uint64(len(syms)), Link: symtab + 1, Info: locals, Align: 8},
		Section{Name: ".strtab", Type: elf.SHTStrtab, Data: []byte(names.String()), Size: uint64(names.Len()), Align: 1})
	for _, s := range sections {
		shnames.add(s.Name)
	}
	shnames.add(".shstrtab")
	sections = append(sections, Section{Name: ".shstrtab", Type: elf.SHTStrtab, Data: []byte(shnames.String()), Size: uint64(shnames.Len()), Align: 1})
	return o.write(sections, &shnames)
}

// targets counts the sections that have relocations.
func (o *Object) targets() int {
	seen := map[int]bool{}
	for _, r := range o.rels {
		if r.section >= 1 && r.section <= len(o.sections) {
			seen[r.section] = true
		}
	}
	return len(seen)
}

func (o *Object) write(sections []Section, names *table) []byte {
	order := o.Order()
	image := make([]byte, 64)
	offsets := make([]uint64, len(sections))
	for i, s := range sections {
		for len(image)%8 != 0 {
			image = append(image, 0)
		}
		offsets[i] = uint64(len(image))
		image = append(image, s.Data...)
	}
	for len(image)%8 != 0 {
		image = append(image, 0)
	}
	shoff := uint64(len(image))
	for i, s := range sections {
		if i == 0 {
			image = append(image, make([]byte, 64)...)
			continue
		}
		image = order.AppendUint32(image, names.add(s.Name))
		image = order.AppendUint32(image, uint32(s.Type))
		for _, v := range []uint64{s.Flags, 0, offsets[i], s.Size} {
			image = order.AppendUint64(image, v)
		}
		image = order.AppendUint32(image, s.Link)
		image = order.AppendUint32(image, s.Info)
		image = order.AppendUint64(image, s.Align)
		image = order.AppendUint64(image, entrySize(s.Type))
	}
	o.header(image, shoff, len(sections))
	return image
}

func entrySize(t elf.SectionType) uint64 {
	switch t {
	case elf.SHTSymtab:
		return 24
	case elf.SHTRel:
		return 16
	}
	return 0
}

func (o *Object) header(image []byte, shoff uint64, sections int) {
	order := binary.ByteOrder(binary.LittleEndian)
	encoding := byte(1)
	if o.BigEndian {
		order, encoding = binary.BigEndian, 2
	}
	copy(image, "\x7fELF")
	image[4], image[5], image[6] = 2, encoding, 1
	order.PutUint16(image[16:], 1) // ET_REL
	if !o.NoMachine {
		order.PutUint16(image[18:], 247) // EM_BPF
	}
	order.PutUint32(image[20:], 1)
	order.PutUint64(image[40:], shoff)
	order.PutUint16(image[52:], 64)
	order.PutUint16(image[58:], 64)
	order.PutUint16(image[60:], uint16(sections))
	order.PutUint16(image[62:], uint16(sections-1))
}

// Words encodes 32-bit words in the byte order of the object: a legacy map
// record, or a data section.
func (o *Object) Words(words ...uint32) []byte {
	order := o.Order()
	var out []byte
	for _, w := range words {
		out = order.AppendUint32(out, w)
	}
	return out
}
