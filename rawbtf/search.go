// SPDX-License-Identifier: MIT

package rawbtf

import "encoding/binary"

// A KindSet is a set of kinds.
type KindSet uint32

// Kinds returns the set of the given kinds.
func Kinds(kinds ...Kind) KindSet {
	var set KindSet
	for _, k := range kinds {
		set |= 1 << (k & 31)
	}
	return set
}

// Has says whether k is in the set.
func (set KindSet) Has(k Kind) bool { return set>>(k&31)&1 != 0 }

// EssentialName strips the flavour from a type's name: the last "___" that has
// something other than an underscore on both sides, and what follows. Types whose
// essential names are equal stand for each other in CO-RE (libbpf's rule).
func EssentialName(name string) string {
	for i := len(name) - 5; i >= 0; i-- {
		if name[i] != '_' && name[i+1:i+4] == "___" && name[i+4] != '_' {
			return name[:i+1]
		}
	}
	return name
}

// A NameSet is a set of essential names to search for. The zero NameSet is empty.
type NameSet struct {
	index map[string]int
	// heads has a bit for the hash of the first four bytes of each name: most
	// of a kernel's types are dismissed by it.
	heads [64]uint64
}

// Add puts a name, already stripped of a flavour, in the set and returns its
// number, counted from 0 in the order of adding.
func (n *NameSet) Add(name string) int {
	if i, ok := n.index[name]; ok {
		return i
	}
	if n.index == nil {
		n.index = make(map[string]int)
	}
	n.index[name] = len(n.index)
	var head [4]byte
	copy(head[:], name)
	n.addHead(head)
	// A short name may be followed by a flavour within those four bytes.
	if len(name) < 4 {
		copy(head[len(name):], "___")
		n.addHead(head)
	}
	return len(n.index) - 1
}

// Len returns the number of names.
func (n *NameSet) Len() int { return len(n.index) }

// Number returns the number of the essential part of name, and false if that is
// not in the set.
func (n *NameSet) Number(name string) (int, bool) {
	i, ok := n.index[EssentialName(name)]
	return i, ok
}

func (n *NameSet) addHead(head [4]byte) {
	h := headHash(binary.LittleEndian.Uint32(head[:]))
	n.heads[h>>6] |= 1 << (h & 63)
}

// headHash maps the first four bytes of a name, those after a NUL cleared, to 12 bits.
func headHash(head uint32) uint32 { return head * 0x9e3779b1 >> 20 }

// head returns the first four bytes of the string at a name offset, those after a
// NUL cleared; 0 for no name.
func head(strings []byte, off uint32) uint32 {
	if uint64(off)+4 > uint64(len(strings)) {
		var b [4]byte
		if off < uint32(len(strings)) {
			copy(b[:], strings[off:])
		}
		return clearAfterNUL(binary.LittleEndian.Uint32(b[:]))
	}
	return clearAfterNUL(binary.LittleEndian.Uint32(strings[off:]))
}

func clearAfterNUL(w uint32) uint32 {
	if nul := (w - 0x01010101) &^ w & 0x80808080; nul != 0 {
		w &= nul&-nul>>7 - 1
	}
	return w
}

// Search walks the types once, the base's not included, and calls found with each
// type that is of one of the kinds and has one of the names, flavours ignored;
// number is what Add returned.
func (s *Spec) Search(names *NameSet, kinds KindSet, found func(number int, t Type)) {
	search := s.newSearch(names, kinds, found)
	if search == nil {
		return
	}
	types, off := s.types, 0
	for i := range s.count {
		info := s.U32(types[off+4:])
		if search.kinds.Has(Kind(info>>24)) && search.mayBe(s.U32(types[off:])) {
			search.see(s.typeAt(s.firstID+i, off))
		}
		off += recordLen(info)
	}
}

// A search is what a walk looks for.
type search struct {
	names   *NameSet
	kinds   KindSet
	found   func(number int, t Type)
	strings []byte // of the BTF that is walked
	strBase uint32
	base    []byte // the strings of its base: a module's names may be the kernel's
}

// newSearch returns nil for no names.
func (s *Spec) newSearch(names *NameSet, kinds KindSet, found func(number int, t Type)) *search {
	if names == nil || names.Len() == 0 {
		return nil
	}
	w := &search{names: names, kinds: kinds, found: found, strings: s.strings, strBase: s.strBase}
	if s.base != nil {
		w.base = s.base.strings
	}
	return w
}

// mayBe dismisses most types by the heads of their names.
func (w *search) mayBe(nameOff uint32) bool {
	strs := w.strings
	if nameOff < w.strBase {
		strs = w.base
	} else {
		nameOff -= w.strBase
	}
	h := headHash(head(strs, nameOff))
	return w.names.heads[h>>6]>>(h&63)&1 != 0
}

func (w *search) see(t Type) {
	if n, ok := w.names.Number(t.Name()); ok {
		w.found(n, t)
	}
}

// Names calls yield with the name of each type of the given kinds, for proposing
// one to a user.
func (s *Spec) Names(kinds KindSet, yield func(string) bool) {
	for t := range s.All {
		if kinds.Has(t.Kind) {
			if name := t.Name(); name != "" && !yield(name) {
				return
			}
		}
	}
}
