// SPDX-License-Identifier: MIT

package btfmaps

import (
	"fmt"
	"math"

	"github.com/cilium/ebpf"

	"github.com/bpfload/bpfload/elf"
	"github.com/bpfload/bpfload/rawbtf"
	"github.com/bpfload/bpfload/spec"
)

// flagNUMANode is BPF_F_NUMA_NODE, without which a kernel does not look at numa_node.
const flagNUMANode = 1 << 2

// definition fills def from the type of BTF variable id.
func (d *decoder) definition(def *Definition, id rawbtf.ID) error {
	v := d.types.Type(id)
	t := d.types.Underlying(v.SizeOrType)
	if t.Kind != rawbtf.KindStruct {
		return d.fail(elf.Unsupported("want a struct, got %s", d.describe(v.SizeOrType)))
	}
	if uint64(t.SizeOrType) > d.place.Size {
		return d.fail(elf.Malformed("the definition takes %d bytes, the symbol has %d", t.SizeOrType, d.place.Size))
	}
	return d.members(def, t, false)
}

// members fills def from the members of struct t.
func (d *decoder) members(def *Definition, t rawbtf.Type, inner bool) error {
	m := def.Map
	var values rawbtf.Member
	hasValues := false
	for i := range t.Vlen {
		member := t.Member(i)
		field := d.types.Name(member.NameOff)
		var err error
		switch field {
		case "type":
			err = d.uint32(member.Type, (*uint32)(&m.Type))
		case "max_entries":
			err = d.uint32(member.Type, &m.MaxEntries)
		case "map_flags":
			err = d.uint32(member.Type, &m.Flags)
		case "numa_node":
			err = d.uint32(member.Type, &m.NUMANode)
		case "map_extra":
			m.Extra, err = d.number(member.Type)
		case "key_size":
			err = d.declaredSize(member.Type, "key", &m.KeySize)
		case "value_size":
			err = d.declaredSize(member.Type, "value", &m.ValueSize)
		case "key":
			m.KeyType, err = d.pointee(member.Type, "key", &m.KeySize)
		case "value":
			m.ValueType, err = d.pointee(member.Type, "value", &m.ValueSize)
		case "pinning":
			if inner {
				err = elf.Unsupported("an inner map cannot be pinned by its definition")
				break
			}
			m.Pinning, err = d.pinning(member.Type)
		case "values":
			if inner {
				err = elf.Unsupported("maps of maps of maps do not exist")
				break
			}
			if i != t.Vlen-1 {
				err = elf.Malformed("must be the last member")
				break
			}
			values, hasValues = member, true
		default:
			err = d.unknown(field)
		}
		if err != nil {
			return d.fail(wrapField(field, err))
		}
	}
	if m.Type == ebpf.UnspecifiedMap {
		return d.fail(elf.Malformed("map type isn't specified: the definition needs __uint(type, BPF_MAP_TYPE_...)"))
	}
	if m.NUMANode != 0 && m.Flags&flagNUMANode == 0 {
		d.warn("numa-node-unused", fmt.Sprintf("numa_node is %d, but map_flags has no BPF_F_NUMA_NODE", m.NUMANode))
	}
	if hasValues {
		return d.values(def, values)
	}
	return nil
}

// wrapField names the member that err is about.
func wrapField(field string, err error) error {
	return fmt.Errorf("field %q: %w", field, err)
}

// unknown deals with a member that is no attribute of a map.
func (d *decoder) unknown(field string) error {
	if !d.opts.Relaxed {
		return elf.Unsupported("not a field of map definitions; --relaxed ignores such fields")
	}
	d.warn("unknown-field", fmt.Sprintf("field %q is not one of map definitions and was ignored", field))
	return nil
}

// pinning reads how the map wants to be pinned. Numbers that libbpf does not know are
// private to other loaders (Beyla uses 100 for maps that its own code pins).
func (d *decoder) pinning(id rawbtf.ID) (spec.Pinning, error) {
	n, err := d.number(id)
	if err != nil {
		return 0, err
	}
	switch p := spec.Pinning(n); {
	case n > math.MaxUint16:
		return 0, elf.Unsupported("value %d; known are 0 (none), 1 (by name) and 16 (by name, replacing)", n)
	case p == spec.PinNone, p == spec.PinByName, p == spec.PinReplace:
		return p, nil
	default:
		d.warn("unknown-pinning", fmt.Sprintf("pinning %d is private to the loader that the object was written for: the map is not pinned by name", n))
		return p, nil
	}
}
