// SPDX-License-Identifier: MIT

package core

import "github.com/bpfload/bpfload/rawbtf"

// matches is the stricter relation of [TypeMatches]: names agree, flavours
// ignored, integers have equal size and sign, every member and enumerator of the
// object's type exists in the kernel's. Behind a pointer, structs and unions need
// only their names in common, and a forward declaration will do.
func (c comparison) matches(l, t rawbtf.ID) (bool, error) {
	return c.matchesAt(l, t, false, maxNesting)
}

func (c comparison) matchesAt(l, t rawbtf.ID, behindPointer bool, level int) (bool, error) {
	if level <= 0 {
		return false, errTooDeep
	}
	for range maxNesting {
		if err := c.step(); err != nil {
			return false, err
		}
		a, b := c.local.Underlying(l), c.target.Underlying(t)
		if !sameName(a.Name(), b.Name()) {
			return false, nil
		}
		switch a.Kind {
		case rawbtf.KindVoid:
			return b.Kind == rawbtf.KindVoid, nil
		case rawbtf.KindFwd:
			return forwardOf(a, b) || behindPointer && forwardOf(b, a), nil
		case rawbtf.KindEnum, rawbtf.KindEnum64:
			return c.enums(a, b)
		case rawbtf.KindStruct, rawbtf.KindUnion:
			if behindPointer {
				return a.Kind == b.Kind || forwardOf(a, b), nil
			}
			if a.Kind != b.Kind {
				return false, nil
			}
			return c.composites(a, b, level)
		}
		if a.Kind != b.Kind {
			return false, nil
		}
		switch a.Kind {
		case rawbtf.KindInt:
			x, _, _ := a.Int()
			y, _, _ := b.Int()
			return a.SizeOrType == b.SizeOrType && x&rawbtf.IntSigned == y&rawbtf.IntSigned, nil
		case rawbtf.KindPtr:
			behindPointer = true
			l, t = a.SizeOrType, b.SizeOrType
		case rawbtf.KindArray:
			var n, m uint32
			l, _, n = a.Array()
			t, _, m = b.Array()
			if n != m {
				return false, nil
			}
		case rawbtf.KindFuncProto:
			if a.Vlen != b.Vlen {
				return false, nil
			}
			for i := range a.Vlen {
				_, p := a.Param(i)
				_, q := b.Param(i)
				if ok, err := c.matchesAt(p, q, behindPointer, level-1); err != nil || !ok {
					return false, err
				}
			}
			l, t = a.SizeOrType, b.SizeOrType
		default:
			return false, nil
		}
	}
	return false, errTooDeep
}

// forwardOf says whether b is a forward declaration of what a is, or declares.
func forwardOf(a, b rawbtf.Type) bool {
	if b.Kind != rawbtf.KindFwd {
		return false
	}
	switch a.Kind {
	case rawbtf.KindFwd:
		return a.KindFlag == b.KindFlag
	case rawbtf.KindStruct:
		return !b.KindFlag
	case rawbtf.KindUnion:
		return b.KindFlag
	}
	return false
}

func (c comparison) enums(a, b rawbtf.Type) (bool, error) {
	if !isEnum(b.Kind) || a.SizeOrType != b.SizeOrType || a.Vlen > b.Vlen {
		return false, nil
	}
	for i := range a.Vlen {
		off, _ := a.Enumerator(i)
		name, found := c.local.Name(off), false
		for j := 0; j < b.Vlen && !found; j++ {
			if err := c.step(); err != nil {
				return false, err
			}
			other, _ := b.Enumerator(j)
			found = sameName(name, c.target.Name(other))
		}
		if !found {
			return false, nil
		}
	}
	return true, nil
}

func (c comparison) composites(a, b rawbtf.Type, level int) (bool, error) {
	if a.Vlen > b.Vlen {
		return false, nil
	}
	for i := range a.Vlen {
		m := a.Member(i)
		name, found := c.local.Name(m.NameOff), false
		for j := 0; j < b.Vlen && !found; j++ {
			if err := c.step(); err != nil {
				return false, err
			}
			other := b.Member(j)
			if !sameName(name, c.target.Name(other.NameOff)) {
				continue
			}
			var err error
			if found, err = c.matchesAt(m.Type, other.Type, false, level-1); err != nil {
				return false, err
			}
		}
		if !found {
			return false, nil
		}
	}
	return true, nil
}

// sameName compares two names, flavours ignored; most differ in their first letters.
func sameName(a, b string) bool {
	if n := min(len(a), len(b), 2); a[:n] != b[:n] {
		return false
	}
	return a == b || rawbtf.EssentialName(a) == rawbtf.EssentialName(b)
}
