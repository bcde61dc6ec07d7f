// SPDX-License-Identifier: MIT

package structops

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/bpfload/bpfload/elf"
	"github.com/bpfload/bpfload/internal/near"
	"github.com/bpfload/bpfload/rawbtf"
	"github.com/bpfload/bpfload/spec"
)

// ErrMissing says that the kernel has no such struct_ops, or not such a member.
var ErrMissing = errors.New("not in the kernel")

// A Layout is a struct_ops variable as a kernel wants it.
type Layout struct {
	Ops       *Ops
	ValueType rawbtf.ID // btf_vmlinux_value_type_id: struct bpf_struct_ops_NAME
	Struct    rawbtf.ID // struct NAME, the attach_btf_id of the programs
	Module    string    // whose BTF has both, "" for the kernel itself
	// Value is the map's value, of the kernel's size, with the data members
	// of the variable in their places.
	Value []byte
	// Slots say where in Value the descriptors of programs go, as 8-byte
	// numbers in the byte order of the machine.
	Slots    []Slot
	Warnings []spec.Warning
}

// A Slot is a place for the descriptor of a program.
type Slot struct {
	Offset  uint32 // bytes from the start of Value
	Member  uint32 // index of the kernel's member
	Name    string // of that member
	Program *spec.Program
}

// valuePrefix begins the names of the structs that wrap one of callbacks.
const valuePrefix = "bpf_struct_ops_"

// A Target finds types of the kernel for which variables are laid out.
type Target interface {
	// Want announces an Exact, so that one search serves many.
	Want(kinds rawbtf.KindSet, name string)
	// Exact returns the first type of the kind with exactly that name and the
	// module that has it, "" for the kernel itself; false if there is none.
	Exact(kind rawbtf.Kind, name string) (t rawbtf.Type, module string, ok bool)
	// Names yields the names of all types of the kinds, to propose one.
	Names(kinds rawbtf.KindSet, yield func(string) bool)
}

// Want announces a Match to the target.
func (o *Ops) Want(local *rawbtf.Spec, types Target) {
	types.Want(rawbtf.Kinds(rawbtf.KindStruct), valuePrefix+o.kernelName(local))
}

// kernelName is the name of the variable's type, its flavour (___x) left out.
func (o *Ops) kernelName(local *rawbtf.Spec) string {
	return rawbtf.EssentialName(local.Type(o.Type).Name())
}

// Match lays the variable out for a kernel. Members go by name. One that the object
// leaves zero says nothing, and may be unknown to the kernel; any other must exist
// there with the same kind and size. Errors are *[elf.Error] values.
func (o *Ops) Match(local *rawbtf.Spec, types Target) (*Layout, error) {
	name := o.kernelName(local)
	wrapper, module, ok := types.Exact(rawbtf.KindStruct, valuePrefix+name)
	if !ok {
		return nil, o.errorAt(&Callback{}, missing("the kernel has no struct_ops named %q%s", name, proposal(name, func(yield func(string) bool) {
			types.Names(rawbtf.Kinds(rawbtf.KindStruct), func(n string) bool {
				n, ok := strings.CutPrefix(n, valuePrefix)
				return !ok || yield(n)
			})
		})))
	}
	data, at, ok := dataMember(wrapper, name)
	if !ok {
		return nil, o.errorAt(&Callback{}, missing("the kernel's struct %s has no struct %s in it", wrapper.Name(), name))
	}
	l := &Layout{Ops: o, ValueType: wrapper.ID, Struct: data.ID, Module: module, Value: make([]byte, wrapper.SizeOrType)}
	if uint64(at)+uint64(data.SizeOrType) > uint64(len(l.Value)) {
		return nil, o.errorAt(&Callback{}, elf.Malformed("the kernel's struct %q is larger than %q, which holds it", name, wrapper.Name()))
	}
	m := matcher{Layout: l, local: local, kernel: data, inner: l.Value[at:][:data.SizeOrType], at: at}
	t := local.Type(o.Type)
	for i := range t.Vlen {
		field := t.Member(i)
		if err := m.member(i, field); err != nil {
			return nil, o.errorAt(&Callback{Offset: uint64(field.BitOffset / 8)}, fmt.Errorf("member %q: %w", local.Name(field.NameOff), err))
		}
	}
	return l, nil
}

// dataMember finds the struct of callbacks within its wrapper.
func dataMember(wrapper rawbtf.Type, name string) (data rawbtf.Type, offset uint32, ok bool) {
	types := wrapper.Spec()
	for i := range wrapper.Vlen {
		m := wrapper.Member(i)
		t := types.SkipModifiers(m.Type)
		if t.Kind == rawbtf.KindStruct && t.Name() == name && m.BitOffset%8 == 0 && m.BitSize == 0 {
			return t, m.BitOffset / 8, true
		}
	}
	return rawbtf.Type{}, 0, false
}

type matcher struct {
	*Layout
	local  *rawbtf.Spec
	kernel rawbtf.Type // struct NAME
	inner  []byte      // its part of Value
	at     uint32      // offset of that
}

func (m *matcher) member(index int, field rawbtf.Member) error {
	program, isCallback := m.Ops.programOf(index)
	bytes, err := m.contents(field)
	if err != nil {
		return err
	}
	said := program != nil
	if !isCallback { // of a callback, the bytes are part of the relocation
		said = slices.ContainsFunc(bytes, func(b byte) bool { return b != 0 })
	}
	name := m.local.Name(field.NameOff)
	i, target, ok := m.find(name)
	switch {
	case !ok && said:
		return missing("the kernel's struct %s has no such member%s: set it to 0 before the load, or drop it",
			m.kernel.Name(), proposal(name, m.memberNames))
	case !ok:
		m.warn(field, "struct-ops-member-unknown", fmt.Sprintf("the kernel's struct %s has no member %q, which the object leaves zero", m.kernel.Name(), name))
		return nil
	case !said:
		return nil
	case field.BitSize > 0 || target.BitSize > 0 || target.BitOffset%8 != 0:
		return elf.Unsupported("bitfields of struct_ops cannot be set")
	}
	off := target.BitOffset / 8
	mine, theirs := m.local.Underlying(field.Type), m.kernel.Spec().Underlying(target.Type)
	if mine.Kind != theirs.Kind {
		return elf.Unsupported("the object has a %s, the kernel a %s", mine.Kind, theirs.Kind)
	}
	if mine.Kind == rawbtf.KindPtr {
		return m.pointer(field, target, i, program)
	}
	size, ok := m.kernel.Spec().Size(theirs.ID)
	if !ok || size != uint64(len(bytes)) || uint64(off)+size > uint64(len(m.inner)) {
		return elf.Unsupported("the object has %d bytes, the kernel %d", len(bytes), size)
	}
	copy(m.inner[off:], bytes)
	return nil
}

func (m *matcher) pointer(field, target rawbtf.Member, index int, program *spec.Program) error {
	if program == nil {
		m.warn(field, "struct-ops-pointer", fmt.Sprintf("the address in member %q means nothing to the kernel and is left out", m.local.Name(field.NameOff)))
		return nil
	}
	off := target.BitOffset / 8
	if !isCallback(m.kernel.Spec(), target.Type) || uint64(off)+8 > uint64(len(m.inner)) {
		return elf.Unsupported("the kernel's member is no pointer to a function")
	}
	m.Slots = append(m.Slots, Slot{Offset: m.at + off, Member: uint32(index), Name: m.local.Name(field.NameOff), Program: program})
	return nil
}

// contents returns what the object says a member is, for a bitfield the bytes that
// it touches.
func (m *matcher) contents(field rawbtf.Member) ([]byte, error) {
	all := m.Ops.Map.Contents
	start, size := uint64(field.BitOffset/8), uint64(0)
	if field.BitSize > 0 {
		size = (uint64(field.BitOffset%8) + uint64(field.BitSize) + 7) / 8
	} else {
		var ok bool
		if size, ok = m.local.Size(field.Type); !ok {
			return nil, elf.Malformed("type %d has no size", field.Type)
		}
	}
	if start+size > uint64(len(all)) {
		return nil, elf.Malformed("%d bytes at byte %d of a variable of %d bytes", size, start, len(all))
	}
	bytes := all[start:][:size]
	if field.BitSize > 0 {
		bytes = maskBits(bytes, field, m.local.BigEndian())
	}
	return bytes, nil
}

// maskBits clears the bits that neighbours of a bitfield own.
func maskBits(bytes []byte, field rawbtf.Member, bigEndian bool) []byte {
	own := make([]byte, len(bytes))
	for i := range field.BitSize {
		bit := field.BitOffset%8 + i
		mask := byte(1) << (bit % 8)
		if bigEndian {
			mask = 0x80 >> (bit % 8)
		}
		own[bit/8] |= bytes[bit/8] & mask
	}
	return own
}

func (m *matcher) find(name string) (int, rawbtf.Member, bool) {
	for i := range m.kernel.Vlen {
		target := m.kernel.Member(i)
		if name != "" && m.kernel.Spec().HasName(target.NameOff, name) {
			return i, target, true
		}
	}
	return 0, rawbtf.Member{}, false
}

func (m *matcher) memberNames(yield func(string) bool) {
	for i := range m.kernel.Vlen {
		if !yield(m.kernel.Spec().Name(m.kernel.Member(i).NameOff)) {
			return
		}
	}
}

func (m *matcher) warn(field rawbtf.Member, code, message string) {
	m.Warnings = append(m.Warnings, spec.Warning{Code: code, Section: m.Ops.Map.Place.Section,
		Offset: m.Ops.Map.Place.Offset + uint64(field.BitOffset/8), Symbol: m.Ops.Map.Name, Message: message})
}

// programOf returns the program of a member, nil for one that was emptied, and
// whether the object filled it in.
func (o *Ops) programOf(member int) (*spec.Program, bool) {
	for i := range o.Callbacks {
		if o.Callbacks[i].Member == member {
			return o.Callbacks[i].Program, true
		}
	}
	return nil, false
}

// cause is a message that errors.Is recognises as ErrMissing.
type cause struct{ msg string }

func (c *cause) Error() string { return c.msg }
func (c *cause) Unwrap() error { return ErrMissing }

func missing(format string, args ...any) error { return &cause{fmt.Sprintf(format, args...)} }

func proposal(name string, have func(yield func(string) bool)) string {
	if best := near.Best(name, slices.Collect(have)); best != "" {
		return fmt.Sprintf("; the nearest name is %q", best)
	}
	return ""
}
