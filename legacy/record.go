// SPDX-License-Identifier: MIT

package legacy

import (
	"bytes"
	"fmt"

	"github.com/cilium/ebpf"

	"github.com/bpfload/bpfload/elf"
	"github.com/bpfload/bpfload/spec"
)

// noPrealloc and numaFlag are BPF_F_NO_PREALLOC and BPF_F_NUMA_NODE.
const (
	noPrealloc = 1 << 0
	numaFlag   = 1 << 2
)

// A record is a definition whose layout is known.
type record struct{ *definition }

// word reads 32 bits at off; 0 beyond the end.
func (d *definition) word(off uint64) uint32 {
	if off+4 > uint64(len(d.data)) {
		return 0
	}
	return d.o.order.Uint32(d.data[off:])
}

// bytes returns the bytes of a field, nil where the record does not have it.
func (r record) bytes(f field) []byte {
	at := r.layout.at[f]
	end := uint64(at.off) + uint64(at.size)
	if at.size == 0 || end > uint64(len(r.data)) {
		return nil
	}
	return r.data[at.off:end]
}

// u32 returns the value of a field, 0 where the record does not have it.
func (r record) u32(f field) uint32 {
	b := r.bytes(f)
	switch len(b) {
	case 1:
		return uint32(b[0])
	case 2:
		return uint32(r.o.order.Uint16(b))
	case 4:
		return r.word(uint64(r.layout.at[f].off))
	}
	return 0
}

// or is u32 with a default for records that do not have the field.
func (r record) or(f field, absent uint32) uint32 {
	if r.bytes(f) == nil {
		return absent
	}
	return r.u32(f)
}

// text returns a field of characters up to the first NUL.
func (r record) text(f field) string {
	b := r.bytes(f)
	if n := bytes.IndexByte(b, 0); n >= 0 {
		b = b[:n]
	}
	return string(b)
}

// failField locates an error at a field.
func (r record) failField(f field, err error) error {
	return r.fail(uint64(r.layout.at[f].off), err)
}

// record decodes one record into m.
func (o *object) record(d *definition, m *spec.Map) error {
	r := record{d}
	m.Name = d.name
	m.Origin = spec.OriginLegacy
	m.Place = d.place
	m.Type = ebpf.MapType(r.u32(fieldType))
	m.KeySize = r.u32(fieldKeySize)
	m.ValueSize = r.u32(fieldValueSize)
	m.MaxEntries = r.u32(fieldMaxEntries)
	m.Flags = r.u32(fieldFlags)
	m.Legacy.Dialect = d.dialect.name
	m.Legacy.Evidence = d.evidence
	m.Legacy.Alias = d.alias
	m.Legacy.InnerIndex = -1
	if err := r.check(m); err != nil {
		return err
	}
	if d.dialect.decode != nil {
		if err := d.dialect.decode(r, m); err != nil {
			return err
		}
	}
	if m.MaxEntries == 0 && needsEntries(m.Type) {
		o.warn("max-entries-zero", d, uint64(d.layout.at[fieldMaxEntries].off),
			"max_entries is 0: the loader that the object was written for chose a number, often that of CPUs; choose one with --max-entries "+m.Name+"=N")
	}
	return nil
}

// check refuses what no loader could have meant.
func (r record) check(m *spec.Map) error {
	if err := r.checkGaps(); err != nil {
		return err
	}
	if m.Type == ebpf.UnspecifiedMap {
		return r.failField(fieldType, elf.Malformed("type is 0: this is no map record"))
	}
	if m.KeySize == 0 && m.ValueSize == 0 && m.MaxEntries == 0 && (m.Type != ebpf.RingBuf || r.place.Size == 24) {
		return r.fail(4, elf.Malformed("key_size, value_size and max_entries are 0: a definition made of types, whose members are pointers, belongs in SEC(\".maps\") and needs BTF"))
	}
	return nil
}

// checkGaps refuses bytes that are set and that no field covers.
func (r record) checkGaps() error {
	for _, gap := range r.layout.gaps {
		end := min(uint64(gap.off)+uint64(gap.size), uint64(len(r.data)))
		if uint64(gap.off) >= end {
			break
		}
		if off, ok := firstNonZero(r.data[:end], gap.off); ok {
			return r.failByte(off, "the "+r.dialect.name+" dialect has no field there")
		}
	}
	if !r.dialect.has(r.place.Size) {
		for _, at := range r.layout.at {
			if end := min(uint64(at.off)+uint64(at.size), uint64(len(r.data))); end < uint64(at.off)+uint64(at.size) && uint64(at.off) < end {
				if off, ok := firstNonZero(r.data[:end], at.off); ok {
					return r.failByte(off, "the record ends within the field that the "+r.dialect.name+" dialect has there")
				}
			}
		}
	}
	if off, ok := firstNonZero(r.data, r.layout.size); ok {
		if r.dialect.extensible {
			r.o.warn("record-tail", r.definition, off, fmt.Sprintf("the record has %d bytes more than any known version of it: they are ignored, as by its own loader", r.place.Size-uint64(r.layout.size)))
			return nil
		}
		if stride := r.arrayStride(); stride != 0 {
			return r.failArray(stride)
		}
		return r.failByte(off, "the "+r.dialect.name+" dialect has no field there")
	}
	return nil
}

// firstNonZero returns the offset of the first byte of data, from start on, that
// is not zero.
func firstNonZero(data []byte, start uint32) (uint64, bool) {
	for i := uint64(start); i < uint64(len(data)); i++ {
		if data[i] != 0 {
			return i, true
		}
	}
	return 0, false
}

// failByte reports a byte that is set without a meaning, as the word or the
// member of the struct that it belongs to.
func (d *definition) failByte(off uint64, why string) error {
	if d.shape != nil {
		for _, u := range d.shape.unknown {
			if uint64(u.off) <= off && off < uint64(u.off)+uint64(u.size) {
				return d.fail(uint64(u.off), elf.Malformed("member %q is set (byte %#x at +%#x) and no dialect knows it", u.name, d.data[off], off))
			}
		}
	}
	at := off &^ 3
	return d.fail(at, elf.Malformed("the word at +%#x is %#x: %s", at, d.word(at), why))
}

// isOuter says whether a map of that type holds maps.
func isOuter(t ebpf.MapType) bool { return t == ebpf.ArrayOfMaps || t == ebpf.HashOfMaps }

// needsEntries says whether the kernel wants max_entries for the type and no
// convention gives it.
func needsEntries(t ebpf.MapType) bool {
	switch t {
	case ebpf.PerfEventArray, ebpf.CGroupStorage, ebpf.PerCPUCGroupStorage, ebpf.SkStorage, ebpf.InodeStorage,
		ebpf.TaskStorage, ebpf.CgroupStorage:
		return false
	}
	return true
}
