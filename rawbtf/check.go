// SPDX-License-Identifier: MIT

package rawbtf

// check, which wants the place of every type, bounds every name and type reference,
// so that following one never leaves the Spec. It lists the few types on its way that
// loaders look for again and again.
func (s *Spec) check() error {
	ids, names := s.NumTypes(), s.strBase+uint32(len(s.strings))
	for i, off := range s.offsets {
		t := s.typeAt(s.firstID+ID(i), int(off))
		bad := func(what string, v uint32) error {
			return s.errorAt(int(off), "type %d (%s) has a %s %d out of range", t.ID, t.Kind, what, v)
		}
		if t.NameOff >= names && t.NameOff != 0 {
			return bad("name offset", t.NameOff)
		}
		if t.Kind.refers() && t.SizeOrType >= ids {
			return bad("type reference", t.SizeOrType)
		}
		var words int // 32-bit words for each element
		switch t.Kind {
		case KindDeclTag:
			s.tags = append(s.tags, t.ID)
			continue
		case KindArray:
			elem, index, _ := t.Array()
			if elem >= ids {
				return bad("type reference", elem)
			}
			if index >= ids {
				return bad("type reference", index)
			}
			continue
		case KindStruct, KindUnion, KindEnum64, KindDatasec:
			words = 3
		case KindEnum, KindFuncProto:
			words = 2
		default:
			continue
		}
		if t.Kind == KindDatasec {
			s.datasecs = append(s.datasecs, t.ID)
		}
		for j := range t.Vlen {
			first := t.word(words * j)
			switch t.Kind {
			case KindDatasec:
				if first >= ids {
					return bad("type reference", first)
				}
				continue
			case KindStruct, KindUnion, KindFuncProto:
				if ref := t.word(words*j + 1); ref >= ids {
					return bad("type reference", ref)
				}
			}
			if first >= names && first != 0 {
				return bad("name offset", first)
			}
		}
	}
	s.listed = true
	return nil
}
