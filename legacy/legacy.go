// SPDX-License-Identifier: MIT

// Package legacy decodes map definitions from the "maps" and "maps/NAME" ELF
// sections and ir-keytable's "lirc_mode2/maps", the form used before BTF, and what
// Android's .android_maps and progs sections say beside them.
//
// Several record layouts share those section names; a [Dialect] names one:
//
//	min        16 bytes: type, sizes, max_entries; the first kernel samples, safchain/goebpf
//	libbpf     20 bytes: map_flags besides; libbpf before 1.0, cilium/ebpf, redbpf
//	calico     24 bytes: a map_id that no loader used
//	samples    24, 28 bytes: inner_map_idx, numa_node; samples/bpf, Falco, Suricata, Katran
//	keytable   28 bytes in lirc_mode2/maps or maps: the samples' record; ir-keytable of v4l-utils
//	iproute2   28, 36 bytes: id, pinning, inner_id, inner_idx; Cilium, OVS, p4c
//	aya        28 bytes: iproute2's layout with aya's meaning of pinning
//	aws        28 bytes: pinning, inner_map_fd; the VPC CNI and network policy agent
//	goebpf     40 bytes: pointers to an inner map and a path, by relocation; dropbox/goebpf
//	gobpf      280 bytes: pinning and a namespace; iovisor/gobpf, oxidebpf
//	android    32 to 120 bytes: owner, mode, kernel gates; bpfloader, Android 9 to 16
//	netbpfload 192 bytes in .android_maps, beside BTF definitions in .maps
//
// The layouts windows (ebpf-for-windows), jbpf and bcc are recognised and refused.
//
// [Decode] turns the symbols of the sections into definitions and says by which
// evidence it chose the dialect: BTF where it describes the record, otherwise the
// size of the records together with their values and the object's other sections.
// All records of one size are decided together. Where the evidence is not enough
// the error is [ErrAmbiguous] and lists the candidates.
//
// A dialect is one file, with its fields, how it is recognised and what its fields
// mean, and one line in the registry. The package never touches the kernel.
package legacy

import (
	"cmp"
	"encoding/binary"
	"slices"
	"strings"

	"github.com/bpfload/bpfload/elf"
	"github.com/bpfload/bpfload/rawbtf"
	"github.com/bpfload/bpfload/spec"
)

// maxMaps bounds the definitions of one object. A kernel lets a program use 64.
const maxMaps = 1 << 14

// Options change how records are read.
type Options struct {
	// Dialect is the name of the dialect to use whatever the evidence says;
	// "" decides by evidence.
	Dialect string
}

// Decode returns the maps of the sections with map records in file order: by
// section, then by offset. types is the object's BTF and may be nil. Each map's
// Legacy says which dialect was chosen and why; maps of maps have Inner and
// Values filled in where the dialect gives them. Sizes and max_entries are those
// of the record: 0 where a loader had to choose, as for value_size of a map of
// maps (always 4), or max_entries of a perf event array (the number of CPUs).
//
// Errors are *[elf.Error] values with section, offset and symbol; they wrap
// [ErrAmbiguous], [elf.ErrMalformed] or [elf.ErrUnsupported].
func Decode(f *elf.File, types *rawbtf.Spec, opts Options) ([]*spec.Map, []spec.Warning, error) {
	o := newObject(f, "map")
	o.types = types
	if err := o.force(opts.Dialect); err != nil {
		return nil, nil, err
	}
	if err := o.scan(); err != nil {
		return nil, nil, err
	}
	if err := o.checkTentative(); err != nil {
		return nil, nil, err
	}
	if len(o.sections) == 0 {
		return nil, o.warnings, nil
	}
	for _, i := range o.sections {
		if err := o.define(f.Section(i)); err != nil {
			return nil, nil, err
		}
	}
	if err := o.describe(); err != nil {
		return nil, nil, err
	}
	if err := o.elect(); err != nil {
		return nil, nil, err
	}
	maps, err := o.decode()
	if err != nil {
		return nil, nil, err
	}
	return maps, o.warnings, nil
}

// An object is the state of one Decode.
type object struct {
	f          *elf.File
	types      *rawbtf.Spec // or nil
	order      binary.ByteOrder
	forced     *dialect
	sections   []int  // the maps sections
	bss        []int  // NOBITS sections
	android    string // the section that only Android's objects have, or ""
	kind       string // of what the records define: "map", "program"
	stride     uint64 // the size of records that another section gives, or 0
	strideFrom string
	defs       []definition // in file order
	maps       []spec.Map   // of defs, by index
	warnings   []spec.Warning
	rust       tristate
}

func newObject(f *elf.File, kind string) *object {
	return &object{f: f, order: f.ByteOrder(), kind: kind}
}

// A definition is one record and the symbol that names it.
type definition struct {
	o           *object
	name, alias string
	place       spec.Place
	data        []byte
	static      bool
	sized       bool   // by the symbol, not by what follows it
	shape       *shape // from BTF, or nil
	layout      *layout
	dialect     *dialect
	evidence    []string
}

// isMaps says whether a section name is that of map records.
func isMaps(name string) bool {
	return name == "maps" || strings.HasPrefix(name, "maps/") || name == keytableMaps
}

// holdsRecords says whether a section of that name is one of records. Those without
// contents are to be refused.
func holdsRecords(s elf.Section) bool {
	return !s.Code() && (s.Type == elf.SHTProgbits || s.Type == elf.SHTNobits && s.Size > 0)
}

// scan finds the sections that matter.
func (o *object) scan() error {
	for i := 1; i < o.f.NumSections(); i++ {
		name := o.f.SectionName(i)
		switch {
		case isMaps(name):
			if holdsRecords(o.f.Section(i)) {
				o.sections = append(o.sections, i)
			}
		case strings.HasPrefix(name, ".bss"):
			o.bss = append(o.bss, i)
		case isAndroidMarker(name):
			if o.f.Section(i).Code() {
				continue
			}
			o.android = name
			if name == sizeOfMapDef {
				if err := o.setStride(i); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// setStride reads the size of records from a section.
func (o *object) setStride(i int) error {
	n, err := o.sectionUint(i)
	if err != nil {
		return err
	}
	o.strideFrom = o.f.SectionName(i)
	if n < minRecord || n%4 != 0 {
		return &elf.Error{Section: o.strideFrom, Err: elf.Malformed("records of %d bytes: want at least %d and a multiple of 4", n, minRecord)}
	}
	o.stride = n
	return nil
}

// sectionUint reads a section that holds one 32- or 64-bit number.
func (o *object) sectionUint(i int) (uint64, error) {
	s := o.f.Section(i)
	switch len(s.Data) {
	case 4:
		return uint64(o.order.Uint32(s.Data)), nil
	case 8:
		return o.order.Uint64(s.Data), nil
	}
	return 0, &elf.Error{Section: s.Name, Err: elf.Malformed("%d bytes, want a number of 4 or 8", s.Size)}
}

// decode makes the maps of the elected dialects.
func (o *object) decode() ([]*spec.Map, error) {
	o.maps = make([]spec.Map, len(o.defs))
	legacy := make([]spec.Legacy, len(o.defs))
	maps := make([]*spec.Map, len(o.defs))
	for i := range o.defs {
		d := &o.defs[i]
		m := &o.maps[i]
		maps[i] = m
		m.Legacy = &legacy[i]
		if err := o.record(d, m); err != nil {
			return nil, err
		}
	}
	if err := o.checkNames(); err != nil {
		return nil, err
	}
	if err := o.relocate(); err != nil {
		return nil, err
	}
	if err := o.link(); err != nil {
		return nil, err
	}
	o.annotate()
	return maps, nil
}

// relocate applies the relocations within records: only pointers have any.
func (o *object) relocate() error {
	for _, s := range o.sections {
		rels, err := o.f.Rels(s)
		if err != nil {
			return err
		}
		for j := range rels.Len() {
			rel := rels.At(j)
			i, ok := o.at(s, rel.Offset)
			if !ok {
				continue // within a record that no symbol names
			}
			d := &o.defs[i]
			if d.dialect.relocate == nil {
				return d.fail(rel.Offset-d.place.Offset, elf.Malformed("a relocation against %q: the %s dialect has no pointers", o.f.Symbol(rel.Symbol).Name, d.dialect.name))
			}
			if err := d.dialect.relocate(o, i, rel); err != nil {
				return err
			}
		}
	}
	return nil
}

// at returns the index of the definition whose record holds the byte at off of a
// section.
func (o *object) at(section int, off uint64) (int, bool) {
	i, ok := slices.BinarySearchFunc(o.defs, off, func(d definition, off uint64) int {
		switch {
		case d.place.Index != section:
			return cmp.Compare(d.place.Index, section)
		case d.place.Offset+d.place.Size <= off:
			return -1
		case d.place.Offset > off:
			return 1
		}
		return 0
	})
	return i, ok
}

// link lets each dialect that is in use connect its maps of maps, in the order
// of the registry.
func (o *object) link() error {
	for _, d := range registry {
		if d.link == nil || !slices.ContainsFunc(o.defs, func(def definition) bool { return def.dialect == d }) {
			continue
		}
		if err := d.link(o, d); err != nil {
			return err
		}
	}
	for i := range o.maps {
		if m := &o.maps[i]; isOuter(m.Type) && m.Inner == nil {
			o.warn("inner-map-missing", &o.defs[i], 0, "the record does not say which maps it holds: give the inner map before loading")
		}
	}
	return nil
}

// warn records a warning about a definition, off bytes into its record.
func (o *object) warn(code string, d *definition, off uint64, message string) {
	o.warnings = append(o.warnings, spec.Warning{Code: code, Section: d.place.Section,
		Offset: d.place.Offset + off, Symbol: d.name, Message: message})
}
