// SPDX-License-Identifier: MIT

// Package globals describes the global variables of an object: the data sections
// that become maps of one element, and the variables within them.
//
// [Decode] takes .data, .rodata and .bss, with any suffix after a dot, and the
// arena section .addr_space.1; [Kconfig] lays out the virtual section of externs
// that the kernel's configuration fills in. Both only read the object; a section's
// bytes are shared with the file and a .bss is nothing but a size.
package globals

import (
	"math"
	"strings"

	"github.com/cilium/ebpf"

	"github.com/bpfload/bpfload/elf"
	"github.com/bpfload/bpfload/internal/datasec"
	"github.com/bpfload/bpfload/rawbtf"
	"github.com/bpfload/bpfload/spec"
)

// Flags of data maps, from include/uapi/linux/bpf.h.
const (
	flagReadOnlyProgram = 1 << 7  // BPF_F_RDONLY_PROG
	flagMmapable        = 1 << 10 // BPF_F_MMAPABLE
)

// An object that has more than these is refused before anything is made of it: a
// table of symbols costs a file little, and a description of each a lot.
const (
	maxVariables = 1 << 16
	maxSections  = 1 << 14
)

// ArenaSection holds the initial contents of an object's arena.
const ArenaSection = ".addr_space.1"

// Decode returns a map for each data section that is not empty, in the order of
// the sections, and the variables of all of them, by offset within each. A map is
// named like its section. Types may be nil: variables then have no type.
//
// Maps that hold a variable visible outside the object may be mapped into user
// space, as libbpf decides it; hidden variables count as static. A pointer stored
// in data gives a warning, since neither the loader nor the kernel can make it
// point anywhere.
func Decode(f *elf.File, types *rawbtf.Spec) ([]*spec.Map, []spec.Variable, []spec.Warning, error) {
	d := decoder{f: f, types: types}
	symbols, sections := 0, 0
	for i := 1; i < f.NumSections(); i++ {
		if !isData(f, i) {
			continue
		}
		symbols += len(f.SymbolsIn(i))
		if sections++; sections > maxSections {
			return nil, nil, nil, &elf.Error{Section: f.SectionName(i), Err: elf.Unsupported("more than %d data sections", maxSections)}
		}
		if symbols > maxVariables {
			return nil, nil, nil, &elf.Error{Section: f.SectionName(i), Err: elf.Unsupported("more than %d variables", maxVariables)}
		}
	}
	if symbols > 0 {
		d.vars = make([]spec.Variable, 0, symbols)
	}
	for i := 1; i < f.NumSections(); i++ {
		if !isData(f, i) {
			continue
		}
		if err := d.section(f.Section(i)); err != nil {
			return nil, nil, nil, err
		}
	}
	return d.maps, d.vars, d.warnings, nil
}

// isData says whether section i holds variables.
func isData(f *elf.File, i int) bool {
	if !isDataName(f.SectionName(i)) {
		return false
	}
	s := f.Section(i)
	return s.Size > 0 && !s.Code() && (s.Type == elf.SHTProgbits || s.Type == elf.SHTNobits)
}

// isDataName says whether a section of that name holds variables.
func isDataName(name string) bool {
	for _, base := range []string{".data", ".rodata", ".bss"} {
		if rest, ok := strings.CutPrefix(name, base); ok && (rest == "" || rest[0] == '.') {
			return true
		}
	}
	return name == ArenaSection
}

type decoder struct {
	f        *elf.File
	types    *rawbtf.Spec
	maps     []*spec.Map
	vars     []spec.Variable
	warnings []spec.Warning
}

func (d *decoder) section(s elf.Section) error {
	if s.Size > math.MaxUint32 {
		return &elf.Error{Section: s.Name, Err: elf.Unsupported("%d bytes of variables: the value of a map holds at most %d", s.Size, uint32(math.MaxUint32))}
	}
	m := &spec.Map{
		Name:       s.Name,
		Type:       ebpf.Array,
		KeySize:    4,
		ValueSize:  uint32(s.Size),
		MaxEntries: 1,
		Origin:     spec.OriginData,
		Place:      spec.Place{Section: s.Name, Index: s.Index, Size: s.Size},
		Contents:   s.Data,
	}
	if d.types != nil {
		if sec, ok := d.types.Datasec(s.Name); ok {
			m.ValueType = sec.ID
		}
	}
	first := len(d.vars)
	exported := d.variables(m, s)
	switch {
	case s.Name == ArenaSection:
		// An arena has neither keys nor values; its size is that of the map in
		// .maps.
		m.Type, m.Origin = ebpf.Arena, spec.OriginArena
		m.KeySize, m.ValueSize, m.MaxEntries, m.ValueType = 0, 0, 0, 0
	case strings.HasPrefix(s.Name, ".rodata"):
		m.Flags, m.Frozen = flagReadOnlyProgram, true
	}
	if exported && m.Origin == spec.OriginData {
		m.Flags |= flagMmapable
	}
	d.maps = append(d.maps, m)
	return d.pointers(s, d.vars[first:])
}

// variables appends the variables of section s, and says whether BTF has one that
// is visible outside the object.
func (d *decoder) variables(m *spec.Map, s elf.Section) (exported bool) {
	for _, v := range datasec.Variables(d.f, d.types, s) {
		sym := d.f.Symbol(v.Symbol)
		if v.Var == 0 && v.Size == 0 || sym.Type == elf.STTFunc {
			continue // a mark, such as the section's end
		}
		out := spec.Variable{Name: sym.Name, Section: s.Name, Offset: v.Offset, Size: v.Size, Static: sym.Binding == elf.STBLocal, Map: m}
		if v.Var != 0 {
			t := d.types.Type(v.Var)
			exported = exported || t.Linkage() != rawbtf.LinkageStatic && !sym.Hidden()
			if v.Symbol == 0 {
				out.Name, out.Static = t.Name(), true
			}
			d.addType(&out, sym, t.SizeOrType)
		}
		d.vars = append(d.vars, out)
	}
	return exported
}

// addType notes the variable's type, unless the symbol has no room for it.
func (d *decoder) addType(v *spec.Variable, sym elf.Symbol, id rawbtf.ID) {
	size, ok := d.types.Size(id)
	if !ok || size > v.Size {
		d.warnings = append(d.warnings, spec.Warning{Code: "variable-type", Section: v.Section, Offset: v.Offset, Symbol: v.Name,
			Message: "the variable's BTF type does not fit the size of its symbol; it is treated as bytes"})
		return
	}
	v.Type = id
	if sym.Size == 0 && size > 0 {
		v.Size = size // the symbol does not say where padding begins
	}
}
