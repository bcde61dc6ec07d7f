// SPDX-License-Identifier: MIT

package elf

import (
	"cmp"
	"slices"
)

// checkOverlaps refuses two sections that share bytes of the file: no compiler and
// no linker writes such a file, and whoever does wants one byte read as two things.
// String tables may be one and the same, as some writers have .strtab and .shstrtab.
// Scratch has room for an index of each section.
func (f *File) checkOverlaps(scratch []uint32) error {
	order, sorted, last := scratch[:0], true, uint64(0)
	for i := 1; i < f.sections; i++ {
		typ, start, end := f.extent(uint32(i))
		if typ == SHTNobits || typ == SHTNull || start == end {
			continue
		}
		sorted = sorted && start >= last
		last = start
		order = append(order, uint32(i))
	}
	if !sorted {
		slices.SortFunc(order, func(a, b uint32) int {
			_, startA, _ := f.extent(a)
			_, startB, _ := f.extent(b)
			return cmp.Or(cmp.Compare(startA, startB), cmp.Compare(a, b))
		})
	}
	// The section that reaches furthest of those before.
	var far uint32
	var farType SectionType
	var farEnd uint64
	for _, i := range order {
		typ, start, end := f.extent(i)
		if start < farEnd && (typ != SHTStrtab || farType != SHTStrtab) {
			return &Error{Section: f.SectionName(int(i)), Err: Malformed("section %d (%d bytes at %#x of the file) overlaps section %d, %q", i, end-start, start, far, f.SectionName(int(far)))}
		}
		if end > farEnd {
			far, farType, farEnd = i, typ, end
		}
	}
	return nil
}

// extent returns where a section is in the file.
func (f *File) extent(i uint32) (typ SectionType, start, end uint64) {
	h := f.header(int(i))
	start = f.u64(h[24:])
	return SectionType(f.u32(h[4:])), start, start + f.u64(h[32:])
}
