// SPDX-License-Identifier: MIT

package rawbtf

// Find returns the first type of the given kind and name, not looking into the
// base, and false if there is none. It walks the types: for many names, or a
// kernel's BTF, use an index.
func (s *Spec) Find(kind Kind, name string) (Type, bool) {
	for i, off := range s.offsets {
		b := s.types[off:]
		if Kind(s.U32(b[4:])>>24&31) == kind && s.Name(s.U32(b)) == name {
			return s.Type(s.firstID + ID(i)), true
		}
	}
	return Type{spec: s}, false
}

// All calls yield with every type that is not the base's, in the order of ids.
func (s *Spec) All(yield func(Type) bool) {
	for i := range s.offsets {
		if !yield(s.Type(s.firstID + ID(i))) {
			return
		}
	}
}

// Datasec returns the datasec of that name.
func (s *Spec) Datasec(name string) (Type, bool) { return s.Find(KindDatasec, name) }
