// SPDX-License-Identifier: MIT

package reloc

import (
	"cmp"
	"encoding/binary"
	"slices"
	"sort"

	"github.com/bpfload/bpfload/elf"
)

// A relTable holds the relocations of a section in the order of their offsets.
type relTable struct {
	rels  elf.Rels
	order []int32 // nil where the file has them in order
}

func newRelTable(rels elf.Rels) *relTable {
	t := &relTable{rels: rels}
	last := uint64(0)
	for i := range rels.Len() {
		off := rels.At(i).Offset
		if off < last {
			t.order = make([]int32, rels.Len())
			break
		}
		last = off
	}
	for i := range t.order {
		t.order[i] = int32(i)
	}
	slices.SortStableFunc(t.order, func(a, b int32) int { return cmp.Compare(rels.At(int(a)).Offset, rels.At(int(b)).Offset) })
	return t
}

func (t *relTable) len() int { return t.rels.Len() }

func (t *relTable) at(i int) elf.Rel {
	if t.order != nil {
		i = int(t.order[i])
	}
	return t.rels.At(i)
}

// from returns the first relocation at or behind an offset.
func (t *relTable) from(off uint64) int {
	return sort.Search(t.len(), func(i int) bool { return t.at(i).Offset >= off })
}

// relsOf returns the relocations of section number at of those with code.
func (l *Linker) relsOf(at int32) (*relTable, error) {
	s := &l.sections[at]
	s.relsOnce.Do(func() {
		rels, err := l.f.Rels(s.index)
		s.rels, s.relsErr = newRelTable(rels), err
	})
	return s.rels, s.relsErr
}

// addend returns what a relocation of data adds to the symbol's value: the 8 bytes
// in its place.
func addend(data insns, off uint64) uint64 {
	if uint64(len(data.data)) < 8 || off > uint64(len(data.data))-8 {
		return 0
	}
	if data.big {
		return binary.BigEndian.Uint64(data.data[off:])
	}
	return binary.LittleEndian.Uint64(data.data[off:])
}

// pointee returns the function that a relocation of data points at.
func (l *Linker) pointee(data insns, r elf.Rel) (fn int32, begins, ok bool) {
	sym := l.f.Symbol(r.Symbol)
	if !sym.Defined() {
		return 0, false, false
	}
	return l.functionAt(sym.Section, sym.Value+addend(data, r.Offset))
}
