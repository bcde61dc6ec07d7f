// SPDX-License-Identifier: MIT

package rawbtf

// A Kind is BTF_KIND_*.
type Kind uint8

// The kinds of BTF, by the numbers of include/uapi/linux/btf.h.
const (
	KindVoid      Kind = 0
	KindInt       Kind = 1
	KindPtr       Kind = 2
	KindArray     Kind = 3
	KindStruct    Kind = 4
	KindUnion     Kind = 5
	KindEnum      Kind = 6
	KindFwd       Kind = 7
	KindTypedef   Kind = 8
	KindVolatile  Kind = 9
	KindConst     Kind = 10
	KindRestrict  Kind = 11
	KindFunc      Kind = 12
	KindFuncProto Kind = 13
	KindVar       Kind = 14
	KindDatasec   Kind = 15
	KindFloat     Kind = 16
	KindDeclTag   Kind = 17
	KindTypeTag   Kind = 18
	KindEnum64    Kind = 19
)

var kindNames = [...]string{"void", "int", "ptr", "array", "struct", "union", "enum", "fwd", "typedef",
	"volatile", "const", "restrict", "func", "func_proto", "var", "datasec", "float", "decl_tag", "type_tag", "enum64"}

// String returns the kernel's name of the kind in lower case.
func (k Kind) String() string {
	if int(k) < len(kindNames) {
		return kindNames[k]
	}
	return "unknown"
}

// A Type is one type record of a [Spec], which [Spec.Type] decodes. What its fields
// mean depends on the kind. The methods that read what follows the record, such as
// [Type.Array] and [Type.Member], are for types of the kinds that they name and for
// indices below Vlen; for others they may panic.
type Type struct {
	ID   ID
	Kind Kind
	// KindFlag is set for structs and unions with bitfields coded in the
	// members, for signed enums, for forward declarations of unions, and for
	// tags that are attributes.
	KindFlag bool
	Vlen     int
	NameOff  uint32
	// SizeOrType is a size in bytes (int, struct, union, enum, datasec,
	// float) or the id of the type referred to.
	SizeOrType uint32

	spec *Spec
	tail []byte // what follows the common 12 bytes
}

// Type returns a type by its id; void for 0 and for an id out of range.
func (s *Spec) Type(id ID) Type {
	for id < s.firstID && s.base != nil {
		s = s.base
	}
	i := id - s.firstID
	if id < s.firstID || i >= s.count {
		return Type{spec: s}
	}
	off := int(s.offsets[i>>s.shift])
	for range i & (1<<s.shift - 1) {
		off += recordLen(s.U32(s.types[off+4:]))
	}
	return s.typeAt(id, off)
}

func (s *Spec) typeAt(id ID, off int) Type {
	b := s.types[off:]
	info := s.U32(b[4:])
	return Type{
		ID:         id,
		Kind:       Kind(info >> 24 & 31),
		KindFlag:   info>>31 != 0,
		Vlen:       int(info & 0xffff),
		NameOff:    s.U32(b),
		SizeOrType: s.U32(b[8:]),
		spec:       s,
		tail:       b[typeSize:],
	}
}

// Spec returns what the type belongs to.
func (t Type) Spec() *Spec { return t.spec }

// Name returns the type's name, "" if it has none.
func (t Type) Name() string { return t.spec.Name(t.NameOff) }

func (t Type) word(i int) uint32 { return t.spec.U32(t.tail[4*i:]) }

// Int returns the encoding bits (1 signed, 2 char, 4 bool), the bit offset and the
// number of bits of an int.
func (t Type) Int() (encoding uint8, offset, bits uint32) {
	w := t.word(0)
	return uint8(w >> 24 & 15), w >> 16 & 255, w & 255
}

// Encodings of an int.
const (
	IntSigned = 1
	IntChar   = 2
	IntBool   = 4
)

// Array returns the element type, the index type and the number of elements.
func (t Type) Array() (elem, index ID, n uint32) { return t.word(0), t.word(1), t.word(2) }

// A Member is a field of a struct or union.
type Member struct {
	NameOff   uint32
	Type      ID
	BitOffset uint32 // from the start of the struct
	BitSize   uint32 // of a bitfield coded in the member; otherwise 0
}

// Member returns member i of a struct or union.
func (t Type) Member(i int) Member {
	m := Member{NameOff: t.word(3 * i), Type: t.word(3*i + 1), BitOffset: t.word(3*i + 2)}
	if t.KindFlag {
		m.BitSize = m.BitOffset >> 24
		m.BitOffset &= 0xffffff
	}
	return m
}

// MemberNameOff returns the name offset of member i, for skimming over many.
func (t *Type) MemberNameOff(i int) uint32 { return t.word(3 * i) }

// Enumerator returns the name offset and value of enumerator i of an enum or
// enum64. The value of a signed enum is sign-extended.
func (t Type) Enumerator(i int) (nameOff uint32, value uint64) {
	if t.Kind == KindEnum64 {
		return t.word(3 * i), uint64(t.word(3*i+1)) | uint64(t.word(3*i+2))<<32
	}
	v := t.word(2*i + 1)
	if t.KindFlag {
		return t.word(2 * i), uint64(int64(int32(v)))
	}
	return t.word(2 * i), uint64(v)
}

// Param returns the name offset and type of parameter i of a function prototype.
// A last parameter of type 0 without a name stands for "...".
func (t Type) Param(i int) (nameOff uint32, typ ID) { return t.word(2 * i), t.word(2*i + 1) }

// A Linkage is that of a variable or function.
type Linkage uint32

// Linkages, BTF_VAR_* and BTF_FUNC_*.
const (
	LinkageStatic Linkage = 0
	LinkageGlobal Linkage = 1
	LinkageExtern Linkage = 2
)

// Linkage returns the linkage of a variable or function.
func (t Type) Linkage() Linkage {
	if t.Kind == KindFunc {
		return Linkage(t.Vlen)
	}
	return Linkage(t.word(0))
}

// A VarSecinfo is an entry of a datasec.
type VarSecinfo struct {
	Type         ID // a var, or a func in .ksyms
	Offset, Size uint32
}

// VarSecinfo returns entry i of a datasec. Offsets and sizes are what the
// compiler or linker wrote; ELF symbols are the truth.
func (t Type) VarSecinfo(i int) VarSecinfo {
	return VarSecinfo{t.word(3 * i), t.word(3*i + 1), t.word(3*i + 2)}
}

// ComponentIndex returns what a declaration tag is attached to: -1 for the
// declaration itself, otherwise a member or parameter.
func (t Type) ComponentIndex() int32 { return int32(t.word(0)) }

// refers says whether SizeOrType is a type id.
func (k Kind) refers() bool {
	switch k {
	case KindPtr, KindTypedef, KindVolatile, KindConst, KindRestrict, KindFunc, KindFuncProto, KindVar, KindDeclTag, KindTypeTag:
		return true
	}
	return false
}

// SkipModifiers follows const, volatile, restrict and type tags.
func (s *Spec) SkipModifiers(id ID) Type { return s.skip(id, false) }

// Underlying follows const, volatile, restrict, type tags and typedefs.
func (s *Spec) Underlying(id ID) Type { return s.skip(id, true) }

// skip gives up, with void, on a chain longer than MaxDepth.
func (s *Spec) skip(id ID, typedefs bool) Type {
	for range MaxDepth {
		t := s.Type(id)
		switch t.Kind {
		case KindConst, KindVolatile, KindRestrict, KindTypeTag:
		case KindTypedef:
			if !typedefs {
				return t
			}
		default:
			return t
		}
		id = t.SizeOrType
	}
	return Type{spec: s}
}

// Size returns the size in bytes of a value of the type, and false for a type
// that has none: void, a function, an incomplete struct, or a chain of references
// deeper than MaxDepth. The size of a flexible array is 0.
func (s *Spec) Size(id ID) (uint64, bool) {
	n := uint64(1)
	for range MaxDepth {
		t := s.Type(id)
		switch t.Kind {
		case KindInt, KindStruct, KindUnion, KindEnum, KindEnum64, KindDatasec, KindFloat:
			return mul(n, uint64(t.SizeOrType))
		case KindPtr:
			return mul(n, 8)
		case KindTypedef, KindVolatile, KindConst, KindRestrict, KindVar, KindDeclTag, KindTypeTag:
			id = t.SizeOrType
		case KindArray:
			elem, _, count := t.Array()
			var ok bool
			if n, ok = mul(n, uint64(count)); !ok {
				return 0, false
			}
			id = elem
		default:
			return 0, false
		}
	}
	return 0, false
}

// mul multiplies sizes and refuses what no BPF value can have.
func mul(a, b uint64) (uint64, bool) {
	const limit = 1 << 32
	if b != 0 && a > limit/b {
		return 0, false
	}
	return a * b, a*b <= limit
}
