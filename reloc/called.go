// SPDX-License-Identifier: MIT

package reloc

import "strings"

// findCalled says of each function whether it is a subprogram: called by another,
// or its address taken, and nothing makes it an entry point all the same. It looks
// at every instruction of the object.
func (l *Linker) findCalled() []bool {
	called := make([]bool, len(l.functions))
	for i := range l.functions {
		for _, c := range l.body(int32(i)).calls {
			if c.callee != int32(i) {
				called[c.callee] = true
			}
		}
	}
	for i := 1; i < l.f.NumSections(); i++ {
		// Slots of prog arrays and members of struct_ops hold programs.
		if name := l.f.SectionName(i); name != ".maps" && !strings.HasPrefix(name, ".maps.") && !strings.Contains(name, "struct_ops") {
			continue
		}
		rels, err := l.f.Rels(i)
		if err != nil {
			continue // told where the slots are resolved
		}
		data := insns{l.f.Section(i).Data, l.f.BigEndian()}
		for r := range rels.Len() {
			if fn, begins, ok := l.pointee(data, rels.At(r)); ok && begins {
				called[fn] = false
			}
		}
	}
	if len(l.tags) > 0 {
		for i := range l.functions {
			if called[i] && len(l.tagsOf(int32(i), tailTag)) > 0 {
				called[i] = false
			}
		}
	}
	return called
}
