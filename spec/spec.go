// SPDX-License-Identifier: MIT

// Package spec is the vocabulary in which the parts of this project describe an
// object: its maps, programs and variables, and what was remarkable about them.
//
// It is plain data. The decoders (legacy, btfmaps, globals, structops, reloc)
// fill it in from the bytes of the file; a caller may edit it; the loader acts on
// it. Nothing here touches the kernel. Types, attach types and flags are the
// kernel's own numbers, in the types of github.com/cilium/ebpf.
package spec

import (
	"fmt"

	"github.com/cilium/ebpf"
)

// An Origin says what a map was made from.
type Origin string

// The origins of maps.
const (
	OriginBTF       Origin = "btf"        // a definition in .maps
	OriginLegacy    Origin = "legacy"     // a record in maps or maps/NAME
	OriginData      Origin = "data"       // .data, .rodata, .bss and their suffixed forms
	OriginKconfig   Origin = "kconfig"    // the values of .kconfig externs
	OriginStructOps Origin = "struct_ops" // a variable in .struct_ops and its variants
	OriginArena     Origin = "arena"      // initial contents of an arena, .addr_space.1
)

// A Place is where in the object a definition stands.
type Place struct {
	Section string // name of the ELF section
	Index   int    // its index, the argument of elf.File.Section
	Offset  uint64 // bytes from its start
	Size    uint64 // bytes
}

// A Map describes one map.
type Map struct {
	Name       string
	Type       ebpf.MapType
	KeySize    uint32 // bytes
	ValueSize  uint32 // bytes
	MaxEntries uint32 // 0 leaves it to the loader: as many as possible CPUs for a perf event array or CPU map
	Flags      uint32 // BPF_F_*
	Extra      uint64 // map_extra
	NUMANode   uint32 // used by the kernel only with BPF_F_NUMA_NODE
	Ifindex    uint32 // device to offload to, 0 for none

	Pinning Pinning
	PinPath string // absolute, chosen by the definition or the caller; "" leaves it to Pinning

	// BTF type ids of key and value within the object's BTF; 0 for none.
	KeyType, ValueType uint32

	// Inner is the definition of the maps that this map of maps holds.
	Inner *Map
	// Values are the slots that the object fills in, in the order of Index.
	Values []Slot

	Origin Origin
	Place  Place
	Legacy *Legacy // what only legacy records say; nil for others

	// Contents is the initial value of the single element of a data map: a
	// part of the file, not to be written; use Object.Variable to change it.
	// It is nil for .bss, which is all zero.
	Contents []byte
	// Frozen says that user space may not write the map once it is loaded.
	Frozen bool

	// NoCreate says that the map is described but not to be created unless
	// asked for: a struct_ops variable in a section that begins with "?".
	NoCreate bool
}

// A Slot is an element of a prog array or map of maps that the object
// initialises.
type Slot struct {
	Index   uint32
	Map     string // name of the target map, or
	Program string // name of the target program
}

// A Pinning says how a map definition wants to be pinned.
type Pinning uint32

// The pinning of BTF definitions (libbpf) and of iproute2's records. The numbers
// of the two overlap; Legacy.Pinning keeps a record's own.
const (
	PinNone      Pinning = 0
	PinByName    Pinning = 1  // LIBBPF_PIN_BY_NAME
	PinReplace   Pinning = 16 // CILIUM_PIN_REPLACE: by name, replacing what is there
	PinObjectNS  Pinning = 1 << 16
	PinGlobalNS  Pinning = 2 << 16
	PinCustom    Pinning = 3 << 16 // by an id in the legacy record
	PinExplicit  Pinning = 4 << 16 // at PinPath, as the definition says
	PinAndroid   Pinning = 5 << 16 // at PinPath, made from the record's fields
	PinNamespace Pinning = 6 << 16 // gobpf: below the record's namespace
)

// String returns the name used in JSON.
func (p Pinning) String() string {
	switch p {
	case PinNone:
		return "none"
	case PinByName:
		return "by_name"
	case PinReplace:
		return "replace"
	case PinObjectNS:
		return "object_ns"
	case PinGlobalNS:
		return "global_ns"
	case PinCustom:
		return "custom"
	case PinExplicit:
		return "path"
	case PinAndroid:
		return "android"
	case PinNamespace:
		return "namespace"
	}
	return fmt.Sprintf("unknown(%d)", uint32(p))
}

// Legacy holds the fields that only records of the maps section have.
type Legacy struct {
	Dialect  string   // short name, such as "iproute2"
	Evidence []string // why that dialect, one reason each

	ID      uint32 // iproute2 and others: what InnerID of another map refers to
	Pinning uint32 // the record's own number
	InnerID uint32
	// InnerIndex is the slot of the outer map into which this map goes
	// (iproute2 inner_idx; -1 for none), or for the kernel samples' dialect the
	// index of the inner map among all maps (inner_map_idx).
	InnerIndex int64

	Namespace string // gobpf
	UID, GID  uint32 // Android
	Mode      uint32 // Android: permissions of the pin
	Gates     *Gates // Android: when the map is to be created at all; nil for others
	Alias     string // the other name, where section suffix and symbol differ
	MapID     uint32 // Calico's map_id, which no loader uses
}

// Gates are the conditions under which an Android object's map or program
// exists. Zero values mean no condition.
type Gates struct {
	MinLoader, MaxLoader uint32 // version of the loader, [min, max)
	MinKernel, MaxKernel uint32 // (major<<24)+(minor<<16)+patch, [min, max)
	MinAPI, MaxAPI       uint32 // Android API level, [min, max)
	Ignore               uint32 // bits: builds and machines on which to skip
	Optional             bool   // may fail to load
	SELinux              string // context whose directory the pin passes through
	Subdir               string // pin_subdir
	Create               string // create_location
	Shared               bool
}

// A Program describes one entry point.
type Program struct {
	Name       string // of the function
	Section    string // ELF section, without a leading "?"
	Type       ebpf.ProgramType
	AttachType ebpf.AttachType // expected_attach_type
	AttachTo   string          // what follows the first "/" of the section name where that is a target
	Flags      uint32          // prog_flags: BPF_F_SLEEPABLE, BPF_F_XDP_HAS_FRAGS
	Autoload   bool            // false for a section that begins with "?"
	Place      Place           // of the function's own instructions

	// NeedsTarget says that AttachTo must be resolved to a BTF id.
	NeedsTarget bool
	// AttachTypeOptional says that a kernel which does not know AttachType for
	// this type of program may be given 0 instead.
	AttachTypeOptional bool
	// USDT says that the program is for static probes of user programs. With no
	// AttachType of its own it is loaded for links to many probes
	// (BPF_TRACE_UPROBE_MULTI) on kernels that have them (6.6).
	USDT bool
	// TypeFrom says by which rule the section name gave the type: "libbpf",
	// a legacy convention's name, "option", or "" where no rule applied and
	// Type is unspecified.
	TypeFrom string
	// TailCall is the slot that a legacy section name or a declaration tag
	// puts the program in; nil for none.
	TailCall *TailCall
	// PinPath is the absolute path that the object asks for, "" for none.
	PinPath string
	Gates   *Gates // Android
}

// A TailCall names a slot of a prog array: by the map's legacy id, by its name,
// or, with neither, in the last prog array of the object.
type TailCall struct {
	MapID uint32
	Map   string
	Index uint32
}

// A Variable is a global variable in a data section.
type Variable struct {
	Name    string
	Section string
	Offset  uint64 // bytes from the start of the section
	Size    uint64 // bytes
	Type    uint32 // BTF type id of the variable's type, 0 where unknown
	Static  bool   // local to the object
	Map     *Map   // the data map that holds it
}

// A Warning is something that the object says and that was not, or not wholly,
// done; or a fact that a user would want to know before relying on the object.
type Warning struct {
	Code    string // stable, such as "slot-left-empty"
	Section string
	Offset  uint64
	Symbol  string
	Message string
}

// String formats the place first, as errors do.
func (w Warning) String() string {
	switch {
	case w.Section != "" && w.Symbol != "":
		return fmt.Sprintf("section %q+%#x (%q): %s", w.Section, w.Offset, w.Symbol, w.Message)
	case w.Section != "":
		return fmt.Sprintf("section %q+%#x: %s", w.Section, w.Offset, w.Message)
	case w.Symbol != "":
		return fmt.Sprintf("%q: %s", w.Symbol, w.Message)
	}
	return w.Message
}
