// SPDX-License-Identifier: MIT

package rawbtf

import (
	"encoding/binary"
	"slices"
	"sort"
)

// A Layout says what only the ELF file knows about an object's BTF.
type Layout struct {
	// Section returns the size of the ELF section of that name and where its
	// variables lie; false where the file has no such section.
	Section func(name string) (size uint32, vars []Placed, ok bool)
	// Kconfig is where the loader puts the variables of .kconfig.
	Kconfig []Placed
	// Hidden says whether a global function or variable is hidden from other
	// objects. The kernel then verifies a function together with its callers.
	Hidden func(name string) bool
}

// Placed is a variable with its place in a section.
type Placed struct {
	Var          ID
	Offset, Size uint32
}

// A KernelForm is the BTF of an object as a kernel takes it: sections have sizes,
// variables have places, nothing is left to be linked. Types keep their ids.
type KernelForm struct {
	spec    *Spec
	types   []byte   // a copy, with what was added at the end
	strings []byte   // the object's own until one is added
	added   []uint32 // offset of each type that was added
	steps   []step
	intType ID // an int of 4 bytes, 0 until wanted
	oneByte ID // what replaces the values of 64-bit enums, 0 until wanted
	// contexts are pointers to structs that were added, by the struct's name.
	contexts map[string]ID
}

// NewKernelForm rewrites a copy of s, which must have no base:
//
//   - datasecs get sizes and offsets, their entries the order of the offsets;
//   - hidden functions and variables become static;
//   - externs become definitions: in .ksyms four bytes each, functions there
//     stand for a variable, and parameters have names, as the kernel demands;
//   - .kconfig gets the loader's layout;
//   - integers have one encoding: GCC's signed char has two, which the kernel
//     answers with ENOTSUPP.
func NewKernelForm(s *Spec, l Layout) *KernelForm {
	k := &KernelForm{
		spec:    s,
		types:   append(make([]byte, 0, len(s.types)+64), s.types...),
		strings: slices.Clip(s.strings),
		steps:   steps,
	}
	for i := range s.offsets {
		t := s.Type(ID(i) + 1)
		switch t.Kind {
		case KindInt:
			k.encoding(t)
		case KindDatasec:
			k.datasec(t, l)
		case KindVar:
			if t.Linkage() == LinkageExtern {
				k.setTail(t, 0, uint32(LinkageGlobal))
			} else if l.hides(t) {
				k.setTail(t, 0, uint32(LinkageStatic))
			}
		case KindFunc:
			k.function(t, l)
		}
	}
	return k
}

// encoding leaves the sign of an integer that is said to be more than signed.
func (k *KernelForm) encoding(t Type) {
	encoding, offset, bits := t.Int()
	if encoding&(encoding-1) != 0 && encoding&IntSigned != 0 {
		k.setTail(t, 0, IntSigned<<24|offset<<16|bits)
	}
}

func (l Layout) hides(t Type) bool {
	return l.Hidden != nil && t.Linkage() == LinkageGlobal && l.Hidden(t.Name())
}

// function makes an extern a definition, and a hidden function static.
func (k *KernelForm) function(t Type, l Layout) {
	linkage := t.Linkage()
	switch {
	case linkage == LinkageExtern:
		linkage = LinkageGlobal
	case l.hides(t):
		linkage = LinkageStatic
	}
	k.setInfo(t, KindFunc, int(linkage))
	k.nameParams(k.spec.Type(t.SizeOrType))
}

// nameParams gives a name to each parameter without one. Naked functions and
// declarations have such parameters; the kernel refuses a function that has them.
func (k *KernelForm) nameParams(proto Type) {
	if proto.Kind != KindFuncProto {
		return
	}
	for i := range proto.Vlen {
		if nameOff, typ := proto.Param(i); k.spec.Name(nameOff) == "" && !(typ == 0 && i == proto.Vlen-1) {
			k.setTail(proto, 2*i, k.str("arg"))
		}
	}
}

func (k *KernelForm) datasec(t Type, l Layout) {
	switch name := t.Name(); name {
	case ".ksyms":
		k.externs(t, true)
	case ".kconfig":
		size := uint32(0)
		for _, p := range l.Kconfig {
			size = max(size, p.Offset+p.Size)
		}
		k.place(t, size, l.Kconfig)
	default:
		if l.Section != nil {
			if size, vars, ok := l.Section(name); ok {
				k.place(t, size, vars)
				return
			}
		}
		k.externs(t, false)
	}
}

// externs lays out a section that is in no file, one variable after the other.
func (k *KernelForm) externs(t Type, ksyms bool) {
	end := uint32(0)
	for i := range t.Vlen {
		v := t.VarSecinfo(i)
		size, entry := uint32(4), k.spec.Type(v.Type)
		switch {
		case entry.Kind == KindFunc:
			v.Type = k.placeholder()
		case ksyms:
			// The kernel wants a size of every variable; that of a symbol of
			// the kernel means nothing.
			k.setWord(k.at(v.Type)+8, k.int32())
		default:
			if n, ok := k.spec.Size(v.Type); ok && n > 0 {
				size = uint32(n)
			}
		}
		k.setEntry(t, i, VarSecinfo{v.Type, end, size})
		end += size
	}
	k.setWord(k.at(t.ID)+8, max(end, 1))
}

// place sets the section's size and moves every entry to where its variable lies.
func (k *KernelForm) place(t Type, size uint32, vars []Placed) {
	k.setWord(k.at(t.ID)+8, size)
	byVar := vars
	if !sort.SliceIsSorted(byVar, func(i, j int) bool { return byVar[i].Var < byVar[j].Var }) {
		byVar = append([]Placed(nil), vars...)
		sort.Slice(byVar, func(i, j int) bool { return byVar[i].Var < byVar[j].Var })
	}
	entries := make([]VarSecinfo, t.Vlen)
	for i := range entries {
		e := t.VarSecinfo(i)
		at := sort.Search(len(byVar), func(j int) bool { return byVar[j].Var >= e.Type })
		if at < len(byVar) && byVar[at].Var == e.Type {
			e.Offset, e.Size = byVar[at].Offset, byVar[at].Size
		}
		// A definition whose last member is a flexible array is bigger than
		// its type; the other way round would be refused.
		if n, ok := k.spec.Size(e.Type); ok && uint64(e.Size) < n {
			e.Size = uint32(n)
		}
		entries[i] = e
	}
	sort.SliceStable(entries, func(i, j int) bool { return entries[i].Offset < entries[j].Offset })
	for i, e := range entries {
		k.setEntry(t, i, e)
	}
}

// Bytes returns the BTF.
func (k *KernelForm) Bytes() []byte {
	b := make([]byte, minHeaderSize, minHeaderSize+len(k.types)+len(k.strings))
	o := k.order()
	o.PutUint16(b, magic)
	b[2] = 1
	o.PutUint32(b[4:], minHeaderSize)
	o.PutUint32(b[12:], uint32(len(k.types)))
	o.PutUint32(b[16:], uint32(len(k.types)))
	o.PutUint32(b[20:], uint32(len(k.strings)))
	return append(append(b, k.types...), k.strings...)
}

func (k *KernelForm) order() binary.ByteOrder {
	if k.spec.big {
		return binary.BigEndian
	}
	return binary.LittleEndian
}

// at returns the offset of a type's record.
func (k *KernelForm) at(id ID) int {
	if n := k.spec.NumTypes(); id >= n {
		return int(k.added[id-n])
	}
	return int(k.spec.offsets[id-1])
}

func (k *KernelForm) word(off int) uint32 { return k.spec.U32(k.types[off:]) }

func (k *KernelForm) setWord(off int, v uint32) { k.order().PutUint32(k.types[off:], v) }

func (k *KernelForm) setTail(t Type, i int, v uint32) { k.setWord(k.at(t.ID)+typeSize+4*i, v) }

func (k *KernelForm) setInfo(t Type, kind Kind, vlen int) {
	k.setWord(k.at(t.ID)+4, uint32(kind)<<24|uint32(vlen))
}

func (k *KernelForm) setEntry(t Type, i int, v VarSecinfo) {
	k.setTail(t, 3*i, v.Type)
	k.setTail(t, 3*i+1, v.Offset)
	k.setTail(t, 3*i+2, v.Size)
}
