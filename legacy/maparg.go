// SPDX-License-Identifier: MIT

package legacy

import (
	"slices"
)

// mapArguments returns the offsets within a section whose addresses code passes
// to a helper that takes a map, in order: nothing but a map makes sense there.
func (o *object) mapArguments(section int) []uint64 {
	offsets := []uint64{}
	for i := 1; i < o.f.NumSections(); i++ {
		s := o.f.Section(i)
		if !s.Code() {
			continue
		}
		rels, err := o.f.Rels(i)
		if err != nil {
			continue // for the linker to report
		}
		for j := range rels.Len() {
			rel := rels.At(j)
			sym := o.f.Symbol(rel.Symbol)
			if sym.Section == section && o.passedToMapHelper(s.Data, rel.Offset) {
				offsets = append(offsets, sym.Value+uint64(o.order.Uint32(s.Data[rel.Offset+4:])))
			}
		}
	}
	slices.Sort(offsets)
	return offsets
}

const (
	opLoadImm64   = 0x18
	opCall        = 0x85
	classJmp      = 5
	classJmp32    = 6
	lastMapHelper = 3  // bpf_map_lookup_elem is 1, _update_elem 2, _delete_elem 3
	callDistance  = 32 // instructions between loading an argument and the call
)

// passedToMapHelper says whether the 64-bit load at off puts an address into r1,
// and the next call, with r1 unchanged and no jump between, is one of a helper on
// maps.
func (o *object) passedToMapHelper(code []byte, off uint64) bool {
	if off%8 != 0 || off+16 > uint64(len(code)) || code[off] != opLoadImm64 || o.dst(code[off+1]) != 1 {
		return false
	}
	rest := code[off+16:]
	for range min(len(rest)/8, callDistance) {
		op, regs := rest[0], rest[1]
		class := op & 7
		switch {
		case op == opCall:
			helper := o.order.Uint32(rest[4:])
			return o.src(regs) == 0 && helper >= 1 && helper <= lastMapHelper
		case class == classJmp || class == classJmp32:
			return false
		case class != 2 && class != 3 && o.dst(regs) == 1: // not a store, which reads it
			return false
		}
		rest = rest[8:]
	}
	return false
}

// dst and src are the register numbers in the second byte of an instruction,
// whose halves depend on the byte order.
func (o *object) dst(regs byte) byte {
	if o.f.BigEndian() {
		return regs >> 4
	}
	return regs & 15
}

func (o *object) src(regs byte) byte {
	if o.f.BigEndian() {
		return regs & 15
	}
	return regs >> 4
}
