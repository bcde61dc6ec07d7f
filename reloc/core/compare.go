// SPDX-License-Identifier: MIT

package core

import (
	"github.com/bpfload/bpfload/elf"
	"github.com/bpfload/bpfload/rawbtf"
)

// maxNesting bounds how deep functions take functions, and structs hold structs,
// in types that are compared; the kernel has the same bound.
const maxNesting = 32

var errTooDeep = elf.Malformed("types are nested more than %d deep", maxNesting)

// A comparison relates types of the object to types of the kernel.
type comparison struct {
	local, target *rawbtf.Spec
	steps         *int
}

func (r *Resolver) compare(target *rawbtf.Spec) comparison {
	return comparison{r.local, target, &r.steps}
}

// Compatible says whether a type of the object may stand for one of the kernel:
// the rule for types that CO-RE asks after, for typed ksyms and for the
// prototypes of kfuncs. Kinds must agree through pointers, arrays and prototypes;
// names, sizes and the members of structs do not matter.
func Compatible(local *rawbtf.Spec, l rawbtf.ID, target *rawbtf.Spec, t rawbtf.ID) (bool, error) {
	steps := maxSteps
	return comparison{local, target, &steps}.compatible(l, t)
}

func (c comparison) step() error {
	if *c.steps--; *c.steps < 0 {
		return errTooComplex
	}
	return nil
}

func (c comparison) compatible(l, t rawbtf.ID) (bool, error) {
	return c.compatibleAt(l, t, maxNesting)
}

func (c comparison) compatibleAt(l, t rawbtf.ID, level int) (bool, error) {
	if !kindsAgree(c.local.Type(l).Kind, c.target.Type(t).Kind) {
		return false, nil
	}
	for range maxNesting {
		if err := c.step(); err != nil {
			return false, err
		}
		a, b := c.local.Underlying(l), c.target.Underlying(t)
		if !kindsAgree(a.Kind, b.Kind) {
			return false, nil
		}
		switch a.Kind {
		case rawbtf.KindVoid, rawbtf.KindStruct, rawbtf.KindUnion, rawbtf.KindEnum, rawbtf.KindEnum64, rawbtf.KindFwd:
			return true, nil
		case rawbtf.KindInt:
			return wholeBytes(a) && wholeBytes(b), nil
		case rawbtf.KindPtr:
			l, t = a.SizeOrType, b.SizeOrType
		case rawbtf.KindArray:
			l, _, _ = a.Array()
			t, _, _ = b.Array()
		case rawbtf.KindFuncProto:
			if a.Vlen != b.Vlen {
				return false, nil
			}
			for i := range a.Vlen {
				if level == 0 {
					return false, errTooDeep
				}
				_, p := a.Param(i)
				_, q := b.Param(i)
				ok, err := c.compatibleAt(c.local.Underlying(p).ID, c.target.Underlying(q).ID, level-1)
				if err != nil || !ok {
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

// fields says whether a field of the kernel may stand for one of the object:
// structs and unions for each other, any pointer for any other, integers of any
// size, enums of one name or none, arrays of such.
func (c comparison) fields(l, t rawbtf.ID) (bool, error) {
	for range maxNesting {
		if err := c.step(); err != nil {
			return false, err
		}
		a, b := c.local.Underlying(l), c.target.Underlying(t)
		if isComposite(a.Kind) && isComposite(b.Kind) {
			return true, nil
		}
		if !kindsAgree(a.Kind, b.Kind) {
			return false, nil
		}
		switch a.Kind {
		case rawbtf.KindPtr, rawbtf.KindFloat:
			return true, nil
		case rawbtf.KindFwd, rawbtf.KindEnum, rawbtf.KindEnum64:
			x, y := a.Name(), b.Name()
			return x == "" || y == "" || rawbtf.EssentialName(x) == rawbtf.EssentialName(y), nil
		case rawbtf.KindInt:
			return wholeBytes(a) && wholeBytes(b), nil
		case rawbtf.KindArray:
			l, _, _ = a.Array()
			t, _, _ = b.Array()
		default:
			return false, nil
		}
	}
	return false, errTooDeep
}

// wholeBytes refuses the integers with a bit offset by which old compilers
// described bitfields.
func wholeBytes(t rawbtf.Type) bool {
	_, offset, _ := t.Int()
	return offset == 0
}
