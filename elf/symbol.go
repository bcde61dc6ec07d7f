// SPDX-License-Identifier: MIT

package elf

import (
	"slices"
	"strings"
	"sync"
)

// A SymbolType is the low half of st_info.
type SymbolType uint8

// Symbol types. Every clang before version 8 writes NOTYPE for functions and
// objects alike.
const (
	STTNotype  SymbolType = 0
	STTObject  SymbolType = 1
	STTFunc    SymbolType = 2
	STTSection SymbolType = 3
	STTFile    SymbolType = 4
)

// A Binding is the high half of st_info.
type Binding uint8

// Symbol bindings.
const (
	STBLocal  Binding = 0
	STBGlobal Binding = 1
	STBWeak   Binding = 2
)

// A Visibility is the low half of st_other's low nibble.
type Visibility uint8

// Symbol visibilities.
const (
	STVDefault   Visibility = 0
	STVInternal  Visibility = 1
	STVHidden    Visibility = 2
	STVProtected Visibility = 3
)

// Section indices with a meaning of their own.
const (
	SHNUndef  = 0
	SHNAbs    = 0xfff1
	SHNCommon = 0xfff2
)

// A Symbol is one entry of the symbol table.
type Symbol struct {
	Index      int
	Name       string // of a section symbol, the section's name
	Type       SymbolType
	Binding    Binding
	Visibility Visibility
	Section    int    // section index, or one of the SHN values
	Value      uint64 // bytes from the start of the section
	Size       uint64 // bytes; 0 where the compiler did not say
}

// Undefined says whether the symbol is to come from elsewhere (SHN_UNDEF): another
// object, the kernel or its configuration. Absolute and common symbols are neither
// Undefined nor Defined.
func (s Symbol) Undefined() bool { return s.Section == SHNUndef }

// Defined says whether the symbol names a place in a section of this file.
func (s Symbol) Defined() bool { return s.Section != SHNUndef && s.Section < shnLoReserve }

// Label says whether the symbol is a compiler-made mark within a function or
// object (.L, LBB, Ltmp and the like), not something a programmer named.
func (s Symbol) Label() bool {
	return s.Type == STTNotype && s.Binding == STBLocal &&
		(strings.HasPrefix(s.Name, ".L") || strings.HasPrefix(s.Name, "LBB") ||
			strings.HasPrefix(s.Name, "Ltmp") || strings.HasPrefix(s.Name, "Lfunc_"))
}

// Hidden says whether the symbol's visibility keeps it from other objects.
func (s Symbol) Hidden() bool {
	return s.Visibility == STVHidden || s.Visibility == STVInternal
}

// NumSymbols returns the number of symbols, the null symbol included.
func (f *File) NumSymbols() int { return len(f.symtab) / symbolSize }

// Symbol returns symbol i; the zero Symbol where i is out of range.
func (f *File) Symbol(i int) Symbol {
	if i < 0 || i >= f.NumSymbols() {
		return Symbol{}
	}
	r := f.symtab[i*symbolSize:][:symbolSize:symbolSize]
	s := Symbol{
		Index:      i,
		Name:       cstring(f.strtab, f.u32(r)),
		Type:       SymbolType(r[4] & 15),
		Binding:    Binding(r[4] >> 4),
		Visibility: Visibility(r[5] & 3),
		Section:    int(f.u16(r[6:])),
		Value:      f.u64(r[8:]),
		Size:       f.u64(r[16:]),
	}
	if s.Type == STTSection && s.Name == "" && s.Defined() {
		s.Name = f.SectionName(s.Section)
	}
	return s
}

// findSymbols locates the symbol table and its strings. An object without any
// is refused: nothing in it has a name.
func (f *File) findSymbols() error {
	found := -1
	for i := 1; i < f.sections; i++ {
		if SectionType(f.u32(f.header(i)[4:])) != SHTSymtab {
			continue
		}
		if found >= 0 {
			return &Error{Section: f.SectionName(i), Err: Malformed("a second symbol table")}
		}
		found = i
	}
	if found < 0 {
		return &Error{Err: Unsupported("no symbol table: the object was stripped; strip with llvm-strip -g, which keeps symbols")}
	}
	s := f.Section(found)
	if s.Size%symbolSize != 0 {
		return &Error{Section: s.Name, Err: Malformed("%d bytes are not a whole number of %d-byte symbols", s.Size, symbolSize)}
	}
	strs := f.Section(int(s.Link))
	if strs.Type != SHTStrtab {
		return &Error{Section: s.Name, Err: Malformed("names in section %d, which is no string table", s.Link)}
	}
	if n := len(strs.Data); n == 0 || strs.Data[n-1] != 0 {
		return &Error{Section: strs.Name, Offset: uint64(len(strs.Data)), Err: Malformed("string table does not end with a NUL")}
	}
	f.symtab, f.strtab = s.Data, strs.Data
	return nil
}

// checkSymbols bounds every symbol's name and, but for debug information that
// nobody reads, its place.
func (f *File) checkSymbols() error {
	for i := range f.NumSymbols() {
		r := f.symtab[i*symbolSize:][:symbolSize:symbolSize]
		at := func(err error) error {
			return &Error{Section: ".symtab", Offset: uint64(i * symbolSize), Err: err}
		}
		if name := f.u32(r); uint64(name) >= uint64(len(f.strtab)) {
			return at(Malformed("name of symbol %d at %#x is outside the %d-byte string table", i, name, len(f.strtab)))
		}
		shndx := int(f.u16(r[6:]))
		if shndx == shnXIndex {
			return at(Unsupported("symbol %d uses extended section indices (65,280 sections or more)", i))
		}
		if shndx == SHNUndef || shndx >= shnLoReserve {
			continue
		}
		if shndx >= f.sections {
			return at(Malformed("symbol %d is in section %d of %d", i, shndx, f.sections))
		}
		value, size, limit := f.u64(r[8:]), f.u64(r[16:]), f.size(shndx)
		if (value > limit || size > limit-value) && !strings.HasPrefix(f.SectionName(shndx), ".debug_") {
			return &Error{Section: f.SectionName(shndx), Offset: value, Symbol: f.Symbol(i).Name,
				Err: Malformed("symbol of %d bytes ends outside its %d-byte section", size, limit)}
		}
	}
	return nil
}

// A SymbolAt is an entry of a section's symbols in the order of their values.
type SymbolAt struct {
	Value uint64
	Index int // argument of File.Symbol
}

// symbolIndex orders the symbols of each section by value, then by their place
// in the table. It is built when first asked for.
type symbolIndex struct {
	once    sync.Once
	symbols []SymbolAt
	start   []uint32 // of section i in symbols; one more than there are sections
}

// SymbolsIn returns the symbols defined in section i, ordered by value and then
// by table index. Section, file and label symbols are left out. The slice is
// shared and must not be written.
func (f *File) SymbolsIn(i int) []SymbolAt {
	f.index.once.Do(f.buildIndex)
	if i < 0 || i >= f.sections {
		return nil
	}
	lo, hi := f.index.start[i], f.index.start[i+1]
	return f.index.symbols[lo:hi:hi]
}

func (f *File) buildIndex() {
	listed := func(i int) (section int, ok bool) {
		r := f.symtab[i*symbolSize:][:symbolSize:symbolSize]
		section = int(f.u16(r[6:]))
		switch SymbolType(r[4] & 15) {
		case STTSection, STTFile:
			return 0, false
		}
		if section == SHNUndef || section >= shnLoReserve {
			return 0, false
		}
		if r[4] == 0 { // local, no type: perhaps a label
			return section, !f.Symbol(i).Label()
		}
		return section, true
	}
	ix := &f.index
	ix.start = make([]uint32, f.sections+1)
	total := uint32(0)
	for i := 1; i < f.NumSymbols(); i++ {
		if s, ok := listed(i); ok {
			ix.start[s+1]++
			total++
		}
	}
	for i := range f.sections {
		ix.start[i+1] += ix.start[i]
	}
	ix.symbols = make([]SymbolAt, total)
	next := slices.Clone(ix.start)
	for i := 1; i < f.NumSymbols(); i++ {
		if s, ok := listed(i); ok {
			ix.symbols[next[s]] = SymbolAt{f.u64(f.symtab[i*symbolSize+8:]), i}
			next[s]++
		}
	}
	for i := range f.sections {
		slices.SortFunc(ix.symbols[ix.start[i]:ix.start[i+1]], func(a, b SymbolAt) int {
			switch {
			case a.Value < b.Value:
				return -1
			case a.Value > b.Value:
				return 1
			}
			return a.Index - b.Index
		})
	}
}

// End returns the offset at which the thing that s names ends: st_size where the
// compiler wrote one, otherwise the next symbol with another value, otherwise the
// end of the section. It returns s.Value for a symbol defined in no section.
func (f *File) End(s Symbol) uint64 {
	if !s.Defined() {
		return s.Value
	}
	if s.Size > 0 {
		return s.Value + s.Size
	}
	syms := f.SymbolsIn(s.Section)
	i, _ := slices.BinarySearchFunc(syms, s.Value, func(a SymbolAt, v uint64) int {
		if a.Value <= v {
			return -1
		}
		return 1
	})
	if i < len(syms) {
		return syms[i].Value
	}
	return f.size(s.Section)
}
