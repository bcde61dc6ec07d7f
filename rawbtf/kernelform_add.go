// SPDX-License-Identifier: MIT

package rawbtf

import "bytes"

// str returns the offset of s in the strings, adding it where it is not there.
func (k *KernelForm) str(s string) uint32 {
	want := append([]byte{0}, s...)
	want = append(want, 0)
	if i := bytes.Index(k.strings, want); i >= 0 {
		return uint32(i + 1)
	}
	off := uint32(len(k.strings))
	k.strings = append(append(k.strings, s...), 0)
	return off
}

// name returns a string, one that was added or not.
func (k *KernelForm) name(off uint32) string {
	s, _, _ := bytes.Cut(k.strings[off:], []byte{0})
	return string(s)
}

// add appends a type and returns its id.
func (k *KernelForm) add(words ...uint32) ID {
	k.added = append(k.added, uint32(len(k.types)))
	for _, w := range words {
		k.types = append(k.types, 0, 0, 0, 0)
		k.setWord(len(k.types)-4, w)
	}
	return k.spec.NumTypes() + ID(len(k.added)) - 1
}

// int32 returns a plain int of four bytes.
func (k *KernelForm) int32() ID {
	if k.intType == 0 {
		for t := range k.spec.All {
			if t.Kind != KindInt || t.SizeOrType != 4 || t.Name() == "" {
				continue
			}
			if _, offset, bits := t.Int(); offset == 0 && bits == 32 {
				k.intType = t.ID
				return k.intType
			}
		}
		k.intType = k.add(k.str("int"), uint32(KindInt)<<24, 4, IntSigned<<24|32)
	}
	return k.intType
}

// placeholder returns a new variable that stands in a datasec for a function. The
// kernel takes each variable once only.
func (k *KernelForm) placeholder() ID {
	typ := k.int32()
	return k.add(k.str("dummy_ksym"), uint32(KindVar)<<24, typ, uint32(LinkageGlobal))
}
