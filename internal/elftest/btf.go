// SPDX-License-Identifier: MIT

package elftest

import (
	"encoding/binary"

	"github.com/bpfload/bpfload/rawbtf"
)

// A BTF is type information under construction. Each method that adds a type
// returns its id; ids of types that do not exist yet may be used. The zero BTF
// holds void alone.
type BTF struct {
	FirstID rawbtf.ID // id of the first type; 0 means 1, more is for split BTF
	words   []uint32
	starts  []int // of each type in words
	strings table
}

// String adds a string and returns its offset.
func (b *BTF) String(s string) uint32 { return b.strings.add(s) }

// NextID returns the id that the next type will have.
func (b *BTF) NextID() rawbtf.ID {
	return max(b.FirstID, 1) + rawbtf.ID(len(b.starts))
}

// Raw adds a type record as it is: info is kindflag<<31 | kind<<24 | vlen.
func (b *BTF) Raw(name string, info, sizeOrType uint32, tail ...uint32) rawbtf.ID {
	id := b.NextID()
	b.starts = append(b.starts, len(b.words))
	b.words = append(b.words, b.String(name), info, sizeOrType)
	b.words = append(b.words, tail...)
	return id
}

func (b *BTF) add(kind rawbtf.Kind, name string, vlen int, sizeOrType uint32, tail ...uint32) rawbtf.ID {
	return b.Raw(name, uint32(kind)<<24|uint32(vlen), sizeOrType, tail...)
}

// Int adds an integer of size bytes; encoding is one of rawbtf's, or 0.
func (b *BTF) Int(name string, size uint32, encoding uint8) rawbtf.ID {
	return b.add(rawbtf.KindInt, name, 0, size, uint32(encoding)<<24|8*size)
}

// IntBits adds an integer whose value takes only some bits of its bytes.
func (b *BTF) IntBits(name string, size uint32, encoding uint8, offset, bits uint32) rawbtf.ID {
	return b.add(rawbtf.KindInt, name, 0, size, uint32(encoding)<<24|offset<<16|bits)
}

// Ptr adds a pointer.
func (b *BTF) Ptr(to rawbtf.ID) rawbtf.ID { return b.add(rawbtf.KindPtr, "", 0, to) }

// Array adds an array, indexed by its own element type for want of another.
func (b *BTF) Array(elem rawbtf.ID, n uint32) rawbtf.ID {
	return b.add(rawbtf.KindArray, "", 0, 0, elem, elem, n)
}

// A Member is a field of a struct or union.
type Member struct {
	Name    string
	Type    rawbtf.ID
	Bits    uint32 // offset in bits
	BitSize uint32 // of a bitfield
}

// Struct adds a struct.
func (b *BTF) Struct(name string, size uint32, members ...Member) rawbtf.ID {
	return b.composite(rawbtf.KindStruct, name, size, members)
}

// Union adds a union.
func (b *BTF) Union(name string, size uint32, members ...Member) rawbtf.ID {
	return b.composite(rawbtf.KindUnion, name, size, members)
}

func (b *BTF) composite(kind rawbtf.Kind, name string, size uint32, members []Member) rawbtf.ID {
	bitfields := uint32(0)
	for _, m := range members {
		if m.BitSize > 0 {
			bitfields = 1
		}
	}
	var tail []uint32
	for _, m := range members {
		offset := m.Bits
		if bitfields != 0 {
			offset |= m.BitSize << 24
		}
		tail = append(tail, b.String(m.Name), m.Type, offset)
	}
	return b.Raw(name, bitfields<<31|uint32(kind)<<24|uint32(len(members)), size, tail...)
}

// An Enumerator is a value of an enum.
type Enumerator struct {
	Name  string
	Value int64
}

// Enum adds an enum of size bytes.
func (b *BTF) Enum(name string, size uint32, signed bool, values ...Enumerator) rawbtf.ID {
	var tail []uint32
	for _, v := range values {
		tail = append(tail, b.String(v.Name), uint32(v.Value))
	}
	return b.Raw(name, flag(signed)|uint32(rawbtf.KindEnum)<<24|uint32(len(values)), size, tail...)
}

// Enum64 adds an enum with 64-bit values.
func (b *BTF) Enum64(name string, size uint32, signed bool, values ...Enumerator) rawbtf.ID {
	var tail []uint32
	for _, v := range values {
		tail = append(tail, b.String(v.Name), uint32(v.Value), uint32(uint64(v.Value)>>32))
	}
	return b.Raw(name, flag(signed)|uint32(rawbtf.KindEnum64)<<24|uint32(len(values)), size, tail...)
}

func flag(set bool) uint32 {
	if set {
		return 1 << 31
	}
	return 0
}

// Fwd adds a forward declaration.
func (b *BTF) Fwd(name string, union bool) rawbtf.ID {
	return b.Raw(name, flag(union)|uint32(rawbtf.KindFwd)<<24, 0)
}

// Typedef adds a typedef.
func (b *BTF) Typedef(name string, of rawbtf.ID) rawbtf.ID {
	return b.add(rawbtf.KindTypedef, name, 0, of)
}

// Volatile adds the volatile form of a type.
func (b *BTF) Volatile(of rawbtf.ID) rawbtf.ID { return b.add(rawbtf.KindVolatile, "", 0, of) }

// Const adds the const form of a type.
func (b *BTF) Const(of rawbtf.ID) rawbtf.ID { return b.add(rawbtf.KindConst, "", 0, of) }

// Restrict adds the restrict form of a pointer.
func (b *BTF) Restrict(of rawbtf.ID) rawbtf.ID { return b.add(rawbtf.KindRestrict, "", 0, of) }

// A Param is a parameter of a function.
type Param struct {
	Name string
	Type rawbtf.ID
}

// FuncProto adds a function prototype.
func (b *BTF) FuncProto(result rawbtf.ID, params ...Param) rawbtf.ID {
	var tail []uint32
	for _, p := range params {
		tail = append(tail, b.String(p.Name), p.Type)
	}
	return b.add(rawbtf.KindFuncProto, "", len(params), result, tail...)
}

// Func adds a function.
func (b *BTF) Func(name string, proto rawbtf.ID, linkage rawbtf.Linkage) rawbtf.ID {
	return b.add(rawbtf.KindFunc, name, int(linkage), proto)
}

// Var adds a variable.
func (b *BTF) Var(name string, typ rawbtf.ID, linkage rawbtf.Linkage) rawbtf.ID {
	return b.add(rawbtf.KindVar, name, 0, typ, uint32(linkage))
}

// Datasec adds the description of a section; size and offsets are as a compiler
// (0) or a linker writes them.
func (b *BTF) Datasec(name string, size uint32, vars ...rawbtf.VarSecinfo) rawbtf.ID {
	var tail []uint32
	for _, v := range vars {
		tail = append(tail, v.Type, v.Offset, v.Size)
	}
	return b.add(rawbtf.KindDatasec, name, len(vars), size, tail...)
}

// Float adds a floating point type.
func (b *BTF) Float(name string, size uint32) rawbtf.ID {
	return b.add(rawbtf.KindFloat, name, 0, size)
}

// DeclTag attaches a tag to a declaration (component -1), or to one of its
// members or parameters.
func (b *BTF) DeclTag(name string, of rawbtf.ID, component int32) rawbtf.ID {
	return b.add(rawbtf.KindDeclTag, name, 0, of, uint32(component))
}

// TypeTag adds the tagged form of a type.
func (b *BTF) TypeTag(name string, of rawbtf.ID) rawbtf.ID {
	return b.add(rawbtf.KindTypeTag, name, 0, of)
}

// Uint adds what the macro __uint makes of a number: int (*)[n].
func (b *BTF) Uint(n uint32) rawbtf.ID {
	return b.Ptr(b.Array(b.Int("int", 4, rawbtf.IntSigned), n))
}

// Ulong adds what the macro __ulong makes of a number: an enum of one value.
func (b *BTF) Ulong(n uint64) rawbtf.ID {
	return b.Enum64("", 8, false, Enumerator{"__unique_value", int64(n)})
}

// Bytes writes the contents of a .BTF section.
func (b *BTF) Bytes(bigEndian bool) []byte {
	order := appendOrder(bigEndian)
	b.strings.add("")
	out := order.AppendUint16(nil, 0xeb9f)
	out = append(out, 1, 0)
	types := uint32(4 * len(b.words))
	for _, w := range []uint32{24, 0, types, types, uint32(b.strings.Len())} {
		out = order.AppendUint32(out, w)
	}
	for _, w := range b.words {
		out = order.AppendUint32(out, w)
	}
	return append(out, b.strings.String()...)
}

func appendOrder(bigEndian bool) binary.AppendByteOrder {
	if bigEndian {
		return binary.BigEndian
	}
	return binary.LittleEndian
}
