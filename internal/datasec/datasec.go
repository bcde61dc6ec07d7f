// SPDX-License-Identifier: MIT

// Package datasec pairs the ELF symbols of a data section with the BTF variables
// of the datasec that has the section's name.
//
// Symbols decide where a variable lies, BTF says of what type it is. The offsets
// and sizes of a datasec are not believed where there is a symbol: a compiler
// leaves them 0, and bpftool's linker writes wrong ones for variables that one of
// its inputs only declared.
package datasec

import (
	"cmp"
	"slices"
	"strings"

	"github.com/bpfload/bpfload/elf"
	"github.com/bpfload/bpfload/rawbtf"
)

// A Variable is one object of a data section.
type Variable struct {
	Offset uint64    // bytes from the start of the section
	Size   uint64    // bytes
	Symbol int       // argument of elf.File.Symbol, 0 where only BTF knows the variable
	Var    rawbtf.ID // its BTF variable, 0 where BTF has none
}

// Variables returns what section contains, ordered by offset and then by place in
// the symbol table. Types may be nil. Static variables whose symbol was stripped
// are taken from BTF.
func Variables(f *elf.File, types *rawbtf.Spec, section elf.Section) []Variable {
	symbols := f.SymbolsIn(section.Index)
	vars := make([]Variable, len(symbols))
	m := newMatcher(types, section.Name)
	for i, at := range symbols {
		s := f.Symbol(at.Index)
		vars[i] = Variable{Offset: s.Value, Size: f.End(s) - s.Value, Symbol: s.Index, Var: m.match(s)}
	}
	return m.addStripped(vars, section.Size)
}

// A matcher hands out each entry of a datasec once.
type matcher struct {
	types  *rawbtf.Spec
	sec    rawbtf.Type // void if there is none
	used   []bool
	next   int     // the entry after the last one handed out: compilers keep the order
	byName []entry // ordered by name and offset, made when the order was not kept
}

// An entry is one of a datasec's, prepared for searching.
type entry struct {
	name   string
	offset uint32
	index  uint16
}

func (e entry) compare(name string, offset uint64) int {
	return cmp.Or(strings.Compare(e.name, name), cmp.Compare(uint64(e.offset), offset))
}

func newMatcher(types *rawbtf.Spec, name string) *matcher {
	m := &matcher{types: types}
	if types != nil {
		if sec, ok := types.Datasec(name); ok {
			m.sec, m.used = sec, make([]bool, sec.Vlen)
		}
	}
	return m
}

// variable returns the variable of entry i; void if the entry is something else.
func (m *matcher) variable(i int) rawbtf.Type {
	if v := m.types.Type(m.sec.VarSecinfo(i).Type); v.Kind == rawbtf.KindVar {
		return v
	}
	return rawbtf.Type{}
}

// match returns the BTF variable of symbol s, or 0. Static variables of several
// linked objects may share a name; then linkage and offset tell them apart, and
// last their order.
func (m *matcher) match(s elf.Symbol) rawbtf.ID {
	if m.sec.Vlen == 0 || s.Name == "" {
		return 0
	}
	if m.next < m.sec.Vlen && !m.used[m.next] {
		if v := m.variable(m.next); v.Kind == rawbtf.KindVar && v.Name() == s.Name && m.score(m.next, v, s) == sure {
			return m.take(m.next, v)
		}
	}
	best, bestScore := -1, -1
	for _, e := range m.named(s.Name, s.Value) {
		i := int(e.index)
		if score := m.score(i, m.variable(i), s); !m.used[i] && score > bestScore {
			best, bestScore = i, score
		}
	}
	if best < 0 {
		return 0
	}
	return m.take(best, m.variable(best))
}

const sure = 3

// score says how well entry i, variable v of the name of s, describes s. The name
// of a global symbol is unique, so that its offset does not matter.
func (m *matcher) score(i int, v rawbtf.Type, s elf.Symbol) int {
	local, static := s.Binding == elf.STBLocal, v.Linkage() == rawbtf.LinkageStatic
	score := 0
	if local == static {
		score = 2
	}
	if !local || uint64(m.sec.VarSecinfo(i).Offset) == s.Value {
		score++
	}
	return score
}

func (m *matcher) take(i int, v rawbtf.Type) rawbtf.ID {
	m.used[i] = true
	m.next = i + 1
	return v.ID
}

// maxSameName bounds the entries of one name that are compared for each symbol.
const maxSameName = 64

// named returns the entries of that name, those nearest to offset where there are
// very many.
func (m *matcher) named(name string, offset uint64) []entry {
	if m.byName == nil {
		m.byName = make([]entry, 0, m.sec.Vlen)
		for i := range m.sec.Vlen {
			if v := m.variable(i); v.Kind == rawbtf.KindVar {
				m.byName = append(m.byName, entry{v.Name(), m.sec.VarSecinfo(i).Offset, uint16(i)})
			}
		}
		slices.SortStableFunc(m.byName, func(a, b entry) int { return a.compare(b.name, uint64(b.offset)) })
	}
	search := func(offset uint64) int {
		i, _ := slices.BinarySearchFunc(m.byName, offset, func(e entry, offset uint64) int { return e.compare(name, offset) })
		return i
	}
	first, end := search(0), search(1<<32)
	if end-first > maxSameName {
		first = min(search(offset), end-maxSameName)
		end = first + maxSameName
	}
	return m.byName[first:end]
}

// addStripped adds the static variables that no symbol names and that lie between
// the others. Of these alone the compiler writes the offset.
func (m *matcher) addStripped(vars []Variable, size uint64) []Variable {
	known := len(vars)
	for i, used := range m.used {
		if used {
			continue
		}
		v, at := m.variable(i), m.sec.VarSecinfo(i)
		if v.Kind != rawbtf.KindVar || v.Linkage() != rawbtf.LinkageStatic || at.Size == 0 {
			continue
		}
		offset, n := uint64(at.Offset), uint64(at.Size)
		if offset+n > size || overlaps(vars[:known], offset, n) {
			continue
		}
		vars = append(vars, Variable{Offset: offset, Size: n, Var: at.Type})
	}
	if len(vars) > known {
		slices.SortStableFunc(vars, func(a, b Variable) int { return cmp.Compare(a.Offset, b.Offset) })
	}
	return vars
}

// overlaps says whether one of vars, ordered by offset, covers a part of the range.
func overlaps(vars []Variable, offset, n uint64) bool {
	i, _ := slices.BinarySearchFunc(vars, offset, func(v Variable, offset uint64) int { return cmp.Compare(v.Offset, offset) })
	return i < len(vars) && vars[i].Offset < offset+n || i > 0 && vars[i-1].Offset+vars[i-1].Size > offset
}
