// SPDX-License-Identifier: MIT

package reloc

import (
	"sort"

	"github.com/bpfload/bpfload/elf"
)

// jumpTable reads the table at an offset of a section, unless it has been read for
// this function, and returns its place among the function's.
func (r *reader) jumpTable(start uint64, section int) (uint32, error) {
	if i, ok := r.tableAt[start]; ok {
		return i, nil
	}
	s := r.l.f.Section(section)
	end, ok := r.l.tableEnd(section, start)
	if !ok || end > uint64(len(s.Data)) || (end-start)%8 != 0 {
		return 0, elf.Malformed("no jump table of 8-byte entries begins at %#x of section %q", start, s.Name)
	}
	if r.tableSize += end - start; r.tableSize > s.Size {
		return 0, elf.Malformed("the jump table at %#x of section %q overlaps others of the function", start, s.Name)
	}
	fn := &r.l.functions[r.fn]
	entries := make([]uint32, (end-start)/8)
	for i := range entries {
		to := addend(insns{s.Data, r.code.big}, start+8*uint64(i))
		if to < uint64(fn.start) || to >= uint64(fn.end) || to%insnSize != 0 {
			return 0, elf.Malformed("entry %d of the jump table at %#x leads to %#x, outside the function", i, start, to)
		}
		entries[i] = r.insn(to)
	}
	if r.tableAt == nil {
		r.tableAt = make(map[uint64]uint32)
	}
	n := uint32(len(r.body.tables))
	r.body.tables, r.tableAt[start] = append(r.body.tables, entries), n
	return n, nil
}

// tableEnd returns where the symbol that begins at an offset of a section ends.
func (l *Linker) tableEnd(section int, start uint64) (end uint64, ok bool) {
	symbols := l.f.SymbolsIn(section)
	i := sort.Search(len(symbols), func(i int) bool { return symbols[i].Value >= start })
	if i == len(symbols) || symbols[i].Value != start {
		return 0, false
	}
	end = l.f.End(l.f.Symbol(symbols[i].Index))
	return end, end > start
}
