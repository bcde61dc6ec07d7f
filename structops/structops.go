// SPDX-License-Identifier: MIT

// Package structops reads struct_ops variables: instances of a kernel struct of
// callbacks, such as tcp_congestion_ops, whose function pointers are programs.
//
// They stand in four sections: .struct_ops, .struct_ops.link, whose variables are
// registered by a link, and the same with a leading "?", whose variables are not
// created unless asked for. [Decode] describes them from the bytes of the object;
// [Ops.Match] lays one out for a kernel, by the names of its members, when it is
// loaded. Several variables may be of one type and share programs.
package structops

import (
	"strings"

	"github.com/cilium/ebpf"

	"github.com/bpfload/bpfload/elf"
	"github.com/bpfload/bpfload/internal/datasec"
	"github.com/bpfload/bpfload/rawbtf"
	"github.com/bpfload/bpfload/spec"
)

// flagLink is BPF_F_LINK: the variable is registered by a link, not by an update.
const flagLink = 1 << 13

// Ops is a struct_ops variable.
type Ops struct {
	// Map describes the map that holds it. Contents is the variable as the
	// object lays it out, Flags has BPF_F_LINK for a section named .link, and
	// NoCreate is set for one that begins with "?".
	Map *spec.Map
	// Type is the variable's struct in the object's BTF.
	Type rawbtf.ID
	// Callbacks are the members that the object fills in with programs, in
	// the order of their offsets. Setting a Program to nil empties the member.
	Callbacks []Callback
}

// A Callback is a member that a program implements.
type Callback struct {
	Member int    // of Type
	Offset uint64 // bytes from the start of the variable
	Symbol string // that the object refers to
	Place  spec.Place
	// Program is what stands at Place, set by Bind.
	Program *spec.Program
}

// A section says what the name of a section means.
type section struct {
	link, optional bool
}

func sectionOf(name string) (section, bool) {
	name, optional := strings.CutPrefix(name, "?")
	return section{name == ".struct_ops.link", optional}, name == ".struct_ops" || name == ".struct_ops.link"
}

// Decode returns the struct_ops variables of an object, in the order of the file.
// Types is nil for an object without BTF. Errors are *[elf.Error] values.
func Decode(f *elf.File, types *rawbtf.Spec) ([]*Ops, error) {
	var all []*Ops
	for i := 1; i < f.NumSections(); i++ {
		kind, ok := sectionOf(f.SectionName(i))
		if !ok {
			continue
		}
		s := f.Section(i)
		d := decoder{f: f, types: types, section: s, kind: kind}
		ops, err := d.decode()
		if err != nil {
			return nil, err
		}
		all = append(all, ops...)
	}
	return all, nil
}

type decoder struct {
	f       *elf.File
	types   *rawbtf.Spec
	section elf.Section
	kind    section
}

func (d *decoder) errorAt(off uint64, name string, err error) error {
	return &elf.Error{Section: d.section.Name, Offset: off, Kind: "struct_ops", Symbol: name, Err: err}
}

func (d *decoder) decode() ([]*Ops, error) {
	if d.section.Size == 0 {
		return nil, nil
	}
	if d.types == nil {
		return nil, d.errorAt(0, "", elf.Unsupported("struct_ops needs BTF: compile with -g"))
	}
	if d.section.Data == nil {
		return nil, d.errorAt(0, "", elf.Malformed("the section has no contents"))
	}
	var all []*Ops
	for _, v := range datasec.Variables(d.f, d.types, d.section) {
		o, err := d.variable(v)
		if err != nil {
			return nil, err
		}
		all = append(all, o)
	}
	if err := d.callbacks(all); err != nil {
		return nil, err
	}
	return all, nil
}

func (d *decoder) variable(v datasec.Variable) (*Ops, error) {
	name := d.f.Symbol(v.Symbol).Name
	if name == "" {
		name = d.types.Type(v.Var).Name()
	}
	if v.Var == 0 {
		return nil, d.errorAt(v.Offset, name, elf.Malformed("the object's BTF does not describe this variable"))
	}
	t := d.types.Underlying(d.types.Type(v.Var).SizeOrType)
	if t.Kind != rawbtf.KindStruct {
		return nil, d.errorAt(v.Offset, name, elf.Unsupported("want a struct of the kernel's, not %s", t.Kind))
	}
	if t.Name() == "" {
		return nil, d.errorAt(v.Offset, name, elf.Unsupported("an anonymous struct: the kernel looks for its name"))
	}
	size := uint64(t.SizeOrType)
	if v.Offset > d.section.Size || size > d.section.Size-v.Offset {
		return nil, d.errorAt(v.Offset, name, elf.Malformed("%d bytes of struct %q do not fit the section of %d bytes", size, t.Name(), d.section.Size))
	}
	m := &spec.Map{
		Name: name, Type: ebpf.StructOpsMap, KeySize: 4, ValueSize: t.SizeOrType, MaxEntries: 1, ValueType: t.ID,
		Origin: spec.OriginStructOps, NoCreate: d.kind.optional,
		Place:    spec.Place{Section: d.section.Name, Index: d.section.Index, Offset: v.Offset, Size: size},
		Contents: d.section.Data[v.Offset:][:size:size],
	}
	if d.kind.link {
		m.Flags = flagLink
	}
	return &Ops{Map: m, Type: t.ID}, nil
}

// callbacks reads the relocations of the section.
func (d *decoder) callbacks(all []*Ops) error {
	rels, err := d.f.Rels(d.section.Index)
	if err != nil {
		return err
	}
	for i := range rels.Len() {
		rel := rels.At(i)
		o := owner(all, rel.Offset)
		if o == nil {
			return d.errorAt(rel.Offset, "", elf.Malformed("a relocation outside any variable"))
		}
		if err := d.callback(o, rel); err != nil {
			return d.errorAt(rel.Offset, o.Map.Name, err)
		}
	}
	for _, o := range all {
		o.sort()
	}
	return nil
}

// owner returns the variable that has the 8 bytes at an offset.
func owner(all []*Ops, off uint64) *Ops {
	for _, o := range all {
		if p := o.Map.Place; off >= p.Offset && off-p.Offset+8 <= p.Size {
			return o
		}
	}
	return nil
}

func (d *decoder) callback(o *Ops, rel elf.Rel) error {
	off := rel.Offset - o.Map.Place.Offset
	t := d.types.Type(o.Type)
	member := -1
	for i := range t.Vlen {
		if m := t.Member(i); uint64(m.BitOffset) == 8*off && m.BitSize == 0 {
			member = i
			break
		}
	}
	if member < 0 {
		return elf.Unsupported("struct %q has no member at byte %d to take a program", t.Name(), off)
	}
	name := d.types.Name(t.Member(member).NameOff)
	if !isCallback(d.types, t.Member(member).Type) {
		return elf.Unsupported("member %q of struct %q is no pointer to a function: data there cannot hold an address", name, t.Name())
	}
	s := d.f.Symbol(rel.Symbol)
	if !s.Defined() {
		return elf.Unsupported("member %q refers to %q, which the object does not define", name, s.Name)
	}
	place := spec.Place{Section: d.f.SectionName(s.Section), Index: s.Section, Offset: s.Value}
	if s.Type == elf.STTSection { // a static function: the section's own bytes say where
		place.Offset += d.word(rel.Offset)
	}
	if !d.f.Section(s.Section).Code() || place.Offset%8 != 0 || place.Offset >= d.f.Section(s.Section).Size {
		return elf.Unsupported("member %q refers to %q+%#x, which is no function", name, place.Section, place.Offset)
	}
	o.Callbacks = append(o.Callbacks, Callback{Member: member, Offset: off, Symbol: s.Name, Place: place})
	return nil
}

// word reads the 8 bytes of the section at an offset.
func (d *decoder) word(off uint64) uint64 {
	return d.f.ByteOrder().Uint64(d.section.Data[off:])
}

// isCallback says whether a type is a pointer to a function.
func isCallback(types *rawbtf.Spec, id rawbtf.ID) bool {
	p := types.Underlying(id)
	return p.Kind == rawbtf.KindPtr && types.Underlying(p.SizeOrType).Kind == rawbtf.KindFuncProto
}
