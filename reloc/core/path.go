// SPDX-License-Identifier: MIT

package core

import (
	"strings"

	"github.com/bpfload/bpfload/elf"
	"github.com/bpfload/bpfload/rawbtf"
)

// maxDepth bounds the indices of an access string and of its counterpart in the
// kernel, anonymous members included (BPF_CORE_SPEC_MAX_LEN).
const maxDepth = 64

// A path leads from a root type to a field or enumerator. Its steps are what C
// source would show: members by name and elements by index, anonymous members
// left out.
type path struct {
	types *rawbtf.Spec
	root  rawbtf.ID
	steps [maxDepth]step
	n     int    // of steps
	raw   int    // of indices, anonymous members included
	bits  uint64 // offset from the start of the root
}

// A step is a named member of typ, or an element of type typ.
type step struct {
	typ   rawbtf.ID // modifiers and typedefs skipped
	index uint32
	name  string // "" for an element; the first step indexes a pointer to the root
}

func (p *path) reset(types *rawbtf.Spec, root rawbtf.ID) {
	p.types, p.root, p.n, p.raw, p.bits = types, root, 0, 0, 0
}

func (p *path) push(s step) {
	p.steps[p.n] = s
	p.n++
}

// last returns the step that leads to what is relocated.
func (p *path) last() *step { return &p.steps[p.n-1] }

// element moves by index elements of a type.
func (p *path) element(typ rawbtf.ID, index uint32) error {
	size, ok := p.types.Size(typ)
	if !ok {
		return elf.Malformed("type %d has no size", typ)
	}
	p.push(step{typ: typ, index: index})
	p.bits += uint64(index) * size * 8
	if p.bits > 1<<32 {
		return elf.Malformed("element %d of %d bytes lies beyond any field", index, size)
	}
	return nil
}

// parse follows an access string through the object's own types.
func (p *path) parse(types *rawbtf.Spec, root rawbtf.ID, access string, kind Kind) error {
	p.reset(types, root)
	if kind.ofType() {
		if access != "0" {
			return elf.Malformed("access string %q of a type, want \"0\"", access)
		}
		return nil
	}
	first, rest, err := nextIndex(access)
	if err != nil {
		return err
	}
	p.raw = 1
	t := types.Underlying(root)
	if kind.ofEnum() {
		if !isEnum(t.Kind) || rest != "" || int(first) >= t.Vlen {
			return elf.Malformed("access string %q does not name a value of %s %q", access, t.Kind, t.Name())
		}
		name, _ := t.Enumerator(int(first))
		p.push(step{typ: t.ID, index: first, name: types.Name(name)})
		return nil
	}
	if err := p.element(t.ID, first); err != nil {
		return err
	}
	for rest != "" {
		var index uint32
		if index, rest, err = nextIndex(rest); err != nil {
			return err
		}
		if p.raw == maxDepth {
			return elf.Malformed("access string %q has more than %d indices", access, maxDepth)
		}
		p.raw++
		if t, err = p.enter(t, index); err != nil {
			return err
		}
	}
	return nil
}

// enter adds member or element index of t and returns its type.
func (p *path) enter(t rawbtf.Type, index uint32) (rawbtf.Type, error) {
	switch {
	case isComposite(t.Kind):
		if int(index) >= t.Vlen {
			return t, elf.Malformed("member %d of %d in %s %q", index, t.Vlen, t.Kind, t.Name())
		}
		m := t.Member(int(index))
		p.bits += uint64(m.BitOffset)
		if name := p.types.Name(m.NameOff); name != "" {
			p.push(step{typ: t.ID, index: index, name: name})
		}
		return p.types.Underlying(m.Type), nil
	case t.Kind == rawbtf.KindArray:
		elem, ok := p.elementOf(t, index)
		if !ok {
			_, _, n := t.Array()
			return t, elf.Malformed("element %d of an array of %d", index, n)
		}
		return elem, p.element(elem.ID, index)
	}
	return t, elf.Malformed("index %d into type %d of kind %s", index, t.ID, t.Kind)
}

// elementOf returns the type of the elements of t, which the path has reached, and
// whether it has one of that index. A last member without a length has any.
func (p *path) elementOf(t rawbtf.Type, index uint32) (rawbtf.Type, bool) {
	elem, _, n := t.Array()
	if index >= n && !(n == 0 && p.atLastMember()) {
		return rawbtf.Type{}, false
	}
	return p.types.Underlying(elem), true
}

func (p *path) atLastMember() bool {
	s := p.last()
	return s.name != "" && int(s.index) == p.types.Type(s.typ).Vlen-1
}

// nextIndex splits the first number off an access string.
func nextIndex(access string) (index uint32, rest string, err error) {
	digits, rest, more := strings.Cut(access, ":")
	n := uint64(0)
	for i := range len(digits) {
		c := digits[i]
		if n = n*10 + uint64(c-'0'); c < '0' || c > '9' || n > 1<<31-1 {
			return 0, "", elf.Malformed("access string %q", access)
		}
	}
	if digits == "" || more && rest == "" {
		return 0, "", elf.Malformed("access string %q", access)
	}
	return uint32(n), rest, nil
}
