// SPDX-License-Identifier: MIT

package rawbtf

// FuncWithContext adds a copy of function id whose arguments args, by index, are
// pointers to a struct called name, and returns its id. The struct has no members:
// kernels before 6.8 know the context of a program by the name of its type alone. An
// argument that has that type already stays as it is. The answer is 0 where
// nothing needs to change, or the function's types do not say.
//
// Only global functions are verified by their types.
func (k *KernelForm) FuncWithContext(id ID, args []int, name string) ID {
	fn := k.at(id)
	if k.kindAt(fn) != KindFunc || k.word(fn+4)&0xffff != uint32(LinkageGlobal) {
		return 0
	}
	proto := k.spec.Type(k.word(fn + 8))
	if proto.Kind != KindFuncProto {
		return 0
	}
	var change []int
	for _, i := range args {
		if i < 0 || i >= proto.Vlen {
			continue
		}
		if _, typ := proto.Param(i); k.takesContext(typ, name) {
			change = append(change, i)
		}
	}
	if len(change) == 0 {
		return 0
	}
	pointer := k.contextPointer(name)
	words := make([]uint32, 3+2*proto.Vlen)
	for i := range words {
		words[i] = k.word(k.at(proto.ID) + 4*i)
	}
	for _, i := range change {
		words[3+2*i+1] = pointer
	}
	return k.add(k.word(fn), k.word(fn+4), k.add(words...))
}

func (k *KernelForm) kindAt(off int) Kind { return Kind(k.word(off+4) >> 24 & 0x1f) }

// takesContext says whether an argument of type typ, tagged as the context, has to be
// rewritten as a pointer to struct name: it is a pointer to anything else.
func (k *KernelForm) takesContext(typ ID, name string) bool {
	t := k.spec.Underlying(typ)
	if t.Kind != KindPtr {
		return false
	}
	to := k.spec.Underlying(t.SizeOrType)
	return to.Kind != KindStruct || to.Name() != name
}

// contextPointer returns a pointer to an empty struct of that name.
func (k *KernelForm) contextPointer(name string) ID {
	if id, ok := k.contexts[name]; ok {
		return id
	}
	if k.contexts == nil {
		k.contexts = make(map[string]ID)
	}
	id := k.add(0, uint32(KindPtr)<<24, k.add(k.str(name), uint32(KindStruct)<<24, 0))
	k.contexts[name] = id
	return id
}
