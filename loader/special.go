// SPDX-License-Identifier: MIT

package loader

import (
	"slices"

	"github.com/bpfload/bpfload/rawbtf"
	"github.com/bpfload/bpfload/spec"
)

// specialTypes are the structs in values that the kernel looks after. It finds them
// by the value's type, and not in every type of map.
var specialTypes = []string{"bpf_spin_lock", "bpf_res_spin_lock", "bpf_timer", "bpf_wq", "bpf_task_work",
	"bpf_list_head", "bpf_list_node", "bpf_rb_root", "bpf_rb_node", "bpf_refcount"}

// A search for special structs ends at this depth, which is the kernel's, and after
// so many members.
const (
	maxSpecialDepth   = 4
	maxSpecialMembers = 1 << 12
)

// specialMember names the first struct in a map's value that the kernel looks after,
// or the tag of a pointer that it does; "" for none.
func (o *Object) specialMember(m *spec.Map) string {
	if o.types == nil || m.ValueType == 0 {
		return ""
	}
	s := specialSearch{o.types, maxSpecialMembers}
	return s.in(m.ValueType, maxSpecialDepth)
}

type specialSearch struct {
	types   *rawbtf.Spec
	members int // left to look at
}

func (s *specialSearch) in(id rawbtf.ID, depth int) string {
	t := s.types.Underlying(id)
	switch {
	case depth < 0:
	case t.Kind == rawbtf.KindArray:
		elem, _, _ := t.Array()
		return s.in(elem, depth-1)
	case t.Kind == rawbtf.KindPtr:
		return s.tag(t)
	case t.Kind == rawbtf.KindStruct:
		if slices.Contains(specialTypes, t.Name()) {
			return "a struct " + t.Name()
		}
		for i := range t.Vlen {
			if s.members--; s.members < 0 {
				break
			}
			if found := s.in(t.Member(i).Type, depth-1); found != "" {
				return found
			}
		}
	}
	return ""
}

// tag looks at a pointer, which the kernel looks after if its type says so.
func (s *specialSearch) tag(pointer rawbtf.Type) string {
	t := s.types.Type(pointer.SizeOrType)
	if t.Kind == rawbtf.KindTypeTag {
		switch name := t.Name(); name {
		case "kptr", "kptr_untrusted", "percpu_kptr", "uptr":
			return "a pointer with the tag " + name
		}
	}
	return ""
}
