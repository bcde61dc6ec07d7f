// SPDX-License-Identifier: MIT

package legacy

import (
	"path"
	"slices"
	"strings"

	"github.com/cilium/ebpf"

	"github.com/bpfload/bpfload/elf"
	"github.com/bpfload/bpfload/spec"
)

// Sections of the objects that Android's NetBpfLoad loads since 2026.
const (
	androidMapsName  = ".android_maps"
	androidProgsName = ".android_progs"
)

// netbpfload names the dialect of .android_maps. Its records stand beside BTF
// definitions and are no maps of their own.
const netbpfload = "netbpfload"

// locationSize is the length of the two paths in a record.
const locationSize = 70

var locations = slices.Concat(bytesOf(fieldCreate, locationSize), bytesOf(fieldPin, locationSize), u32(fieldNameIndex))

// netMapsLayout is bpf_map_def of NetBpfLoad, 192 bytes.
var netMapsLayout = sequence(libbpfFields, u32(fieldUID, fieldGID, fieldMode,
	fieldMinAPI, fieldMaxAPI, fieldMinKernel, fieldMaxKernel), locations)

// netProgsLayout is its bpf_prog_def, 180 bytes.
var netProgsLayout = sequence(u32(fieldProgramType, fieldAttachType, fieldUID, fieldGID, fieldMinKernel, fieldMaxKernel),
	bytesOf(fieldOptional, 1), pad(3), u32(fieldMinAPI, fieldMaxAPI), locations)

// Pair adds what the records of .android_maps say to the maps that they are
// about: the record M_def belongs to the BTF map M, takes over its type and flags
// as NetBpfLoad does, and says who owns the pin, where it is, and when the map is
// wanted. maps are those of the whole object. A record without its map is an
// error, a difference in sizes a warning.
func Pair(f *elf.File, maps []*spec.Map) ([]spec.Warning, error) {
	s, ok := f.SectionNamed(androidMapsName)
	if !ok || !holdsRecords(s) {
		return nil, nil
	}
	o := newObject(f, "map")
	o.stride, o.strideFrom = uint64(netMapsLayout.size), androidMapsName
	if err := o.name(s); err != nil {
		return nil, err
	}
	byName := slices.Clone(maps)
	slices.SortStableFunc(byName, func(a, b *spec.Map) int { return strings.Compare(a.Name, b.Name) })
	for i := range o.defs {
		d := &o.defs[i]
		d.layout = &netMapsLayout
		if d.static {
			return nil, d.failStatic()
		}
		name, ok := strings.CutSuffix(d.name, "_def")
		if !ok {
			return nil, d.fail(0, elf.Malformed("the record of map M is called M_def"))
		}
		j, ok := slices.BinarySearchFunc(byName, name, func(m *spec.Map, name string) int { return strings.Compare(m.Name, name) })
		if !ok {
			return nil, d.fail(0, elf.Malformed("no map %q in .maps for the record to describe", name))
		}
		if err := (record{d}).pair(byName[j]); err != nil {
			return nil, err
		}
	}
	return o.warnings, nil
}

// pair applies a record to its map.
func (r record) pair(m *spec.Map) error {
	gates := r.gates()
	l := &spec.Legacy{
		Dialect:    netbpfload,
		Evidence:   []string{"section \".android_maps\" has a record for the map"},
		UID:        r.u32(fieldUID),
		GID:        r.u32(fieldGID),
		Mode:       r.u32(fieldMode),
		InnerIndex: -1,
		Gates:      &gates,
	}
	pin, err := r.location(l.Gates)
	if err != nil {
		return err
	}
	for _, f := range []struct {
		field field
		have  uint32
	}{{fieldKeySize, m.KeySize}, {fieldValueSize, m.ValueSize}, {fieldMaxEntries, m.MaxEntries}} {
		if want := r.u32(f.field); want != f.have {
			r.o.warn("record-differs", r.definition, uint64(r.layout.at[f.field].off),
				f.field.String()+" differs from that of the definition in .maps, which counts")
		}
	}
	m.Type = ebpf.MapType(r.u32(fieldType))
	m.Flags = r.u32(fieldFlags)
	m.Legacy = l
	if pin != "" {
		m.Pinning, m.PinPath = spec.PinAndroid, pin
	}
	return nil
}

// location reads the paths of a NetBpfLoad record and what its gates have that
// older records had not.
func (r record) location(g *spec.Gates) (pin string, err error) {
	g.MinAPI, g.MaxAPI = r.u32(fieldMinAPI), r.u32(fieldMaxAPI)
	g.MaxLoader = 0 // the API level has taken its place
	g.Create = r.text(fieldCreate)
	pin = r.text(fieldPin)
	for _, f := range []field{fieldCreate, fieldPin} {
		if p := r.text(f); p != "" && (!path.IsAbs(p) || path.Clean(p) != p) {
			return "", r.failField(f, elf.Malformed("location %q: want an absolute path without detours", p))
		}
	}
	return pin, nil
}
