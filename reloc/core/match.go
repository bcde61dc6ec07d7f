// SPDX-License-Identifier: MIT

package core

import (
	"strings"

	"github.com/bpfload/bpfload/rawbtf"
)

// follow leads r.to along r.from through the types of the kernel, and says whether
// it got there. It leaves r.to where it stopped.
func (r *Resolver) follow(root rawbtf.Type, kind Kind) (bool, error) {
	from, to := &r.from, &r.to
	to.reset(root.Spec(), root.ID)
	switch {
	case kind == TypeMatches:
		return r.compare(to.types).matches(from.root, to.root)
	case kind.ofType():
		return r.compare(to.types).compatible(from.root, to.root)
	case kind.ofEnum():
		return r.enumerator(from.steps[0].name), nil
	}
	t := to.types.Underlying(root.ID)
	for i := range from.n {
		s := &from.steps[i]
		if s.name != "" {
			m := from.types.Type(s.typ).Member(int(s.index))
			next, ok, err := r.member(t, s.name, m.Type)
			if err != nil || !ok {
				return false, err
			}
			t = to.types.Underlying(next)
			continue
		}
		// The first step indexes the root itself.
		if i > 0 {
			if t.Kind != rawbtf.KindArray {
				return false, nil
			}
			elem, ok := to.elementOf(t, s.index)
			if !ok {
				return false, nil
			}
			t = elem
		}
		if to.raw == maxDepth {
			return false, errTooComplex
		}
		to.raw++
		if err := to.element(t.ID, s.index); err != nil {
			return false, nil // an incomplete type has no elements
		}
	}
	return true, nil
}

// enumerator looks for the value of the given name, flavours ignored.
func (r *Resolver) enumerator(name string) bool {
	to := &r.to
	t := to.types.Underlying(to.root)
	if !isEnum(t.Kind) {
		return false
	}
	name = rawbtf.EssentialName(name)
	for i := range t.Vlen {
		off, _ := t.Enumerator(i)
		if other := to.types.Name(off); strings.HasPrefix(other, name) && rawbtf.EssentialName(other) == name {
			to.push(step{typ: t.ID, index: uint32(i), name: name})
			return true
		}
	}
	return false
}

// member looks for a field of t, or of an anonymous struct or union in it, with
// the given name and a type compatible with the object's. It returns the field's
// type.
func (r *Resolver) member(t rawbtf.Type, name string, local rawbtf.ID) (next rawbtf.ID, ok bool, err error) {
	if !isComposite(t.Kind) {
		return 0, false, nil
	}
	to := &r.to
	if to.raw == maxDepth {
		return 0, false, errTooComplex
	}
	to.raw++
	if r.steps -= t.Vlen; r.steps < 0 {
		return 0, false, errTooComplex
	}
	for i := range t.Vlen {
		off := t.MemberNameOff(i)
		named := to.types.HasName(off, name)
		if !named && !to.types.HasName(off, "") {
			continue
		}
		m := t.Member(i)
		if named {
			if ok, err = r.compare(to.types).fields(local, m.Type); err != nil || !ok {
				break
			}
			to.bits += uint64(m.BitOffset)
			to.push(step{typ: t.ID, index: uint32(i), name: name})
			return m.Type, true, nil
		}
		to.bits += uint64(m.BitOffset)
		next, ok, err = r.member(to.types.Underlying(m.Type), name, local)
		if ok || err != nil {
			return next, ok, err
		}
		to.bits -= uint64(m.BitOffset)
	}
	to.raw--
	return 0, false, err
}
