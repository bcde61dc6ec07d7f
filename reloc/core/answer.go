// SPDX-License-Identifier: MIT

package core

import (
	"github.com/bpfload/bpfload/elf"
	"github.com/bpfload/bpfload/rawbtf"
)

// An answer is what a relocation comes to, whatever its instruction.
type answer struct {
	was, is   uint64 // values by the object's types and by the kernel's
	check     bool   // the instruction must hold was
	wasEnum32 bool   // a 32-bit value, sign-extended
	isEnum32  bool
	missing   bool   // nothing in the kernel to take is from
	badWidth  bool   // a load or store cannot be adjusted
	wasSize   uint32 // bytes that a load or store takes; 0 for a bitfield
	isSize    uint32
	offset    uint64 // of the field in bits, for telling candidates apart
	candidate rawbtf.Type
}

// answer resolves a relocation, or remembers what it came to before.
func (r *Resolver) answer(rel Relocation) (answer, error) {
	q := question{rel.Type, rel.Kind, rel.Access}
	if a, ok := r.known[q]; ok {
		return a, nil
	}
	a, err := r.resolve(q)
	if err != nil {
		return answer{}, err
	}
	r.known[q] = a
	return a, nil
}

func (r *Resolver) resolve(q question) (answer, error) {
	if q.kind > TypeMatches {
		return answer{}, elf.Unsupported("unknown CO-RE relocation kind %d", q.kind)
	}
	t := r.local.Type(q.typ)
	if t.ID != q.typ {
		return answer{}, elf.Malformed("type %d of %d", q.typ, r.local.NumTypes())
	}
	if err := r.from.parse(r.local, q.typ, q.access, q.kind); err != nil {
		return answer{}, err
	}
	if q.kind == TypeIDLocal {
		return answer{was: uint64(q.typ), is: uint64(q.typ)}, nil
	}
	if t.Name() == "" {
		return answer{}, elf.Unsupported("an anonymous %s has no counterpart to search for", t.Kind)
	}
	was, err := r.from.value(q.kind, r.local.BigEndian())
	if err != nil {
		return answer{}, err
	}
	candidates, err := r.find(q.typ, t)
	if err != nil {
		return answer{}, err
	}
	var a answer
	matching := 0
	for _, c := range candidates {
		ok, err := r.follow(c, q.kind)
		if err != nil {
			return answer{}, err
		}
		if !ok {
			continue
		}
		is, err := r.to.value(q.kind, r.local.BigEndian())
		if err != nil {
			return answer{}, err
		}
		b := was.becomes(is)
		b.offset, b.candidate = r.to.bits, c
		if matching == 0 {
			a = b
		} else if err := a.agrees(b); err != nil {
			return answer{}, err
		}
		candidates[matching] = c
		matching++
	}
	if matching == 0 {
		return was.withoutTarget(q.kind), nil
	}
	r.candidates[q.typ] = candidates[:matching]
	return a, nil
}

// find returns the kernel's types that a root type may stand for. The slice is the
// Resolver's own.
func (r *Resolver) find(id rawbtf.ID, t rawbtf.Type) ([]rawbtf.Type, error) {
	if found, ok := r.candidates[id]; ok {
		return found, nil
	}
	found, err := r.target.Find(sameKind(t.Kind), t.Name())
	if err != nil {
		return nil, err
	}
	found = append([]rawbtf.Type(nil), found...)
	r.candidates[id] = found
	return found, nil
}

// agrees compares the answers that two types of one name give.
func (a answer) agrees(b answer) error {
	if a.offset != b.offset {
		return ambiguous("type %d of the kernel has the field at bit %d, type %d at bit %d",
			a.candidate.ID, a.offset, b.candidate.ID, b.offset)
	}
	if a.is != b.is {
		return ambiguous("%d by type %d of the kernel, %d by type %d", a.is, a.candidate.ID, b.is, b.candidate.ID)
	}
	return nil
}

// A value is what a path comes to for one kind of relocation.
type value struct {
	v      uint64
	exact  bool // the compiler is bound to have computed the same
	enum32 bool
	size   uint32      // of what a load or store at the offset takes
	typ    rawbtf.Type // of that
}

// becomes pairs the value by the object's types with that by the kernel's.
func (was value) becomes(is value) answer {
	a := answer{was: was.v, is: is.v, check: was.exact, wasEnum32: was.enum32, isEnum32: is.enum32, wasSize: was.size, isSize: is.size}
	a.badWidth = was.size != is.size && !zeroExtends(was.typ, is.typ)
	return a
}

// withoutTarget answers for a kernel that has nothing to match.
func (was value) withoutTarget(kind Kind) answer {
	a := answer{was: was.v, check: was.exact, wasEnum32: was.enum32}
	a.missing = kind.ofField() && kind != FieldExists || kind == EnumValue
	return a
}

// zeroExtends says whether loads of two widths give the same number for both
// types: pointers (of a 32-bit kernel, say) and unsigned integers.
func zeroExtends(a, b rawbtf.Type) bool {
	if a.Kind != b.Kind {
		return false
	}
	switch a.Kind {
	case rawbtf.KindPtr:
		return true
	case rawbtf.KindInt:
		x, _, _ := a.Int()
		y, _, _ := b.Int()
		return x&rawbtf.IntSigned == 0 && y&rawbtf.IntSigned == 0
	}
	return false
}

// value computes what the path comes to.
func (p *path) value(kind Kind, bigEndian bool) (value, error) {
	switch kind {
	case FieldExists, TypeExists, TypeMatches, EnumValueExists:
		return value{v: 1, exact: true}, nil
	case TypeIDTarget:
		// Static linking renumbers types but not instructions.
		return value{v: uint64(p.root)}, nil
	case TypeSize:
		size, ok := p.types.Size(p.root)
		if !ok {
			return value{}, elf.Malformed("type %d has no size", p.root)
		}
		return value{v: size, exact: true}, nil
	case EnumValue:
		s := p.steps[0]
		t := p.types.Type(s.typ)
		_, v := t.Enumerator(int(s.index))
		if t.Kind == rawbtf.KindEnum {
			return value{v: uint64(int64(int32(v))), exact: true, enum32: true}, nil
		}
		return value{v: v, exact: true}, nil
	}
	s := p.last()
	if s.name == "" {
		return p.elementValue(s.typ, kind)
	}
	m := p.types.Type(s.typ).Member(int(s.index))
	if m.BitSize > 0 {
		return p.bitfieldValue(m, kind, bigEndian)
	}
	return p.fieldValue(p.types.Underlying(m.Type), kind)
}

func (p *path) elementValue(typ rawbtf.ID, kind Kind) (value, error) {
	t := p.types.Type(typ)
	switch kind {
	case FieldByteOffset:
		return p.offsetValue(t)
	case FieldByteSize:
		return p.sizeValue(t)
	}
	return value{}, elf.Malformed("%s cannot be asked of an array's element", kind)
}

func (p *path) fieldValue(t rawbtf.Type, kind Kind) (value, error) {
	switch kind {
	case FieldByteOffset:
		return p.offsetValue(t)
	case FieldSigned:
		return value{v: signed(t), exact: true}, nil
	}
	size, err := p.sizeValue(t)
	if kind == FieldByteSize || err != nil {
		return size, err
	}
	if size.v > 8 {
		return value{}, elf.Malformed("%s cannot be asked of a field of %d bytes", kind, size.v)
	}
	return value{v: 64 - 8*size.v, exact: true}, nil
}

// offsetValue is for a field or element of type t. A load or store there takes an
// innermost element where t is an array.
func (p *path) offsetValue(t rawbtf.Type) (value, error) {
	access := t
	for range rawbtf.MaxDepth {
		if access.Kind != rawbtf.KindArray {
			break
		}
		elem, _, _ := access.Array()
		access = p.types.Underlying(elem)
	}
	size, ok := p.types.Size(access.ID)
	if !ok {
		return value{}, elf.Malformed("type %d of a field has no size", access.ID)
	}
	return value{v: p.bits / 8, exact: true, size: uint32(size), typ: t}, nil
}

func (p *path) sizeValue(t rawbtf.Type) (value, error) {
	size, ok := p.types.Size(t.ID)
	if !ok {
		return value{}, elf.Malformed("type %d of a field has no size", t.ID)
	}
	return value{v: size, exact: true}, nil
}

// bitfieldValue describes a bitfield by the least aligned integer, no smaller
// than its type, that holds all of it. The compiler may have chosen another, so
// its value is not binding.
func (p *path) bitfieldValue(m rawbtf.Member, kind Kind, bigEndian bool) (value, error) {
	t := p.types.Underlying(m.Type)
	bits, start := uint64(m.BitSize), p.bits
	size := uint64(t.SizeOrType)
	if t.Kind != rawbtf.KindInt && !isEnum(t.Kind) || size == 0 || size > 8 || size&(size-1) != 0 {
		return value{}, elf.Malformed("bitfield of type %d (%s)", t.ID, t.Kind)
	}
	for size < 8 && start%(8*size)+bits > 8*size {
		size *= 2
	}
	within := start % (8 * size) // bit offset in that integer
	if within+bits > 64 || within+bits > 8*size {
		return value{}, elf.Unsupported("a bitfield of %d bits at bit %d takes more than one 64-bit load", bits, start)
	}
	switch kind {
	case FieldByteOffset:
		return value{v: (start - within) / 8}, nil
	case FieldByteSize:
		return value{v: size}, nil
	case FieldSigned:
		return value{v: signed(t), exact: true}, nil
	case FieldLeftShift:
		if bigEndian {
			return value{v: 64 - 8*size + within}, nil
		}
		return value{v: 64 - within - bits}, nil
	default: // FieldRightShift
		return value{v: 64 - bits, exact: true}, nil
	}
}

func signed(t rawbtf.Type) uint64 {
	is := isEnum(t.Kind) && t.KindFlag
	if t.Kind == rawbtf.KindInt {
		encoding, _, _ := t.Int()
		is = encoding&rawbtf.IntSigned != 0
	}
	if is {
		return 1
	}
	return 0
}
