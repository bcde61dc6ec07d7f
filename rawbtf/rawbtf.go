// SPDX-License-Identifier: MIT

// Package rawbtf is a view of BTF as it stands in a .BTF section or in
// /sys/kernel/btf: types are decoded one at a time, when asked for, out of the
// bytes. It also reads .BTF.ext and writes the form of an object's BTF that a
// kernel accepts.
//
// [Parse] checks every record's bounds, names and type references once, so that
// the accessors cannot fail. Type graphs may still contain cycles; functions that
// follow references bound their depth. The format is that of
// Documentation/bpf/btf.rst.
package rawbtf

import (
	"bytes"
	"encoding/binary"
	"unsafe"

	"github.com/bpfload/bpfload/elf"
)

// An ID identifies a type within its Spec; 0 is void.
type ID = uint32

const (
	magic         = 0xeb9f
	minHeaderSize = 24
	typeSize      = 12
)

// MaxDepth bounds the following of type references, as the kernel does
// (MAX_RESOLVE_DEPTH).
const MaxDepth = 32

// A Spec is parsed BTF. It keeps the input and must see it unchanged.
type Spec struct {
	big      bool
	raw      []byte // the whole blob
	types    []byte // type section
	typesOff uint64 // of types within raw
	strings  []byte // string section
	base     *Spec  // what split BTF (of a module) builds on, or nil
	firstID  ID     // id of the first type: 1, or the base's count
	count    uint32 // of types, the base's not included
	strBase  uint32 // length of the base's string section, or 0

	listed         bool // whether the following are complete
	datasecs, tags []ID

	// offsets holds where in types every (1<<shift)th type begins; those
	// between are reached by walking.
	offsets []uint32
	shift   uint8
}

// Parse reads a BTF blob, such as the contents of a .BTF section. Split BTF of a
// kernel module takes the kernel's as base; others take nil. Errors are
// *[elf.Error] values with Section ".BTF" and the offset within data.
func Parse(data []byte, base *Spec) (*Spec, error) {
	s, err := parseHeader(data, base)
	if err != nil {
		return nil, err
	}
	if err := s.locate(); err != nil {
		return nil, err
	}
	if err := s.check(); err != nil {
		return nil, err
	}
	return s, nil
}

// ParseTrusted is [Parse] for BTF that the running kernel made: it does not check
// the references between types, and keeps the place of one type in sixteen.
func ParseTrusted(data []byte, base *Spec) (*Spec, error) {
	return ParseSearch(data, base, nil, 0, nil)
}

// ParseSearch is [ParseTrusted] and [Spec.Search] in one walk. found must not look
// at other types.
func ParseSearch(data []byte, base *Spec, names *NameSet, kinds KindSet, found func(number int, t Type)) (*Spec, error) {
	s, err := parseHeader(data, base)
	if err != nil {
		return nil, err
	}
	if err := s.locateSparsely(s.newSearch(names, kinds, found)); err != nil {
		return nil, err
	}
	return s, nil
}

func malformed(off uint64, format string, args ...any) error {
	return &elf.Error{Section: ".BTF", Offset: off, Err: elf.Malformed(format, args...)}
}

func parseHeader(data []byte, base *Spec) (*Spec, error) {
	if len(data) < minHeaderSize {
		return nil, malformed(0, "%d bytes are no BTF: the header takes %d", len(data), minHeaderSize)
	}
	s := &Spec{raw: data, base: base, firstID: 1}
	switch {
	case binary.LittleEndian.Uint16(data) == magic:
	case binary.BigEndian.Uint16(data) == magic:
		s.big = true
	default:
		return nil, malformed(0, "magic %#x is not BTF's", data[:2])
	}
	if v := data[2]; v != 1 {
		return nil, malformed(2, "BTF version %d, want 1", v)
	}
	hdr := uint64(s.U32(data[4:]))
	typeOff, typeLen := uint64(s.U32(data[8:])), uint64(s.U32(data[12:]))
	strOff, strLen := uint64(s.U32(data[16:])), uint64(s.U32(data[20:]))
	size := uint64(len(data))
	if hdr < minHeaderSize || hdr > size {
		return nil, malformed(4, "BTF header of %d bytes in %d bytes of BTF", hdr, size)
	}
	if typeOff%4 != 0 || typeOff+typeLen > size-hdr {
		return nil, malformed(8, "BTF types (%d bytes at %#x) are outside the section", typeLen, typeOff)
	}
	if strOff+strLen > size-hdr {
		return nil, malformed(16, "BTF strings (%d bytes at %#x) are outside the section", strLen, strOff)
	}
	s.typesOff = hdr + typeOff
	s.types = data[s.typesOff:][:typeLen:typeLen]
	s.strings = data[hdr+strOff:][:strLen:strLen]
	if base != nil {
		if base.big != s.big {
			return nil, malformed(0, "byte order differs from that of the base BTF")
		}
		s.firstID = base.NumTypes()
		s.strBase = base.strBase + uint32(len(base.strings))
	}
	n := len(s.strings)
	if n == 0 && base == nil || n > 0 && (s.strings[n-1] != 0 || base == nil && s.strings[0] != 0) {
		return nil, malformed(hdr+strOff, "BTF strings do not begin and end with a NUL")
	}
	return s, nil
}

// errorAt locates an error by an offset within the type section.
func (s *Spec) errorAt(off int, format string, args ...any) error {
	return malformed(s.typesOff+uint64(off), format, args...)
}

// U32 decodes a 32-bit word in the byte order of the BTF.
func (s *Spec) U32(b []byte) uint32 {
	if s.big {
		return binary.BigEndian.Uint32(b)
	}
	return binary.LittleEndian.Uint32(b)
}

// BigEndian says in which byte order the BTF is written.
func (s *Spec) BigEndian() bool { return s.big }

// Raw returns the bytes that the Spec was parsed from.
func (s *Spec) Raw() []byte { return s.raw }

// NumTypes returns one more than the greatest type id, void and the types of the
// base included.
func (s *Spec) NumTypes() ID { return s.firstID + s.count }

// FirstID returns the first id that is not the base's: 1 without a base.
func (s *Spec) FirstID() ID { return s.firstID }

// Name returns the string at a name offset; "" where the offset is out of range.
func (s *Spec) Name(off uint32) string {
	for off < s.strBase {
		s = s.base
	}
	off -= s.strBase
	if off >= uint32(len(s.strings)) {
		return ""
	}
	tail := s.strings[off:]
	n := bytes.IndexByte(tail, 0)
	if n <= 0 {
		return ""
	}
	return unsafe.String(&tail[0], n)
}
