// SPDX-License-Identifier: MIT

package legacy

import "slices"

// A field is something that a record of some dialect says.
type field uint8

// The fields of all dialects.
const (
	fieldNone field = iota // a member that is read with another, or not at all
	fieldType
	fieldKeySize
	fieldValueSize
	fieldMaxEntries
	fieldFlags
	fieldID
	fieldMapID
	fieldPinning
	fieldInnerID
	fieldInnerIndex    // slot in the outer map
	fieldInnerMapIndex // index of the inner map among all maps
	fieldInnerMapFD
	fieldNUMANode
	fieldHashFunctions
	fieldNamespace
	fieldInnerDef // pointer to the inner map's record
	fieldPath     // pointer to a path
	fieldUID
	fieldGID
	fieldMode
	fieldMinLoader
	fieldMaxLoader
	fieldMinKernel
	fieldMaxKernel
	fieldSELinux
	fieldSubdir
	fieldShared
	fieldIgnore   // eight bits: builds and machines
	fieldOptional // from here on of records that BTF is not asked about
	fieldProgramType
	fieldAttachType
	fieldMinAPI
	fieldMaxAPI
	fieldCreate
	fieldPin
	fieldNameIndex
	numFields
)

// spellings are the names of members that give a field, that used in messages
// first. Loaders that share a field spell it differently.
var spellings = [numFields][]string{
	fieldNone: {"ignore_on_user", "ignore_on_userdebug", "ignore_on_arm32", "ignore_on_aarch64",
		"ignore_on_x86_32", "ignore_on_x86_64", "ignore_on_riscv64"},
	fieldType:          {"type", "map_type", "type_"},
	fieldKeySize:       {"key_size", "size_key"},
	fieldValueSize:     {"value_size", "size_value"},
	fieldMaxEntries:    {"max_entries", "max_elem"},
	fieldFlags:         {"map_flags", "flags"},
	fieldID:            {"id"},
	fieldMapID:         {"map_id"},
	fieldPinning:       {"pinning", "pinning_strategy"},
	fieldInnerID:       {"inner_id"},
	fieldInnerIndex:    {"inner_idx"},
	fieldInnerMapIndex: {"inner_map_idx"},
	fieldInnerMapFD:    {"inner_map_fd"},
	fieldNUMANode:      {"numa_node"},
	fieldHashFunctions: {"nb_hash_functions"},
	fieldNamespace:     {"namespace"},
	fieldInnerDef:      {"inner_map_def"},
	fieldPath:          {"persistent_path"},
	fieldUID:           {"uid"},
	fieldGID:           {"gid"},
	fieldMode:          {"mode"},
	fieldMinLoader:     {"bpfloader_min_ver"},
	fieldMaxLoader:     {"bpfloader_max_ver"},
	fieldMinKernel:     {"min_kver"},
	fieldMaxKernel:     {"max_kver"},
	fieldSELinux:       {"selinux_context"},
	fieldSubdir:        {"pin_subdir"},
	fieldShared:        {"shared"},
	fieldIgnore:        {"ignored_on", "ignore_on_eng"}, // all eight bits, or the first of them
}

// String returns the name used in messages.
func (f field) String() string { return spellings[f][0] }

// fieldOf returns the meaning of a member's name.
func fieldOf(name string) (field, bool) {
	for f := range spellings {
		if slices.Contains(spellings[f], name) {
			return field(f), true
		}
	}
	return 0, false
}

// A fieldSet has bit 1<<field set for each of its fields.
type fieldSet uint64

// common are the fields that mean the same in every dialect.
const common fieldSet = 1<<fieldType | 1<<fieldKeySize | 1<<fieldValueSize | 1<<fieldMaxEntries | 1<<fieldFlags

// A span is where a field is, in bytes from the start of the record; size 0
// means that the record has no such field.
type span struct{ off, size uint32 }

// A layout says where the fields of a record are.
type layout struct {
	at     [numFields]span
	fields fieldSet
	gaps   []span // bytes that no field covers
	size   uint32
}

// A member is an element of a dialect's list of fields.
type member struct {
	field field
	size  uint32
	pad   bool // bytes that mean nothing but must be there, and zero
}

// u32 lists fields of 32 bits each.
func u32(fields ...field) []member {
	list := make([]member, len(fields))
	for i, f := range fields {
		list[i] = member{field: f, size: 4}
	}
	return list
}

// pad is bytes between fields that have to be zero.
func pad(size uint32) []member { return []member{{size: size, pad: true}} }

// bytesOf is a field of size bytes.
func bytesOf(f field, size uint32) []member { return []member{{field: f, size: size}} }

// sequence lays members out one after the other.
func sequence(parts ...[]member) layout {
	var l layout
	for _, part := range parts {
		for _, m := range part {
			if m.pad {
				l.gaps = append(l.gaps, span{l.size, m.size})
			} else {
				l.at[m.field] = span{l.size, m.size}
				l.fields |= 1 << m.field
			}
			l.size += m.size
		}
	}
	return l
}
