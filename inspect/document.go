// SPDX-License-Identifier: MIT

// Package inspect describes an opened object to people and to programs: as a JSON
// document of a fixed schema, as text, and as a picture. It reads what
// [loader.Open] found and never touches the kernel.
package inspect

import (
	"fmt"
	"math"

	"github.com/cilium/ebpf"

	"github.com/bpfload/bpfload/loader"
	"github.com/bpfload/bpfload/spec"
)

// Schema identifies the form of a [Document]. Keys are never renamed within v1.
const Schema = "bpfload/inspect/v1"

// A Document is everything that an object says, in the order of the file.
type Document struct {
	Schema       string     `json:"schema"`
	File         string     `json:"file"`
	ELF          ELF        `json:"elf"`
	Maps         []Map      `json:"maps"`
	Programs     []Program  `json:"programs"`
	Variables    []Variable `json:"variables"`
	Capabilities []string   `json:"capabilities"` // what loading needs, such as "CAP_BPF"
	Warnings     []Warning  `json:"warnings"`
}

// ELF is what concerns the file as a whole.
type ELF struct {
	Order         string `json:"order"`   // "little" or "big"
	Machine       string `json:"machine"` // "bpf" or "none"
	License       string `json:"license"`
	KernelVersion uint32 `json:"kernel_version"` // 0 where the object names none
	BTF           bool   `json:"btf"`
}

// A Map is one map definition.
type Map struct {
	Name       string `json:"name"`
	Type       string `json:"type"` // the kernel's name in lower case, such as "hash"
	KeySize    uint32 `json:"key_size"`
	ValueSize  uint32 `json:"value_size"`
	KeyType    string `json:"key_type,omitempty"`   // as C would write it, where BTF knows
	ValueType  string `json:"value_type,omitempty"` // likewise; not of data sections
	MaxEntries uint32 `json:"max_entries"`
	MapFlags   uint32 `json:"map_flags"`
	MapExtra   uint64 `json:"map_extra"`
	NUMANode   uint32 `json:"numa_node"`
	Pinning    string `json:"pinning"` // "none", "by_name", "global_ns", ...
	PinPath    string `json:"pin_path,omitempty"`
	Section    string `json:"section"`
	Origin     string `json:"origin"`
	// NoCreate says that the map is described but not created.
	NoCreate bool `json:"no_create,omitempty"`

	// Only of legacy records.
	Dialect   string   `json:"dialect,omitempty"`
	Evidence  []string `json:"evidence,omitempty"`
	Alias     string   `json:"alias,omitempty"` // the symbol, where the section is called otherwise
	ID        *uint32  `json:"id,omitempty"`
	InnerID   *uint32  `json:"inner_id,omitempty"`
	InnerIdx  *int64   `json:"inner_idx,omitempty"`
	PinID     *uint32  `json:"pin_id,omitempty"`    // the record's own number, for pinning "custom"
	Namespace string   `json:"namespace,omitempty"` // gobpf's, for pinning "namespace" and "custom"

	// Only of Android's records: who is to own the pin, and on which kernels the
	// map exists.
	UID       *uint32 `json:"uid,omitempty"`
	GID       *uint32 `json:"gid,omitempty"`
	Mode      string  `json:"mode,omitempty"`       // octal
	MinKernel string  `json:"min_kernel,omitempty"` // such as "5.10.0"
	MaxKernel string  `json:"max_kernel,omitempty"` // the first without the map

	Inner  *Map    `json:"inner,omitempty"`
	Values []Value `json:"values,omitempty"`
}

// A Value is a slot that the object fills in; one of Map and Program is set.
type Value struct {
	Index   uint32 `json:"index"`
	Map     string `json:"map,omitempty"`
	Program string `json:"program,omitempty"`
}

// A Program is one entry point.
type Program struct {
	Name       string `json:"name"`
	Section    string `json:"section"`
	Type       string `json:"type"`        // the kernel's name in lower case, such as "sched_cls"
	AttachType string `json:"attach_type"` // "" where the program type expects none
	AttachTo   string `json:"attach_to"`
	Autoload   bool   `json:"autoload"`
	Insns      int    `json:"insns"` // 8-byte instructions, subprograms included

	TypeFrom string    `json:"type_from"` // the rule that gave Type; "" where none did
	TailCall *TailCall `json:"tail_call,omitempty"`
	PinPath  string    `json:"pin_path,omitempty"`
	// Only of Android's programs.
	MinKernel string `json:"min_kernel,omitempty"`
	MaxKernel string `json:"max_kernel,omitempty"`
	Error     string `json:"error,omitempty"` // why the program cannot be linked
}

// A TailCall is the slot of a prog array that the object puts a program in.
type TailCall struct {
	Map   string `json:"map"`
	Index uint32 `json:"index"`
}

// A Variable is a global variable.
type Variable struct {
	Name    string `json:"name"`
	Section string `json:"section"`
	Offset  uint64 `json:"offset"`
	Size    uint64 `json:"size"`
	Type    string `json:"type,omitempty"` // as C would write it, where BTF knows
}

// A Warning is a remark on the object, with its place.
type Warning struct {
	Code    string `json:"code"`
	Section string `json:"section,omitempty"`
	Offset  uint64 `json:"offset,omitempty"`
	Symbol  string `json:"symbol,omitempty"`
	Message string `json:"message"`
}

// Describe makes the document of an opened object. The file is named as the
// caller wants to see it.
func Describe(file string, o *loader.Object) *Document {
	d := &Document{
		Schema: Schema,
		File:   file,
		ELF: ELF{
			Order:         "little",
			Machine:       "bpf",
			License:       o.License,
			KernelVersion: o.KernelVersion,
			BTF:           o.BTF() != nil,
		},
		Maps:         make([]Map, 0, len(o.Maps)),
		Programs:     make([]Program, 0, len(o.Programs)),
		Variables:    make([]Variable, 0, len(o.Variables)),
		Capabilities: o.Capabilities(),
		Warnings:     make([]Warning, 0, len(o.Warnings)),
	}
	if o.ELF().BigEndian() {
		d.ELF.Order = "big"
	}
	if o.ELF().Machine() == 0 {
		d.ELF.Machine = "none"
	}
	for _, m := range o.Maps {
		d.Maps = append(d.Maps, describeMap(o, m))
	}
	for _, p := range o.Programs {
		d.Programs = append(d.Programs, describeProgram(o, p))
	}
	for _, v := range o.Variables {
		d.Variables = append(d.Variables, Variable{
			Name: v.Name, Section: v.Section, Offset: v.Offset, Size: v.Size, Type: o.TypeName(v.Type),
		})
	}
	for _, w := range o.Warnings {
		d.Warnings = append(d.Warnings, Warning(w))
	}
	return d
}

func describeMap(o *loader.Object, m *spec.Map) Map {
	d := Map{
		Name:       m.Name,
		Type:       spec.MapTypeName(m.Type),
		KeySize:    m.KeySize,
		ValueSize:  m.ValueSize,
		MaxEntries: m.MaxEntries,
		MapFlags:   m.Flags,
		MapExtra:   m.Extra,
		NUMANode:   m.NUMANode,
		Pinning:    m.Pinning.String(),
		PinPath:    m.PinPath,
		Section:    m.Place.Section,
		Origin:     string(m.Origin),
		NoCreate:   m.NoCreate,
	}
	if m.Origin != spec.OriginData && m.Origin != spec.OriginKconfig {
		d.KeyType, d.ValueType = o.TypeName(m.KeyType), o.TypeName(m.ValueType)
	}
	if m.Legacy != nil {
		d.legacy(m)
	}
	if m.Inner != nil {
		inner := describeMap(o, m.Inner)
		d.Inner = &inner
	}
	for _, v := range m.Values {
		d.Values = append(d.Values, Value(v))
	}
	return d
}

// legacy fills in what only a record says.
func (d *Map) legacy(m *spec.Map) {
	l := m.Legacy
	d.Dialect, d.Evidence, d.Alias = l.Dialect, l.Evidence, l.Alias
	d.ID, d.InnerID, d.InnerIdx = &l.ID, &l.InnerID, &l.InnerIndex
	d.Namespace = l.Namespace
	if m.Pinning == spec.PinCustom {
		d.PinID = &l.Pinning
	}
	if g := l.Gates; g != nil {
		d.UID, d.GID, d.Mode = &l.UID, &l.GID, fmt.Sprintf("%04o", l.Mode)
		d.MinKernel, d.MaxKernel = kernelWindow(g)
	}
}

// kernelWindow names the kernels that an Android object's map or program is for, ""
// for no limit.
func kernelWindow(g *spec.Gates) (from, before string) {
	version := func(v uint32) string { return fmt.Sprintf("%d.%d.%d", v>>24, v>>16&0xff, v&0xffff) }
	if g.MinKernel != 0 {
		from = version(g.MinKernel)
	}
	if g.MaxKernel != 0 && g.MaxKernel != math.MaxUint32 {
		before = version(g.MaxKernel)
	}
	return from, before
}

func describeProgram(o *loader.Object, p *spec.Program) Program {
	d := Program{
		Name:       p.Name,
		Section:    p.Section,
		Type:       spec.ProgramTypeName(p.Type),
		AttachType: attachType(p),
		AttachTo:   p.AttachTo,
		Autoload:   p.Autoload,
		TypeFrom:   p.TypeFrom,
		PinPath:    p.PinPath,
	}
	if p.Gates != nil {
		d.MinKernel, d.MaxKernel = kernelWindow(p.Gates)
	}
	insns, err := o.InsnCount(p)
	d.Insns = insns
	if err != nil {
		d.Error = err.Error()
	}
	if t := p.TailCall; t != nil {
		d.TailCall = &TailCall{Map: o.TailCallMap(t), Index: t.Index}
	}
	return d
}

// attachType names the attach type that the kernel is told to expect. Number 0 is
// a type of its own (cgroup_inet_ingress) for cgroup_skb programs alone; for all
// others it means none.
func attachType(p *spec.Program) string {
	if p.AttachType == 0 && p.Type != ebpf.CGroupSKB {
		return ""
	}
	return spec.AttachTypeName(p.AttachType)
}
