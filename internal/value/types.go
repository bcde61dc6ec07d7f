// SPDX-License-Identifier: MIT

package value

import (
	"encoding/binary"
	"fmt"
	"math"
	"strings"

	"github.com/bpfload/bpfload/rawbtf"
)

// maxDepth bounds the nesting of types; C code nests far less.
const maxDepth = 64

// budgetFor bounds the number of values that are read out of or written into some
// bytes, so that damaged BTF, in which types contain themselves many times over,
// cannot keep us busy.
func budgetFor(data []byte) int { return 1<<16 + 256*len(data) }

var nativeBigEndian = binary.NativeEndian.Uint16([]byte{0, 1}) == 1

// A form is a type without its qualifiers, and what its typedefs said about it.
type form struct {
	rawbtf.Type
	types   *rawbtf.Spec
	id      rawbtf.ID // as it was asked for
	big     bool      // byte order of integers
	network bool      // a typedef of the __be family
}

// resolve follows qualifiers and typedefs. Types named __be16 and the like fix
// the byte order.
func resolve(types *rawbtf.Spec, id rawbtf.ID) form {
	f := form{types: types, id: id, big: nativeBigEndian}
	if types == nil {
		return f
	}
	f.big = types.BigEndian()
	for range rawbtf.MaxDepth {
		t := types.Type(id)
		switch t.Kind {
		case rawbtf.KindTypedef:
			switch t.Name() {
			case "__be16", "__be32", "__be64":
				f.big, f.network = true, true
			case "__le16", "__le32", "__le64":
				f.big = false
			}
		case rawbtf.KindConst, rawbtf.KindVolatile, rawbtf.KindRestrict, rawbtf.KindTypeTag, rawbtf.KindVar:
		default:
			f.Type = t
			return f
		}
		id = t.SizeOrType
	}
	return f
}

// size returns the bytes that a value takes; void stands for any number.
func (f form) size() (uint64, bool) {
	if f.types == nil || f.Kind == rawbtf.KindVoid {
		return 0, false
	}
	return f.types.Size(f.id)
}

// isChar says whether the type is C's char. Compilers set no flag for it: it is
// known by its name.
func (f form) isChar() bool {
	if f.Kind != rawbtf.KindInt || f.SizeOrType != 1 {
		return false
	}
	encoding, _, bits := f.Int()
	return bits == 8 && (encoding&rawbtf.IntChar != 0 || f.Name() == "char")
}

// eitherSign says whether BTF leaves open if the type is signed: C does for char,
// and clang before version 15 did not say it of an enum with negative values.
func (f form) eitherSign() bool {
	if f.Kind == rawbtf.KindEnum && !f.KindFlag {
		for i := range f.Vlen {
			if _, v := f.Enumerator(i); v > math.MaxInt32 {
				return true
			}
		}
	}
	return f.isChar()
}

// isText says whether the type is an array of char.
func (f form) isText() bool {
	if f.Kind != rawbtf.KindArray {
		return false
	}
	elem, _, _ := f.Array()
	return resolve(f.types, elem).isChar()
}

// isAddress says whether the type is one of the structs of a network address.
func (f form) isAddress() bool {
	return f.Kind == rawbtf.KindStruct && (f.Name() == "in_addr" && f.SizeOrType == 4 || f.Name() == "in6_addr" && f.SizeOrType == 16)
}

// String names the type as C does.
func (f form) String() string { return TypeName(f.types, f.id) }

// TypeName returns the C name of a type, such as "struct limits", "__u16" or
// "char[16]".
func TypeName(types *rawbtf.Spec, id rawbtf.ID) string {
	if types == nil || id == 0 {
		return "bytes"
	}
	var suffix strings.Builder
	for range rawbtf.MaxDepth {
		t := types.Type(id)
		switch t.Kind {
		case rawbtf.KindConst, rawbtf.KindVolatile, rawbtf.KindRestrict, rawbtf.KindTypeTag, rawbtf.KindVar:
			id = t.SizeOrType
			continue
		case rawbtf.KindArray:
			elem, _, n := t.Array()
			fmt.Fprintf(&suffix, "[%d]", n)
			id = elem
			continue
		case rawbtf.KindPtr:
			return "pointer" + suffix.String()
		case rawbtf.KindInt, rawbtf.KindTypedef, rawbtf.KindFloat:
			return t.Name() + suffix.String()
		case rawbtf.KindDatasec:
			return fmt.Sprintf("section %q", t.Name())
		}
		kind := t.Kind.String()
		if t.Kind == rawbtf.KindEnum64 {
			kind = "enum"
		}
		if t.Name() == "" {
			return kind + suffix.String()
		}
		return kind + " " + t.Name() + suffix.String()
	}
	return "a type of too many parts"
}

// A part is a member of a struct, union or datasec.
type part struct {
	name     string
	typ      rawbtf.ID
	bit      uint64 // offset in bits
	bitfield uint32 // bits of a bitfield, or 0
}

// part returns member i.
func (f form) part(i int) part {
	if f.Kind == rawbtf.KindDatasec {
		s := f.VarSecinfo(i)
		return part{name: f.types.Type(s.Type).Name(), typ: s.Type, bit: 8 * uint64(s.Offset)}
	}
	m := f.Member(i)
	return part{name: f.types.Name(m.NameOff), typ: m.Type, bit: uint64(m.BitOffset), bitfield: m.BitSize}
}

// composite says whether the type has members.
func (f form) composite() bool {
	return f.Kind == rawbtf.KindStruct || f.Kind == rawbtf.KindUnion || f.Kind == rawbtf.KindDatasec
}

// place returns where in the bytes of the enclosing type a part lies.
func (p part) place(f form, data []byte) (bits, error) {
	size, ok := f.size()
	if !ok {
		return bits{}, refuse(ErrType, "%s has no size", f)
	}
	start, n := p.bit, 8*size
	switch {
	case p.bitfield != 0:
		n = uint64(p.bitfield)
	case f.Kind == rawbtf.KindInt:
		// Clang before version 8 and pahole describe bitfields as integers of
		// odd widths.
		_, offset, width := f.Int()
		start, n = start+uint64(offset), uint64(width)
	}
	switch f.Kind {
	case rawbtf.KindInt, rawbtf.KindEnum, rawbtf.KindEnum64:
		if widest := uint64(128); n > widest || n > 8*size && p.bitfield == 0 {
			return bits{}, refuse(ErrType, "%s has a width of %d bits in %d bytes", f, n, size)
		}
	}
	if start+n > 8*uint64(len(data)) {
		return bits{}, refuse(ErrType, "%s does not fit the %d bytes that enclose it", f, len(data))
	}
	return bits{data: data, offset: int(start), n: int(n), big: f.big}, nil
}
