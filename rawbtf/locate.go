// SPDX-License-Identifier: MIT

package rawbtf

// sparseShift sets how many types of a kernel's BTF share one entry of offsets:
// the table of 126,000 types then takes 32 KB, and a type is at most fifteen
// steps of a few nanoseconds away.
const sparseShift = 4

// The bytes that a record of each kind takes, and those for each unit of vlen.
// Kinds that are not listed do not exist.
var (
	fixedLen = [32]uint8{KindInt: 16, KindPtr: 12, KindArray: 24, KindStruct: 12, KindUnion: 12, KindEnum: 12, KindFwd: 12,
		KindTypedef: 12, KindVolatile: 12, KindConst: 12, KindRestrict: 12, KindFunc: 12, KindFuncProto: 12, KindVar: 16,
		KindDatasec: 12, KindFloat: 12, KindDeclTag: 16, KindTypeTag: 12, KindEnum64: 12}
	unitLen = [32]uint8{KindStruct: 12, KindUnion: 12, KindEnum: 8, KindFuncProto: 8, KindDatasec: 12, KindEnum64: 12}
)

// recordLen returns the length of a record by its info word, 0 for an unknown kind.
func recordLen(info uint32) int {
	kind := info >> 24 & 31
	return int(fixedLen[kind]) + int(unitLen[kind])*int(info&0xffff)
}

// locate notes where every type begins. One walk checks that each record lies
// within the type section, a second fills in a table of the right size.
func (s *Spec) locate() error {
	if err := s.walk(nil); err != nil {
		return err
	}
	s.offsets = make([]uint32, 0, s.count)
	return s.walk(nil)
}

// locateSparsely is locate for a kernel's BTF: one walk, in which search looks for
// names unless it is nil.
func (s *Spec) locateSparsely(search *search) error {
	s.shift = sparseShift
	s.offsets = make([]uint32, 0, len(s.types)/typeSize>>sparseShift+1)
	return s.walk(search)
}

// walk visits all types, and notes their places if there is a table for them.
func (s *Spec) walk(search *search) error {
	types, size := s.types, len(s.types)
	offsets, mask := s.offsets, uint32(1)<<s.shift-1
	kinds := KindSet(0)
	if search != nil {
		kinds = search.kinds
	}
	i := uint32(0)
	for off := 0; off < size; i++ {
		if size-off < typeSize {
			return s.errorAt(off, "type %d ends outside the type section", s.firstID+i)
		}
		info := s.U32(types[off+4:])
		n := recordLen(info)
		if n == 0 {
			return s.errorAt(off, "type %d has unknown kind %d", s.firstID+i, info>>24&31)
		}
		if size-off < n {
			return s.errorAt(off, "type %d (%s) ends outside the type section", s.firstID+i, Kind(info>>24&31))
		}
		if offsets != nil && i&mask == 0 {
			offsets = append(offsets, uint32(off))
		}
		if kinds.Has(Kind(info>>24)) && search.mayBe(s.U32(types[off:])) {
			search.see(s.typeAt(s.firstID+i, off))
		}
		off += n
	}
	s.count, s.offsets = i, offsets
	return nil
}
