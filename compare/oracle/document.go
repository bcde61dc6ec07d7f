// SPDX-License-Identifier: MIT

// Package oracle holds what a reader of BPF objects says about one object, in
// the form that libbpf/dump and cilium print: one JSON document a line.
//
// Fields carry the names of `bpfload inspect --json` and `bpfload verify --json`
// where those have them.
package oracle

import (
	"slices"
	"strconv"
	"strings"
)

// A Document is one reader's answer about one object.
type Document struct {
	Oracle string `json:"oracle"` // "libbpf 1.7.0"
	Mode   string `json:"mode"`   // "open" or "load"
	File   string `json:"file"`

	// Verdict is "ok" or "error" after open; "accepted", "rejected" or "error"
	// after load; "crash" when the reader died or never came back.
	Verdict string `json:"verdict"`
	Phase   string `json:"phase,omitempty"` // where it failed
	Error   string `json:"error,omitempty"`
	Log     string `json:"log,omitempty"` // the end of what the reader said meanwhile

	License       *string `json:"license,omitempty"`
	KernelVersion *uint32 `json:"kernel_version,omitempty"`

	// A list that is null was not asked for.
	Maps      []Map      `json:"maps"`
	Programs  []Program  `json:"programs"`
	Variables []Variable `json:"variables"`

	Legacy bool `json:"-"` // some maps are records of a "maps" section
}

// Why returns the most telling line about a verdict that is not a good one.
func (d Document) Why() string {
	lines := strings.Split(strings.TrimSpace(d.Log), "\n")
	for _, line := range slices.Backward(lines) {
		if line != "" && !strings.Contains(line, "failed to load object") {
			return line
		}
	}
	return d.Error
}

// A Map is one map as the object defines it. What is nil the reader does not tell.
type Map struct {
	Name       string  `json:"name"`
	Section    string  `json:"section,omitempty"` // of data maps only
	Type       string  `json:"type"`
	TypeNumber uint32  `json:"type_number"`
	KeySize    uint32  `json:"key_size"`
	ValueSize  uint32  `json:"value_size"`
	MaxEntries uint32  `json:"max_entries"`
	MapFlags   uint32  `json:"map_flags"`
	MapExtra   *uint64 `json:"map_extra,omitempty"`
	NumaNode   *uint32 `json:"numa_node,omitempty"`
	Pinning    *uint32 `json:"pinning,omitempty"` // 1 is by name
	Inner      *Map    `json:"inner,omitempty"`
	Values     []Slot  `json:"values,omitempty"`
}

// TypeName returns the kernel's name of the map's type, also where the reader
// knows only the number.
func (m Map) TypeName() string { return known(m.Type, m.TypeNumber, MapType) }

// A Slot is an element of a map that the object fills with a map or program.
type Slot struct {
	Index uint32 `json:"index"`
	Name  string `json:"name"`
}

// A Program is one program, with its verdict after load.
type Program struct {
	Name             string `json:"name"`
	Section          string `json:"section"`
	Type             string `json:"type"`
	TypeNumber       uint32 `json:"type_number"`
	AttachType       string `json:"attach_type"`
	AttachTypeNumber uint32 `json:"attach_type_number"`
	AttachTo         string `json:"attach_to,omitempty"`
	Autoload         *bool  `json:"autoload,omitempty"`
	Insns            int    `json:"insns"`

	Verdict       string `json:"verdict,omitempty"` // "ok", "rejected", "skipped"
	Phase         string `json:"phase,omitempty"`
	Error         string `json:"error,omitempty"`
	Reason        string `json:"reason,omitempty"`
	VerifiedInsns int    `json:"verified_insns,omitempty"`
}

// TypeName is like [Map.TypeName].
func (p Program) TypeName() string { return known(p.Type, p.TypeNumber, ProgramType) }

// AttachTypeName is like [Map.TypeName].
func (p Program) AttachTypeName() string {
	return known(p.AttachType, p.AttachTypeNumber, AttachType)
}

func known(name string, number uint32, nameOf func(uint32) string) string {
	if _, err := strconv.Atoi(name); err == nil || name == "" {
		return nameOf(number)
	}
	return name
}

// Why returns the most telling line about a verdict that is not a good one.
func (p Program) Why() string {
	if p.Reason != "" {
		return p.Reason
	}
	return p.Error
}

// A Variable is a global variable of a data section.
type Variable struct {
	Name    string `json:"name"`
	Section string `json:"section"`
	Offset  uint32 `json:"offset"`
	Size    uint32 `json:"size"`
}

// MapType returns the kernel's name of a map type.
func MapType(number uint32) string { return name(mapTypes, number) }

// ProgramType returns the kernel's name of a program type.
func ProgramType(number uint32) string { return name(programTypes, number) }

// AttachType returns the kernel's name of an attach type.
func AttachType(number uint32) string { return name(attachTypes, number) }

func name(names []string, number uint32) string {
	if uint64(number) < uint64(len(names)) {
		return names[number]
	}
	return strconv.FormatUint(uint64(number), 10)
}
