// SPDX-License-Identifier: MIT

package reloc

import (
	"cmp"
	"fmt"
	"slices"
	"sort"

	"github.com/bpfload/bpfload/btfmaps"
	"github.com/bpfload/bpfload/elf"
	"github.com/bpfload/bpfload/spec"
)

// maxSlots is how many slots the maps of one section may initialise. Each becomes an
// update of a map when the object is loaded.
const maxSlots = 1 << 16

// maxSlotWarnings is how many slots of a map are remarked upon.
const maxSlotWarnings = 100

// ResolveSlots finds the maps and programs that definitions are initialised with,
// and fills in Map.Values. Of two initialisers of one slot the last counts. A slot
// whose target is an undefined weak symbol is left empty. Errors are *[elf.Error]
// values with the place of the slot.
func (l *Linker) ResolveSlots(defs []btfmaps.Definition) ([]spec.Warning, error) {
	s := slots{l: l, defs: defs}
	for i := 0; i < len(defs); {
		section, first := defs[i].Map.Place.Index, i
		for i < len(defs) && defs[i].Map.Place.Index == section {
			i++
		}
		if err := s.section(section, first, i); err != nil {
			return nil, err
		}
	}
	return s.warnings, nil
}

type slots struct {
	l        *Linker
	defs     []btfmaps.Definition
	warnings []spec.Warning
}

// A filled slot is one that a relocation initialises.
type filled struct {
	def    int
	offset uint64 // of the relocation
	spec.Slot
}

// section resolves the slots of the definitions [first, last), which are those of
// one section, by offset.
func (s *slots) section(section, first, last int) error {
	rels, err := s.l.f.Rels(section)
	if err != nil {
		return err
	}
	elfSection := s.l.f.Section(section)
	if rels.Len() > maxSlots {
		return &elf.Error{Section: elfSection.Name, Offset: rels.At(maxSlots).Offset, Err: elf.Unsupported("%d slots of \"values\" are initialised: at most %d are read", rels.Len(), maxSlots)}
	}
	data := insns{elfSection.Data, s.l.f.BigEndian()}
	s.numbers(s.defs[first:last], rels, data)
	all := make([]filled, 0, rels.Len())
	for i := range rels.Len() {
		r := rels.At(i)
		def := first + sort.Search(last-first, func(i int) bool { return s.defs[first+i].Map.Place.Offset > r.Offset }) - 1
		if def < first {
			return &elf.Error{Section: elfSection.Name, Offset: r.Offset, Err: elf.Malformed("relocation outside every map definition")}
		}
		index, err := s.defs[def].Slot(r.Offset)
		if err != nil {
			return err
		}
		slot, ok, err := s.target(&s.defs[def], r, data)
		if err != nil {
			return err
		}
		if ok {
			slot.Index = index
			all = append(all, filled{def, r.Offset, slot})
		}
	}
	slices.SortStableFunc(all, func(a, b filled) int {
		return cmp.Or(cmp.Compare(a.def, b.def), cmp.Compare(a.Index, b.Index))
	})
	for len(all) > 0 {
		n := 1
		for n < len(all) && all[n].def == all[0].def {
			n++
		}
		def := &s.defs[all[0].def]
		if err := def.SetSlots(s.merge(def.Map, all[:n])); err != nil {
			return err
		}
		all = all[n:]
	}
	return nil
}

// numbers remarks on slots that are initialised with a number: nothing in the object
// is meant by one.
func (s *slots) numbers(defs []btfmaps.Definition, rels elf.Rels, data insns) {
	var targets []uint64 // offsets of relocations, once they are needed
	for i := range defs {
		def := &defs[i]
		if def.Values == btfmaps.NoValues {
			continue
		}
		end := min(def.Map.Place.Offset+def.Map.Place.Size, uint64(len(data.data)))
		for off := def.Map.Place.Offset + uint64(def.ValuesOffset); off+8 <= end; off += 8 {
			v := addend(data, off)
			if v == 0 {
				continue
			}
			if targets == nil {
				targets = make([]uint64, rels.Len())
				for j := range targets {
					targets[j] = rels.At(j).Offset
				}
				slices.Sort(targets)
			}
			if _, ok := slices.BinarySearch(targets, off); ok {
				continue
			}
			s.warn("slot-left-empty", def.Map, off, fmt.Sprintf("the slot is left empty: it is initialised with the number %#x, which means no map or program of the object", v))
			break // the others of the map are no better
		}
	}
}

// merge returns the slots of one map, the last of several with one index.
func (s *slots) merge(m *spec.Map, all []filled) []spec.Slot {
	out := make([]spec.Slot, 0, len(all))
	twice := 0
	for i, f := range all {
		if i > 0 && all[i-1].Index == f.Index {
			if twice++; twice > maxSlotWarnings {
				out[len(out)-1] = f.Slot
				continue
			}
			s.warn("slot-twice", m, f.offset, fmt.Sprintf("slot %d is initialised twice; %s takes the place of %s", f.Index, targetName(f.Slot), targetName(all[i-1].Slot)))
			out[len(out)-1] = f.Slot
			continue
		}
		out = append(out, f.Slot)
	}
	return out
}

func targetName(s spec.Slot) string {
	if s.Map != "" {
		return "map " + printable(s.Map)
	}
	return "program " + printable(s.Program)
}

func (s *slots) warn(code string, m *spec.Map, off uint64, message string) {
	s.warnings = append(s.warnings, spec.Warning{Code: code, Section: m.Place.Section, Offset: off, Symbol: m.Name, Message: message})
}

// target returns the map or program that a slot is initialised with; false leaves
// the slot empty.
func (s *slots) target(def *btfmaps.Definition, r elf.Rel, data insns) (slot spec.Slot, ok bool, err error) {
	m := def.Map
	fail := func(err error) (spec.Slot, bool, error) {
		return spec.Slot{}, false, &elf.Error{Section: m.Place.Section, Offset: r.Offset, Kind: "map", Symbol: m.Name, Err: err}
	}
	sym := s.l.f.Symbol(r.Symbol)
	switch {
	case sym.Undefined() && sym.Binding == elf.STBWeak:
		s.warn("slot-left-empty", m, r.Offset, fmt.Sprintf("the slot is left empty: weak symbol %q is defined nowhere in the object", sym.Name))
		return spec.Slot{}, false, nil
	case sym.Undefined():
		return fail(elf.Unsupported("slot initialised with %q, which is defined nowhere in the object: link the object that defines it with bpftool gen object", sym.Name))
	case !sym.Defined():
		return fail(undefinable(sym))
	}
	at := sym.Value + addend(data, r.Offset)
	if def.Values == btfmaps.ProgramValues {
		slot.Program, err = s.program(sym, at)
	} else {
		slot.Map, err = s.definition(sym, at)
	}
	if err != nil {
		return fail(err)
	}
	return slot, true, nil
}

// definition names the map that is defined at an offset of the symbol's section.
func (s *slots) definition(sym elf.Symbol, at uint64) (string, error) {
	index, err := s.l.definition(sym, at)
	if err != nil {
		return "", err
	}
	m := s.l.maps[index]
	if isValue(m) || m.Origin == spec.OriginStructOps {
		return "", elf.Malformed("slot initialised with %q in section %q, which is no map definition", sym.Name, m.Place.Section)
	}
	return m.Name, nil
}

// program names the program at an offset of the symbol's section: by the symbol
// where a function has several names.
func (s *slots) program(sym elf.Symbol, at uint64) (string, error) {
	fn, begins, ok := s.l.functionAt(sym.Section, at)
	if !ok {
		return "", elf.Malformed("slot initialised with section %q+%#x, where no function is", s.l.f.SectionName(sym.Section), at)
	}
	if !begins {
		return "", elf.Malformed("slot initialised with byte %d of function %q: only its start can be called", at-uint64(s.l.functions[fn].start), s.l.name(fn))
	}
	first := sort.Search(len(s.l.programs), func(i int) bool { return s.l.programs[i].function >= fn })
	for i := first; i < len(s.l.programs) && s.l.programs[i].function == fn; i++ {
		if int(s.l.programs[i].symbol) == sym.Index {
			first = i
		}
	}
	if first == len(s.l.programs) || s.l.programs[first].function != fn {
		return "", elf.Unsupported("slot initialised with function %q of section %q, which is no program: give it SEC(\"TYPE\")",
			s.l.name(fn), s.l.f.SectionName(sym.Section))
	}
	return s.l.programs[first].spec.Name, nil
}
