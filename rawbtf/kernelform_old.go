// SPDX-License-Identifier: MIT

package rawbtf

import "strings"

// A step rewrites what kernels before a version do not know.
type step struct {
	what string // for the warning
	need func(k *KernelForm, t Type) bool
	do   func(k *KernelForm, t Type)
}

// steps go from the newest addition to BTF to the oldest.
var steps = []step{
	{"question marks in names of sections (Linux 6.9)", func(_ *KernelForm, t Type) bool {
		return t.Kind == KindDatasec && strings.Contains(t.Name(), "?")
	}, (*KernelForm).plainName},
	{"64-bit enums (Linux 6.0)", func(_ *KernelForm, t Type) bool {
		return t.Kind == KindEnum64 || t.Kind == KindEnum && t.KindFlag
	}, (*KernelForm).enumToUnion},
	{"type tags (Linux 5.17)", ofKind(KindTypeTag), (*KernelForm).tagToConst},
	{"declaration tags (Linux 5.16)", ofKind(KindDeclTag), (*KernelForm).toInt},
	{"floats (Linux 5.13)", ofKind(KindFloat), (*KernelForm).floatToStruct},
	{"global functions (Linux 5.6)", func(k *KernelForm, t Type) bool {
		return t.Kind == KindFunc && k.word(k.at(t.ID)+4)&0xffff == uint32(LinkageGlobal)
	}, (*KernelForm).funcToStatic},
	{"data sections (Linux 5.2)", func(_ *KernelForm, t Type) bool {
		return t.Kind == KindDatasec || t.Kind == KindVar
	}, (*KernelForm).dataToStruct},
	{"functions (Linux 5.0)", func(_ *KernelForm, t Type) bool {
		return t.Kind == KindFunc || t.Kind == KindFuncProto
	}, (*KernelForm).funcToTypedef},
}

func ofKind(kind Kind) func(*KernelForm, Type) bool {
	return func(_ *KernelForm, t Type) bool { return t.Kind == kind }
}

// Simplify rewrites the newest addition to BTF that the object uses and that was
// not rewritten before, into what older kernels know, and says what it was; "" when
// there is nothing left. It is for a kernel that has refused the BTF: nobody asks
// beforehand what a kernel knows.
func (k *KernelForm) Simplify() string {
	for len(k.steps) > 0 {
		s := k.steps[0]
		k.steps = k.steps[1:]
		used := false
		for i := range k.spec.offsets {
			if t := k.spec.Type(ID(i) + 1); s.need(k, t) {
				s.do(k, t)
				used = true
			}
		}
		if used {
			return s.what
		}
	}
	return ""
}

// HasFuncs says whether functions are left: a program's records can name them then.
func (k *KernelForm) HasFuncs() bool { return len(k.steps) > 0 }

func (k *KernelForm) set(t Type, name uint32, kind Kind, vlen int, sizeOrType uint32) {
	at := k.at(t.ID)
	k.setWord(at, name)
	k.setInfo(t, kind, vlen)
	k.setWord(at+8, sizeOrType)
}

// plainName replaces what a C identifier may not have.
func (k *KernelForm) plainName(t Type) {
	name := strings.ReplaceAll(t.Name(), "?", "_")
	k.setWord(k.at(t.ID), k.str(name))
}

// enumToUnion keeps the size of a 64-bit enum and the names of its values. Of a
// 32-bit one only the sign is lost.
func (k *KernelForm) enumToUnion(t Type) {
	if t.Kind == KindEnum {
		k.setInfo(t, KindEnum, t.Vlen)
		return
	}
	k.setInfo(t, KindUnion, t.Vlen)
	for i := range t.Vlen {
		k.setTail(t, 3*i+1, k.byteType())
		k.setTail(t, 3*i+2, 0)
	}
}

// byteType returns an integer of one byte, which fits wherever the type of
// something is lost.
func (k *KernelForm) byteType() ID {
	if k.oneByte == 0 {
		k.oneByte = k.add(k.str("enum64_placeholder"), uint32(KindInt)<<24, 1, 8)
	}
	return k.oneByte
}

func (k *KernelForm) tagToConst(t Type) { k.set(t, 0, KindConst, 0, t.SizeOrType) }

// toInt makes a tag or variable an integer: of one byte, since the section may
// give it no more room.
func (k *KernelForm) toInt(t Type) {
	k.set(t, k.identifier(t), KindInt, 0, 1)
	k.setTail(t, 0, 8)
}

// identifier returns the offset of the type's name, or of another where the name is
// no C identifier, as that of a declaration tag need not be.
func (k *KernelForm) identifier(t Type) uint32 {
	name := k.name(t.NameOff)
	for i := range len(name) {
		c := name[i] | 0x20
		if !('a' <= c && c <= 'z' || name[i] == '_' || i > 0 && '0' <= name[i] && name[i] <= '9') {
			name = ""
			break
		}
	}
	if name == "" {
		return k.str("unnamed")
	}
	return t.NameOff
}

func (k *KernelForm) floatToStruct(t Type) { k.set(t, 0, KindStruct, 0, t.SizeOrType) }

func (k *KernelForm) funcToStatic(t Type) { k.setInfo(t, KindFunc, int(LinkageStatic)) }

// dataToStruct turns a datasec into a struct whose members are its variables, and
// these into integers.
func (k *KernelForm) dataToStruct(t Type) {
	if t.Kind == KindVar {
		k.toInt(t)
		return
	}
	name := strings.NewReplacer(".", "_", "?", "_").Replace(t.Name())
	size := k.word(k.at(t.ID) + 8)
	k.set(t, k.str(name), KindStruct, t.Vlen, size)
	for i := range t.Vlen {
		entry := k.at(t.ID) + typeSize + 12*i
		typ, offset := k.word(entry), k.word(entry+4)
		member := k.word(k.at(typ))
		if typ >= k.spec.NumTypes() { // the stand-in for a function
			k.toInt(Type{ID: typ, NameOff: member, spec: k.spec})
		}
		k.setEntry(t, i, VarSecinfo{member, typ, offset * 8})
	}
}

// funcToTypedef turns a function into a name for its prototype, and that into an
// enum of the parameters.
func (k *KernelForm) funcToTypedef(t Type) {
	if t.Kind == KindFunc {
		k.set(t, t.NameOff, KindTypedef, 0, t.SizeOrType)
		return
	}
	k.set(t, 0, KindEnum, t.Vlen, 4)
}
