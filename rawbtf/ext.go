// SPDX-License-Identifier: MIT

package rawbtf

import (
	"encoding/binary"
	"slices"
	"sort"
	"sync"
	"sync/atomic"

	"github.com/bpfload/bpfload/elf"
)

// An Ext is parsed .BTF.ext: for each ELF section that holds code, the records
// that describe its instructions. Only what the header's length covers is read:
// clang before 10 wrote 24 bytes, without CO-RE.
type Ext struct {
	Funcs, Lines, Relos []ExtSection
}

// An ExtSection holds the records of one kind for one ELF section.
type ExtSection struct {
	Section    string // ELF section name
	RecordSize int    // bytes; the first fields are fixed, newer ones follow
	Len        int    // number of records
	big        bool
	*records
}

// records are put into the order of their offsets when they are first looked at: most
// objects have them so, and many of the records are never asked for.
type records struct {
	raw     []byte
	ordered atomic.Bool
	mu      sync.Mutex
}

// What the first fields of each record kind take.
const (
	FuncInfoSize = 8  // bpf_func_info
	LineInfoSize = 16 // bpf_line_info
	CoreReloSize = 16 // bpf_core_relo
)

// ParseExt reads a .BTF.ext section; names are looked up in spec. Errors are
// *[elf.Error] values with Section ".BTF.ext".
func ParseExt(data []byte, spec *Spec) (*Ext, error) {
	bad := func(off uint64, format string, args ...any) error {
		return &elf.Error{Section: ".BTF.ext", Offset: off, Err: elf.Malformed(format, args...)}
	}
	if len(data) < minHeaderSize {
		return nil, bad(0, "%d bytes are no .BTF.ext: the header takes %d", len(data), minHeaderSize)
	}
	order := binary.ByteOrder(binary.LittleEndian)
	if spec.big {
		order = binary.BigEndian
	}
	if m := order.Uint16(data); m != magic {
		return nil, bad(0, "magic %#x is not BTF's", m)
	}
	if data[2] != 1 {
		return nil, bad(2, "version %d, want 1", data[2])
	}
	hdr := uint64(spec.U32(data[4:]))
	if hdr < minHeaderSize || hdr > uint64(len(data)) {
		return nil, bad(4, "header of %d bytes in %d bytes", hdr, len(data))
	}
	ext := &Ext{}
	for i, p := range []struct {
		to   *[]ExtSection
		what string
		min  int
	}{{&ext.Funcs, "func info", FuncInfoSize}, {&ext.Lines, "line info", LineInfoSize}, {&ext.Relos, "CO-RE relocation", CoreReloSize}} {
		at := uint64(8 + 8*i)
		if at+8 > hdr {
			break
		}
		off, n := uint64(spec.U32(data[at:])), uint64(spec.U32(data[at+4:]))
		if off+n > uint64(len(data))-hdr {
			return nil, bad(at, "%s (%d bytes at %#x) is outside the section", p.what, n, off)
		}
		if n == 0 {
			continue
		}
		start := hdr + off
		secs, failed, err := parseExtSections(data[start:start+n], spec, p.min)
		if err != nil {
			return nil, bad(start+uint64(failed), "%s: %v", p.what, err)
		}
		*p.to = secs
	}
	return ext, nil
}

// maxExtSections is how many sections an ELF file numbers without extensions.
const maxExtSections = 0xff00

// parseExtSections reads one kind of information; failed is the offset of what it
// objects to.
func parseExtSections(data []byte, spec *Spec, min int) (secs []ExtSection, failed int, err error) {
	if len(data) < 4 {
		return nil, 0, elf.Malformed("ends within the record size")
	}
	size := spec.U32(data)
	if size < uint32(min) || size%4 != 0 || size > 4096 {
		return nil, 0, elf.Malformed("records of %d bytes, want at least %d and a multiple of 4", size, min)
	}
	count := 0
	for off := 4; off < len(data); count++ {
		rest := data[off:]
		if len(rest) < 8 {
			return nil, off, elf.Malformed("ends within a section header")
		}
		name, n := spec.Name(spec.U32(rest)), spec.U32(rest[4:])
		switch {
		case uint64(n)*uint64(size) > uint64(len(rest)-8):
			return nil, off, elf.Malformed("%d records of %d bytes for section %q do not fit", n, size, name)
		case name == "":
			return nil, off, elf.Malformed("records for a section without a name")
		case count == maxExtSections:
			return nil, off, elf.Malformed("records for more than %d sections", maxExtSections)
		}
		off += 8 + int(n)*int(size)
	}
	secs = make([]ExtSection, count)
	recs := make([]records, count)
	off := 4
	for i := range secs {
		head := data[off:]
		n := int(spec.U32(head[4:]))
		end := off + 8 + n*int(size)
		secs[i] = ExtSection{Section: spec.Name(spec.U32(head)), RecordSize: int(size), Len: n, big: spec.big, records: &recs[i]}
		recs[i].raw = data[off+8 : end : end]
		off = end
	}
	return secs, 0, nil
}

// Record returns record i, RecordSize bytes in the object's byte order.
func (s ExtSection) Record(i int) []byte {
	return s.data()[i*s.RecordSize:][:s.RecordSize:s.RecordSize]
}

// Records returns the records [first, last), RecordSize bytes each.
func (s ExtSection) Records(first, last int) []byte {
	return s.data()[first*s.RecordSize : last*s.RecordSize : last*s.RecordSize]
}

// data returns the records, ordered by offset.
func (s ExtSection) data() []byte {
	if s.Len > 1 && !s.ordered.Load() {
		s.sort()
	}
	return s.raw
}

func (s ExtSection) u32(b []byte) uint32 {
	if s.big {
		return binary.BigEndian.Uint32(b)
	}
	return binary.LittleEndian.Uint32(b)
}

// Offset returns the byte offset, from the start of the ELF section, of the
// instruction that record i describes.
func (s ExtSection) Offset(i int) uint32 { return s.u32(s.Record(i)) }

// Word returns 32-bit field w of record i: for func info 1 is the type; for line
// info 1 is the file name, 2 the source line, 3 line<<10|column; for CO-RE 1 is the
// type, 2 the access string, 3 the kind.
func (s ExtSection) Word(i, w int) uint32 { return s.u32(s.Record(i)[4*w:]) }

// Range returns the records [first, last) whose offsets lie within [lo, hi).
func (s ExtSection) Range(lo, hi uint64) (first, last int) {
	first = sort.Search(s.Len, func(i int) bool { return uint64(s.Offset(i)) >= lo })
	last = first + sort.Search(s.Len-first, func(i int) bool { return uint64(s.Offset(first+i)) >= hi })
	return first, last
}

// sort orders the records by offset where a linker left them otherwise; those of
// one offset keep their order.
func (s ExtSection) sort() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ordered.Load() {
		return
	}
	defer s.ordered.Store(true)
	offset := func(i int) uint32 { return s.u32(s.raw[i*s.RecordSize:]) }
	sorted, last := true, uint32(0)
	for i := 0; i < s.Len && sorted; i++ {
		at := offset(i)
		sorted, last = last <= at, at
	}
	if sorted {
		return
	}
	keys := make([]uint64, s.Len)
	for i := range keys {
		keys[i] = uint64(offset(i))<<32 | uint64(i)
	}
	slices.Sort(keys)
	data := make([]byte, 0, len(s.raw))
	for _, k := range keys {
		data = append(data, s.raw[int(uint32(k))*s.RecordSize:][:s.RecordSize]...)
	}
	s.raw = data
}
