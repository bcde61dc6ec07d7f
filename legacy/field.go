// SPDX-License-Identifier: MIT

package legacy

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
	fieldIgnore // eight bits: builds and machines
	fieldOptional
	fieldProgramType
	fieldAttachType
	fieldMinAPI
	fieldMaxAPI
	fieldCreate
	fieldPin
	fieldNameIndex
	numFields
)

// fieldOf gives the meaning of a member's name. Loaders that share a field spell
// it differently.
var fieldOf = map[string]field{
	"type":              fieldType,
	"type_":             fieldType, // as Rust has to spell it
	"map_type":          fieldType,
	"key_size":          fieldKeySize,
	"size_key":          fieldKeySize,
	"value_size":        fieldValueSize,
	"size_value":        fieldValueSize,
	"max_entries":       fieldMaxEntries,
	"max_elem":          fieldMaxEntries,
	"map_flags":         fieldFlags,
	"flags":             fieldFlags,
	"id":                fieldID,
	"map_id":            fieldMapID,
	"pinning":           fieldPinning,
	"pinning_strategy":  fieldPinning,
	"inner_id":          fieldInnerID,
	"inner_idx":         fieldInnerIndex,
	"inner_map_idx":     fieldInnerMapIndex,
	"inner_map_fd":      fieldInnerMapFD,
	"numa_node":         fieldNUMANode,
	"nb_hash_functions": fieldHashFunctions,
	"namespace":         fieldNamespace,
	"inner_map_def":     fieldInnerDef,
	"persistent_path":   fieldPath,
	"uid":               fieldUID,
	"gid":               fieldGID,
	"mode":              fieldMode,
	"bpfloader_min_ver": fieldMinLoader,
	"bpfloader_max_ver": fieldMaxLoader,
	"min_kver":          fieldMinKernel,
	"max_kver":          fieldMaxKernel,
	"selinux_context":   fieldSELinux,
	"pin_subdir":        fieldSubdir,
	"shared":            fieldShared,

	"ignored_on":          fieldIgnore, // the eight bits as one byte
	"ignore_on_eng":       fieldIgnore, // the first of them
	"ignore_on_user":      fieldNone,
	"ignore_on_userdebug": fieldNone,
	"ignore_on_arm32":     fieldNone,
	"ignore_on_aarch64":   fieldNone,
	"ignore_on_x86_32":    fieldNone,
	"ignore_on_x86_64":    fieldNone,
	"ignore_on_riscv64":   fieldNone,
}

// fieldNames are the spellings used in messages.
var fieldNames = [numFields]string{
	fieldType:          "type",
	fieldKeySize:       "key_size",
	fieldValueSize:     "value_size",
	fieldMaxEntries:    "max_entries",
	fieldFlags:         "map_flags",
	fieldID:            "id",
	fieldMapID:         "map_id",
	fieldPinning:       "pinning",
	fieldInnerID:       "inner_id",
	fieldInnerIndex:    "inner_idx",
	fieldInnerMapIndex: "inner_map_idx",
	fieldInnerMapFD:    "inner_map_fd",
	fieldNUMANode:      "numa_node",
	fieldHashFunctions: "nb_hash_functions",
	fieldNamespace:     "namespace",
	fieldInnerDef:      "inner_map_def",
	fieldPath:          "persistent_path",
	fieldUID:           "uid",
	fieldGID:           "gid",
	fieldMode:          "mode",
	fieldMinLoader:     "bpfloader_min_ver",
	fieldMaxLoader:     "bpfloader_max_ver",
	fieldMinKernel:     "min_kver",
	fieldMaxKernel:     "max_kver",
	fieldSELinux:       "selinux_context",
	fieldSubdir:        "pin_subdir",
	fieldShared:        "shared",
	fieldIgnore:        "ignore_on",
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
