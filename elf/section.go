// SPDX-License-Identifier: MIT

package elf

import (
	"math"
	"strings"
)

// A SectionType is sh_type.
type SectionType uint32

// Section types that BPF objects contain.
const (
	SHTNull     SectionType = 0
	SHTProgbits SectionType = 1
	SHTSymtab   SectionType = 2
	SHTStrtab   SectionType = 3
	SHTRela     SectionType = 4
	SHTNobits   SectionType = 8
	SHTRel      SectionType = 9
)

// Section flags, sh_flags.
const (
	SHFWrite      = 1 << 0
	SHFAlloc      = 1 << 1
	SHFExecinstr  = 1 << 2
	shfCompressed = 1 << 11
)

// A Section is one entry of the section table.
type Section struct {
	Index  int
	Name   string
	Type   SectionType
	Flags  uint64
	Offset uint64 // bytes from the start of the file
	Size   uint64 // bytes; of a NOBITS section a mere number
	Link   uint32
	Info   uint32
	Align  uint64

	// Data is the section's part of the file, nil for NOBITS. It is the
	// caller's input and must not be written.
	Data []byte
}

// Code says whether the section holds instructions.
func (s Section) Code() bool { return s.Type == SHTProgbits && s.Flags&SHFExecinstr != 0 }

// NumSections returns the number of sections, the null section included.
func (f *File) NumSections() int { return f.sections }

// Section returns section i; the zero Section where i is out of range, and for the
// null section, whatever its header says.
func (f *File) Section(i int) Section {
	if i <= 0 || i >= f.sections {
		return Section{}
	}
	h := f.header(i)
	s := Section{
		Index:  i,
		Name:   cstring(f.shstrtab, f.u32(h)),
		Type:   SectionType(f.u32(h[4:])),
		Flags:  f.u64(h[8:]),
		Offset: f.u64(h[24:]),
		Size:   f.size(i),
		Link:   f.u32(h[40:]),
		Info:   f.u32(h[44:]),
		Align:  f.u64(h[48:]),
	}
	if s.Type != SHTNobits && s.Type != SHTNull {
		s.Data = f.data[s.Offset : s.Offset+s.Size : s.Offset+s.Size]
	}
	return s
}

// SectionNamed returns the first section of that name.
func (f *File) SectionNamed(name string) (Section, bool) {
	for i := 1; i < f.sections; i++ {
		if cstring(f.shstrtab, f.u32(f.header(i))) == name {
			return f.Section(i), true
		}
	}
	return Section{}, false
}

// SectionName returns the name of section i, "" where i is out of range or 0.
func (f *File) SectionName(i int) string {
	if i <= 0 || i >= f.sections {
		return ""
	}
	return cstring(f.shstrtab, f.u32(f.header(i)))
}

func (f *File) header(i int) []byte {
	return f.data[f.shoff+uint64(i)*sectionSize:][:sectionSize:sectionSize]
}

// size returns the bytes of section i: none of an inactive one (SHT_NULL), to whose
// other fields the format gives no meaning.
func (f *File) size(i int) uint64 {
	h := f.header(i)
	if SectionType(f.u32(h[4:])) == SHTNull {
		return 0
	}
	return f.u64(h[32:])
}

// checkSections bounds every header, so that Section and the accessors of the
// symbol and relocation tables cannot fail.
func (f *File) checkSections() error {
	at := func(off uint64, err error) error { return &Error{Offset: off, Err: err} }
	size := uint64(len(f.data))
	f.shoff = f.u64(f.data[40:])
	if f.shoff == 0 {
		return at(40, Malformed("no section table"))
	}
	if n := f.u16(f.data[58:]); n != sectionSize {
		return at(58, Malformed("section headers of %d bytes, want %d", n, sectionSize))
	}
	if f.shoff < headerSize || f.shoff > size || size-f.shoff < sectionSize {
		return at(40, Malformed("section table at %#x is outside the %d-byte file", f.shoff, size))
	}
	// With 0xff00 sections or more the count and the index of the name table
	// move to the null section's header.
	count := uint64(f.u16(f.data[60:]))
	if count == 0 {
		count = f.u64(f.data[f.shoff+32:])
	}
	strndx := uint64(f.u16(f.data[62:]))
	if strndx == shnXIndex {
		strndx = uint64(f.u32(f.data[f.shoff+40:]))
	}
	if count == 0 || count > (size-f.shoff)/sectionSize || count > math.MaxInt32 {
		return at(60, Malformed("%d section headers at %#x do not fit the %d-byte file", count, f.shoff, size))
	}
	f.sections = int(count)
	if strndx == 0 || strndx >= count {
		return at(62, Malformed("section name table index %d of %d sections", strndx, count))
	}
	tableEnd := f.shoff + count*sectionSize
	for i := 1; i < f.sections; i++ {
		h := f.header(i)
		typ, off, n := SectionType(f.u32(h[4:])), f.u64(h[24:]), f.u64(h[32:])
		if typ == SHTNobits || typ == SHTNull {
			continue
		}
		here := f.shoff + uint64(i)*sectionSize
		if off > size || n > size-off {
			return at(here, Malformed("section %d claims %d bytes at %#x of a %d-byte file", i, n, off, size))
		}
		if n > 0 && (off < headerSize || off < tableEnd && off+n > f.shoff) {
			return at(here, Malformed("section %d (%d bytes at %#x) overlaps the ELF headers", i, n, off))
		}
	}
	h := f.header(int(strndx))
	if t := SectionType(f.u32(h[4:])); t != SHTStrtab {
		return at(f.shoff+strndx*sectionSize, Malformed("section name table has type %d, want %d (SHT_STRTAB)", t, SHTStrtab))
	}
	tab := f.data[f.u64(h[24:]):][:f.u64(h[32:])]
	if len(tab) == 0 || tab[len(tab)-1] != 0 {
		return at(f.shoff+strndx*sectionSize, Malformed("section name table does not end with a NUL"))
	}
	f.shstrtab = tab
	for i := 1; i < f.sections; i++ {
		if name := f.u32(f.header(i)); uint64(name) >= uint64(len(tab)) {
			return at(f.shoff+uint64(i)*sectionSize, Malformed("name of section %d at %#x is outside the %d-byte name table", i, name, len(tab)))
		}
	}
	return f.checkKinds()
}

// checkKinds refuses sections that overlap, and the forms of a section that nothing here reads, where the
// section matters to a loader, and notes the relocation section of each target.
func (f *File) checkKinds() error {
	f.rels = make([]uint32, f.sections)
	if err := f.checkOverlaps(f.rels); err != nil {
		return err
	}
	clear(f.rels)
	for i := 1; i < f.sections; i++ {
		s := f.Section(i)
		if s.Flags&shfCompressed != 0 && !strings.HasPrefix(s.Name, ".debug_") {
			return &Error{Section: s.Name, Err: Unsupported("the section is compressed: link without --compress-sections")}
		}
		if s.Type != SHTRel && s.Type != SHTRela {
			continue
		}
		target := int(s.Info)
		if target <= 0 || target >= f.sections {
			return &Error{Section: s.Name, Err: Malformed("relocations for section %d of %d", target, f.sections)}
		}
		if s.Type == SHTRela {
			// Unwind tables of some old compilers come with RELA; no program
			// refers to them.
			if t := f.Section(target); t.Flags&SHFAlloc != 0 && t.Name != ".eh_frame" {
				return &Error{Section: s.Name, Err: Unsupported("relocations with addends (SHT_RELA) for section %q: BPF objects use SHT_REL", t.Name)}
			}
			continue
		}
		if f.rels[target] != 0 {
			return &Error{Section: s.Name, Err: Unsupported("a second relocation section for section %q", f.SectionName(target))}
		}
		f.rels[target] = uint32(i)
	}
	return nil
}
