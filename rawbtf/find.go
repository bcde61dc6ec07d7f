// SPDX-License-Identifier: MIT

package rawbtf

// Find returns the first type of the given kind and name, not looking into the
// base, and false if there is none. It walks the types: for many names, or a
// kernel's BTF, use [Spec.Search].
func (s *Spec) Find(kind Kind, name string) (Type, bool) {
	for t := range s.All {
		if t.Kind == kind && s.HasName(t.NameOff, name) {
			return t, true
		}
	}
	return Type{spec: s}, false
}

// All calls yield with every type that is not the base's, in the order of ids.
func (s *Spec) All(yield func(Type) bool) {
	off := 0
	for id := s.firstID; id < s.firstID+s.count; id++ {
		if !yield(s.typeAt(id, off)) {
			return
		}
		off += recordLen(s.U32(s.types[off+4:]))
	}
}

// Datasec returns the datasec of that name.
func (s *Spec) Datasec(name string) (Type, bool) {
	if !s.listed {
		return s.Find(KindDatasec, name)
	}
	for _, id := range s.datasecs {
		if t := s.Type(id); s.HasName(t.NameOff, name) {
			return t, true
		}
	}
	return Type{spec: s}, false
}

// DeclTags calls yield with every declaration tag, in the order of ids.
func (s *Spec) DeclTags(yield func(Type) bool) {
	if !s.listed {
		for t := range s.All {
			if t.Kind == KindDeclTag && !yield(t) {
				return
			}
		}
		return
	}
	for _, id := range s.tags {
		if !yield(s.Type(id)) {
			return
		}
	}
}

// HasName says whether the string at a name offset is name, without measuring it
// first.
func (s *Spec) HasName(off uint32, name string) bool {
	for off < s.strBase {
		s = s.base
	}
	off -= s.strBase
	if uint64(off)+uint64(len(name)) >= uint64(len(s.strings)) {
		return false
	}
	str := s.strings[off:]
	return str[len(name)] == 0 && string(str[:len(name)]) == name
}
