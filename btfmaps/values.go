// SPDX-License-Identifier: MIT

package btfmaps

import (
	"math"

	"github.com/cilium/ebpf"

	"github.com/bpfload/bpfload/elf"
	"github.com/bpfload/bpfload/rawbtf"
	"github.com/bpfload/bpfload/spec"
)

// Values says what the slots of a definition hold.
type Values uint8

// What a "values" member declares.
const (
	NoValues      Values = iota // the definition has no such member
	MapValues                   // maps: of an array or hash of maps
	ProgramValues               // programs: of a prog array
)

// slotSize is the size of a pointer in BPF.
const slotSize = 8

// values reads the last member, "values": an array of pointers to maps or
// functions without a length of its own.
func (d *decoder) values(def *Definition, member rawbtf.Member) error {
	fail := func(format string, args ...any) error {
		return d.fail(wrapField("values", elf.Malformed(format, args...)))
	}
	m := def.Map
	switch m.Type {
	case ebpf.ArrayOfMaps, ebpf.HashOfMaps:
		def.Values = MapValues
	case ebpf.ProgramArray:
		def.Values = ProgramValues
	default:
		return fail("a map of type %s has none: want a prog_array, array_of_maps or hash_of_maps", spec.MapTypeName(m.Type))
	}
	if m.ValueSize != 0 && m.ValueSize != 4 {
		return fail("value_size is %d, must be 4", m.ValueSize)
	}
	m.ValueSize = 4
	a := d.types.Underlying(member.Type)
	if a.Kind != rawbtf.KindArray {
		return fail("want an array written with __array, got %s", d.describe(member.Type))
	}
	elem, _, n := a.Array()
	if n != 0 {
		return fail("want an array without a length, as __array writes it, got one of %d", n)
	}
	p := d.types.Underlying(elem)
	if p.Kind != rawbtf.KindPtr {
		return fail("want an array of pointers, got one of %s", d.describe(elem))
	}
	if member.BitOffset%8 != 0 || uint64(member.BitOffset/8) > d.place.Size {
		return fail("begins at bit %d of %d bytes", member.BitOffset, d.place.Size)
	}
	def.ValuesOffset = member.BitOffset / 8
	t := d.types.Underlying(p.SizeOrType)
	if def.Values == ProgramValues {
		if t.Kind != rawbtf.KindFuncProto {
			return fail("want pointers to functions, got pointers to %s", d.describe(p.SizeOrType))
		}
		return nil
	}
	if t.Kind != rawbtf.KindStruct {
		return fail("want pointers to map definitions, got pointers to %s", d.describe(p.SizeOrType))
	}
	return d.inner(m, t)
}

// inner decodes the definition of the maps that m holds.
func (d *decoder) inner(m *spec.Map, t rawbtf.Type) error {
	d.name = m.Name + ".inner"
	in := Definition{Map: &spec.Map{Name: d.name, Origin: spec.OriginBTF, Place: d.place}}
	if err := d.members(&in, t, true); err != nil {
		return err
	}
	m.Inner, d.name = in.Map, m.Name
	return nil
}

// Slot returns the index of the slot that a relocation initialises, given the
// relocation's offset from the start of the section. It fails where the
// definition has no slot there.
func (def *Definition) Slot(offset uint64) (uint32, error) {
	p := def.Map.Place
	fail := func(format string, args ...any) error {
		return &elf.Error{Section: p.Section, Offset: offset, Kind: "map", Symbol: def.Map.Name, Err: elf.Malformed(format, args...)}
	}
	start := p.Offset + uint64(def.ValuesOffset)
	switch {
	case offset < p.Offset || offset-p.Offset >= p.Size:
		return 0, fail("relocation outside the definition")
	case def.Values == NoValues:
		return 0, fail("the definition has no \"values\" that could be initialised")
	case offset < start || (offset-start)%slotSize != 0 || p.Offset+p.Size-offset < slotSize:
		return 0, fail("relocation of something that is not a slot of \"values\"")
	}
	index := (offset - start) / slotSize
	if index >= math.MaxUint32 {
		return 0, fail("slot %d does not fit 32 bits", index)
	}
	return uint32(index), nil
}

// SetSlots makes slots, in the order of their index, the map's initial values. A
// map that leaves max_entries out gets as many as its initialiser has slots. A
// slot that the map has no room for is an error: an array's by its index, that of
// a hash, where the index is merely the key, by their number.
func (def *Definition) SetSlots(slots []spec.Slot) error {
	m := def.Map
	if len(slots) == 0 {
		return nil
	}
	last := slots[len(slots)-1].Index
	fail := func(format string, args ...any) error {
		return &elf.Error{Section: m.Place.Section, Offset: m.Place.Offset + uint64(def.ValuesOffset) + slotSize*uint64(last),
			Kind: "map", Symbol: m.Name, Err: wrapField("values", elf.Malformed(format, args...))}
	}
	if m.Type == ebpf.HashOfMaps && m.KeySize != 4 {
		return fail("slots are numbered with 4 bytes, but the key takes %d", m.KeySize)
	}
	if m.MaxEntries == 0 {
		m.MaxEntries = max(def.extent, last+1)
	}
	switch {
	case m.Type == ebpf.HashOfMaps && uint64(len(slots)) > uint64(m.MaxEntries):
		return fail("%d slots are initialised, but max_entries is %d", len(slots), m.MaxEntries)
	case m.Type != ebpf.HashOfMaps && last >= m.MaxEntries:
		return fail("slot %d is initialised, but max_entries is %d", last, m.MaxEntries)
	}
	m.Values = slots
	return nil
}
