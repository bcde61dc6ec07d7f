// SPDX-License-Identifier: MIT

package btfmaps

import (
	"fmt"
	"math"

	"github.com/bpfload/bpfload/elf"
	"github.com/bpfload/bpfload/rawbtf"
)

// number reads a member declared with __uint, a pointer to an array whose length
// is the number, or with __ulong, an enum whose only value it is.
func (d *decoder) number(id rawbtf.ID) (uint64, error) {
	t := d.types.Underlying(id)
	switch t.Kind {
	case rawbtf.KindPtr:
		a := d.types.Underlying(t.SizeOrType)
		if a.Kind != rawbtf.KindArray {
			return 0, elf.Malformed("want an integer written with __uint, got a pointer to %s", d.describe(t.SizeOrType))
		}
		_, _, n := a.Array()
		return uint64(n), nil
	case rawbtf.KindEnum, rawbtf.KindEnum64:
		if t.Vlen != 1 {
			return 0, elf.Malformed("want an integer written with __ulong, got an enum of %d values", t.Vlen)
		}
		_, v := t.Enumerator(0)
		return v, nil
	}
	return 0, elf.Malformed("want an integer written with __uint, got %s", d.describe(id))
}

// uint32 reads a number that must fit the attribute.
func (d *decoder) uint32(id rawbtf.ID, dst *uint32) error {
	n, err := d.number(id)
	if err != nil {
		return err
	}
	if n > math.MaxUint32 {
		return elf.Malformed("%d does not fit 32 bits", n)
	}
	*dst = uint32(n)
	return nil
}

// declaredSize reads key_size or value_size.
func (d *decoder) declaredSize(id rawbtf.ID, what string, size *uint32) error {
	var n uint32
	if err := d.uint32(id, &n); err != nil {
		return err
	}
	return agree(what, size, n)
}

// pointee reads key or value: the type that the member points at, qualifiers kept.
func (d *decoder) pointee(id rawbtf.ID, what string, size *uint32) (rawbtf.ID, error) {
	t := d.types.Underlying(id)
	if t.Kind != rawbtf.KindPtr {
		return 0, elf.Malformed("want a type written with __type, got %s", d.describe(id))
	}
	n, ok := d.types.Size(t.SizeOrType)
	if !ok || n > math.MaxUint32 {
		return 0, elf.Malformed("the size of %s is unknown or too large", d.describe(t.SizeOrType))
	}
	return t.SizeOrType, agree(what, size, uint32(n))
}

// agree notes a size; one stated twice must be the same, and 0 states nothing.
func agree(what string, size *uint32, n uint32) error {
	if *size != 0 && *size != n {
		return elf.Malformed("%s size is %d here and %d before", what, n, *size)
	}
	*size = n
	return nil
}

// describe names a type for an error message: its kind, and its own name or that
// of the typedef by which it is used.
func (d *decoder) describe(id rawbtf.ID) string {
	name := ""
	t := d.types.Type(id)
	for range rawbtf.MaxDepth {
		switch t.Kind {
		case rawbtf.KindTypedef, rawbtf.KindConst, rawbtf.KindVolatile, rawbtf.KindRestrict, rawbtf.KindTypeTag:
			if name == "" && t.Kind == rawbtf.KindTypedef {
				name = t.Name()
			}
			t = d.types.Type(t.SizeOrType)
			continue
		}
		break
	}
	if name == "" {
		name = t.Name()
	}
	kind := kindPhrases[t.Kind]
	if name != "" {
		return fmt.Sprintf("%s %q", kind, name)
	}
	return kind
}

var kindPhrases = [...]string{
	rawbtf.KindVoid: "void", rawbtf.KindInt: "an integer", rawbtf.KindPtr: "a pointer", rawbtf.KindArray: "an array",
	rawbtf.KindStruct: "a struct", rawbtf.KindUnion: "a union", rawbtf.KindEnum: "an enum", rawbtf.KindFwd: "an incomplete type",
	rawbtf.KindTypedef: "a typedef", rawbtf.KindVolatile: "a type", rawbtf.KindConst: "a type", rawbtf.KindRestrict: "a type",
	rawbtf.KindFunc: "a function", rawbtf.KindFuncProto: "a function", rawbtf.KindVar: "a variable", rawbtf.KindDatasec: "a section",
	rawbtf.KindFloat: "a floating-point number", rawbtf.KindDeclTag: "a tag", rawbtf.KindTypeTag: "a type", rawbtf.KindEnum64: "an enum",
}
