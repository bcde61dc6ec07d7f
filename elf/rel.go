// SPDX-License-Identifier: MIT

package elf

// A Rel is one SHT_REL record. Loaders act on the instruction and the symbol;
// the type is kept for display.
type Rel struct {
	Offset uint64 // bytes from the start of the section being relocated
	Symbol int    // argument of File.Symbol
	Type   uint32 // R_BPF_...
}

// Rels is the relocation table of one section. The zero Rels is empty.
type Rels struct {
	f    *File
	data []byte
}

// Len returns the number of relocations.
func (r Rels) Len() int { return len(r.data) / relSize }

// At returns relocation i, in file order.
func (r Rels) At(i int) Rel {
	b := r.data[i*relSize:][:relSize:relSize]
	info := r.f.u64(b[8:])
	return Rel{Offset: r.f.u64(b), Symbol: int(info >> 32), Type: uint32(info)}
}

// Rels returns the relocations of section i, all checked to lie within the
// section and to name an existing symbol.
func (f *File) Rels(i int) (Rels, error) {
	if i < 0 || i >= f.sections || f.rels[i] == 0 {
		return Rels{}, nil
	}
	s := f.Section(int(f.rels[i]))
	fail := func(off int, format string, args ...any) (Rels, error) {
		e := &Error{Section: s.Name, Offset: uint64(off), Err: Malformed(format, args...)}
		if s.Name == "" {
			e.Offset += s.Offset // of the file, for want of a name
		}
		return Rels{}, e
	}
	if s.Size%relSize != 0 {
		return fail(0, "%d bytes are not a whole number of %d-byte relocations", s.Size, relSize)
	}
	rels := Rels{f, s.Data}
	limit := f.u64(f.header(i)[32:])
	for j := range rels.Len() {
		rel := rels.At(j)
		if rel.Offset >= limit {
			return fail(j*relSize, "relocation at %#x is outside section %q of %d bytes", rel.Offset, f.SectionName(i), limit)
		}
		if rel.Symbol >= f.NumSymbols() {
			return fail(j*relSize, "relocation of symbol %d of %d", rel.Symbol, f.NumSymbols())
		}
	}
	return rels, nil
}

// TypeName names the relocation type as LLVM's BPF back end does.
func (r Rel) TypeName() string {
	switch r.Type {
	case 0:
		return "R_BPF_NONE"
	case 1:
		return "R_BPF_64_64"
	case 2:
		return "R_BPF_64_ABS64"
	case 3:
		return "R_BPF_64_ABS32"
	case 4:
		return "R_BPF_64_NODYLD32"
	case 10:
		return "R_BPF_64_32"
	}
	return "R_BPF_unknown"
}
