// SPDX-License-Identifier: MIT

package reloc

import (
	"cmp"
	"slices"
	"sort"

	"github.com/bpfload/bpfload/elf"
	"github.com/bpfload/bpfload/spec"
)

// jumpTables is the section of clang 22's tables for indirect jumps.
const jumpTables = ".jumptables"

// A mapAt is a map's place in the file.
type mapAt struct {
	section int
	offset  uint64
	index   int // in Linker.maps
}

// findMaps orders the maps by place.
func (l *Linker) findMaps() {
	l.mapsAt = make([]mapAt, 0, len(l.maps))
	for i, m := range l.maps {
		if m.Origin == spec.OriginKconfig {
			l.kconfig = i
		} else if m.Place.Index > 0 {
			l.mapsAt = append(l.mapsAt, mapAt{m.Place.Index, m.Place.Offset, i})
		}
	}
	slices.SortStableFunc(l.mapsAt, func(a, b mapAt) int {
		return cmp.Or(cmp.Compare(a.section, b.section), cmp.Compare(a.offset, b.offset))
	})
}

// mapAtOffset returns the last map of a section that begins at or before an offset.
func (l *Linker) mapAtOffset(section int, off uint64) (index int, ok bool) {
	l.mapsOnce.Do(l.findMaps)
	i := sort.Search(len(l.mapsAt), func(i int) bool {
		a := l.mapsAt[i]
		return a.section > section || a.section == section && a.offset > off
	})
	if i == 0 || l.mapsAt[i-1].section != section {
		return 0, false
	}
	return l.mapsAt[i-1].index, true
}

// definition returns the map whose definition begins at an offset of a section;
// the error says what is there instead.
func (l *Linker) definition(sym elf.Symbol, off uint64) (index int, err error) {
	index, ok := l.mapAtOffset(sym.Section, off)
	if ok {
		m := l.maps[index]
		switch into := off - m.Place.Offset; {
		case into == 0:
			return index, nil
		case into < m.Place.Size:
			return 0, elf.Malformed("reference to byte %d of the definition of map %q: only the whole map can be referred to", into, m.Name)
		}
	}
	return 0, elf.Malformed("reference to byte %d of section %q, where no map is defined", int64(off), l.f.SectionName(sym.Section))
}

// load says what a 64-bit load becomes that refers to a defined symbol, other than
// one of code.
func (l *Linker) load(sym elf.Symbol, addend int32) (Fixup, error) {
	at := sym.Value + uint64(int64(addend))
	section := l.f.Section(sym.Section)
	if section.Name == jumpTables {
		return Fixup{Kind: InsnArray, TableOffset: at}, nil
	}
	index, ok := l.mapAtOffset(sym.Section, 0)
	if ok && isValue(l.maps[index]) {
		if at > section.Size {
			return Fixup{}, elf.Malformed("reference to byte %d of section %q, which has %d", int64(at), section.Name, section.Size)
		}
		kind := MapValue
		if l.opts.Immediates && isParameter(l.maps[index]) {
			if section.Size < 4 || at > section.Size-4 {
				return Fixup{}, elf.Malformed("the value of %q is wanted, and 4 bytes at %d end outside section %q", sym.Name, int64(at), section.Name)
			}
			kind = Immediate
		}
		return Fixup{Kind: kind, Map: l.maps[index], Index: uint32(index), Offset: at}, nil
	}
	if _, ok := l.mapAtOffset(sym.Section, section.Size); !ok {
		return Fixup{}, l.foreign(sym, section)
	}
	if sym.Type != elf.STTSection && sym.Size > 0 && addend > 0 && uint64(addend) >= sym.Size {
		// The assembler of GCC 12 writes the symbol's value into the instruction,
		// too. libbpf takes no notice of addends to names of maps.
		at = sym.Value
	}
	index, err := l.definition(sym, at)
	if err != nil {
		return Fixup{}, err
	}
	if m := l.maps[index]; m.Origin == spec.OriginStructOps {
		return Fixup{}, elf.Unsupported("reference to struct_ops variable %q: programs cannot refer to those", m.Name)
	}
	return Fixup{Kind: MapFD, Map: l.maps[index], Index: uint32(index)}, nil
}

// isValue says whether instructions refer to places within the map's value.
func isValue(m *spec.Map) bool { return m.Origin == spec.OriginData || m.Origin == spec.OriginArena }

// isParameter says whether a variable in the map may stand for its value.
func isParameter(m *spec.Map) bool { return m.Name == ".data" || m.Name == ".bss" }

// foreign is the error for a reference to a section that is no map.
func (l *Linker) foreign(sym elf.Symbol, section elf.Section) error {
	if section.Flags&elf.SHFAlloc != 0 && section.Size > 0 {
		return elf.Unsupported("reference to %q in section %q, which is no map: variables belong into .data, .rodata or .bss, or one of these with a suffix", sym.Name, section.Name)
	}
	return elf.Malformed("reference to %q in section %q, which holds neither variables nor maps", sym.Name, section.Name)
}

// undefinable is the error for a symbol that is neither in a section nor extern.
func undefinable(sym elf.Symbol) error {
	switch sym.Section {
	case elf.SHNCommon:
		return elf.Unsupported("reference to %q, a tentative definition without a place: give the variable an initial value, or compile with -fno-common", sym.Name)
	case elf.SHNAbs:
		return elf.Unsupported("reference to %q, an absolute symbol", sym.Name)
	}
	return elf.Malformed("reference to %q in reserved section %#x", sym.Name, sym.Section)
}
