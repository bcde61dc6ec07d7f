// SPDX-License-Identifier: MIT

package core

import (
	"fmt"
	"slices"
	"strings"

	"github.com/bpfload/bpfload/internal/near"
	"github.com/bpfload/bpfload/rawbtf"
)

// Explain says in a sentence why a relocation failed: which type, field or
// enumerator the kernel lacks, and which of its own comes nearest.
func (r *Resolver) Explain(rel Relocation, why Failure) string {
	if why == Applied {
		return ""
	}
	t := r.local.Type(rel.Type)
	what := r.describe(rel)
	found, err := r.find(rel.Type, t)
	if err != nil {
		return fmt.Sprintf("%s: %v", what, err)
	}
	if err := r.from.parse(r.local, rel.Type, rel.Access, rel.Kind); err != nil {
		return fmt.Sprintf("%s: %v", what, err)
	}
	if why == Width {
		return fmt.Sprintf("%s has another size or sign in the kernel%s, to which a load or store cannot be adjusted: "+
			"read it with BPF_CORE_READ, or declare it as the kernel does", what, r.sizes(found))
	}
	name := rawbtf.EssentialName(t.Name())
	if len(found) == 0 {
		return fmt.Sprintf("the kernel has no %s %s%s", t.Kind, clean(name),
			proposal(name, func(yield func(string) bool) { r.target.Names(sameKind(t.Kind), yield) }))
	}
	return r.explainIn(found[0], rel.Kind)
}

// explainIn tells how far the path of an object leads through a type of the kernel.
func (r *Resolver) explainIn(root rawbtf.Type, kind Kind) string {
	types := root.Spec()
	if kind.ofEnum() {
		name := rawbtf.EssentialName(r.from.steps[0].name)
		enum := types.Underlying(root.ID)
		return fmt.Sprintf("the kernel's %s has no value %s%s", title(root), clean(name), proposalOrList(name, slices.Collect(enumerators(enum))))
	}
	_, _ = r.follow(root, kind)
	reached := &r.to
	n := reached.n
	if n == r.from.n || n == 0 {
		return fmt.Sprintf("the kernel's %s does not match", title(root))
	}
	missing := r.from.steps[n]
	// What the last step of the kernel's path leads to.
	at := types.Underlying(root.ID)
	place := title(root)
	for i := range n {
		s := reached.steps[i]
		switch {
		case s.name != "":
			place += "." + clean(s.name)
			at = types.Underlying(types.Type(s.typ).Member(int(s.index)).Type)
		case i > 0:
			place += fmt.Sprintf("[%d]", s.index)
			at = types.Type(s.typ)
		}
	}
	switch {
	case missing.name == "" && at.Kind == rawbtf.KindArray:
		_, _, length := at.Array()
		return fmt.Sprintf("the kernel's %s has %d elements, none with index %d", place, length, missing.index)
	case missing.name == "" || !isComposite(at.Kind):
		return fmt.Sprintf("the kernel's %s is %s", place, kindPhrase(at.Kind))
	}
	have := fieldNames(at)
	if slices.Contains(have, missing.name) {
		return r.misfit(place, at, missing)
	}
	return fmt.Sprintf("the kernel's %s has no field %s%s", place, clean(missing.name), proposalOrList(missing.name, have))
}

func proposal(name string, have func(yield func(string) bool)) string {
	best := near.Best(name, slices.Collect(have))
	if best == "" {
		return ""
	}
	return fmt.Sprintf("; the nearest name is %s", clean(best))
}

// proposalOrList is what the kernel has instead of a field or enumerator: the nearest
// name or, where none is near, all of them if they are few.
func proposalOrList(name string, have []string) string {
	const few = 16
	if near := proposal(name, slices.Values(have)); near != "" || len(have) == 0 {
		return near
	}
	if len(have) > few {
		return fmt.Sprintf("; it has %d others, none of a name like that", len(have))
	}
	list := make([]string, len(have))
	for i, h := range have {
		list[i] = clean(h)
	}
	return "; it has " + strings.Join(list, ", ")
}

// misfit is about a member that the kernel's struct has as another kind of type.
func (r *Resolver) misfit(place string, kernels rawbtf.Type, missing step) string {
	local := r.from.types.Type(missing.typ)
	ours := r.from.types.Underlying(local.Member(int(missing.index)).Type).Kind
	for _, m := range members(kernels) {
		if m.name == missing.name && m.kind != ours {
			return fmt.Sprintf("the kernel's %s.%s is %s, which cannot stand for the object's, %s", place, clean(missing.name), kindPhrase(m.kind), kindPhrase(ours))
		}
	}
	return fmt.Sprintf("the kernel's %s.%s has a type that cannot stand for the object's", place, clean(missing.name))
}

// sizes says how long a field is in the kernel, if that is what differs.
func (r *Resolver) sizes(found []rawbtf.Type) string {
	if len(found) == 0 {
		return ""
	}
	if ok, err := r.follow(found[0], FieldByteOffset); err != nil || !ok {
		return ""
	}
	was, errOurs := r.from.value(FieldByteOffset, false)
	is, errKernels := r.to.value(FieldByteOffset, false)
	if errOurs != nil || errKernels != nil || was.size == is.size {
		return ""
	}
	return fmt.Sprintf(" (%d bytes there, %d in the object)", is.size, was.size)
}

// Describe names what a relocation is about, such as "struct task_struct.mm".
func (r *Resolver) Describe(rel Relocation) string { return r.describe(rel) }

// describe writes what a relocation is about as in "struct task_struct.mm[2].pgd".
func (r *Resolver) describe(rel Relocation) string {
	t := r.local.Type(rel.Type)
	var b strings.Builder
	b.WriteString(title(t))
	if r.from.parse(r.local, rel.Type, rel.Access, rel.Kind) != nil || rel.Kind > TypeMatches {
		return b.String()
	}
	for i, s := range r.from.steps[:r.from.n] {
		switch {
		case rel.Kind.ofEnum():
			b.WriteString("::" + clean(s.name))
		case s.name != "":
			b.WriteString("." + clean(s.name))
		case i > 0 || s.index > 0:
			fmt.Fprintf(&b, "[%d]", s.index)
		}
	}
	return b.String()
}

// title is a type as C writes it.
func title(t rawbtf.Type) string {
	name := t.Name()
	if name == "" {
		name = "(anonymous)"
	} else {
		name = clean(name)
	}
	switch t.Kind {
	case rawbtf.KindStruct, rawbtf.KindUnion, rawbtf.KindEnum:
		return t.Kind.String() + " " + name
	case rawbtf.KindEnum64:
		return "enum " + name
	case rawbtf.KindVoid:
		return "void"
	}
	return name
}

// kindPhrase names a kind within a sentence.
func kindPhrase(k rawbtf.Kind) string {
	switch k {
	case rawbtf.KindInt, rawbtf.KindArray, rawbtf.KindEnum, rawbtf.KindEnum64:
		return "an " + k.String()
	case rawbtf.KindPtr:
		return "a pointer"
	case rawbtf.KindVoid:
		return "void"
	}
	return "a " + k.String()
}

func enumerators(t rawbtf.Type) func(yield func(string) bool) {
	return func(yield func(string) bool) {
		if !isEnum(t.Kind) {
			return
		}
		for i := range t.Vlen {
			off, _ := t.Enumerator(i)
			if !yield(t.Spec().Name(off)) {
				return
			}
		}
	}
}

// A member is a field of a struct or of an anonymous one in it.
type member struct {
	name string
	kind rawbtf.Kind // modifiers and typedefs skipped
}

func members(t rawbtf.Type) []member {
	var list []member
	var add func(t rawbtf.Type, depth int)
	add = func(t rawbtf.Type, depth int) {
		if !isComposite(t.Kind) || depth == 0 || len(list) > 1<<12 {
			return
		}
		for i := range t.Vlen {
			m := t.Member(i)
			of := t.Spec().Underlying(m.Type)
			if name := t.Spec().Name(m.NameOff); name != "" {
				list = append(list, member{name, of.Kind})
			} else {
				add(of, depth-1)
			}
		}
	}
	add(t, 8)
	return list
}

func fieldNames(t rawbtf.Type) []string {
	var names []string
	for _, m := range members(t) {
		names = append(names, m.name)
	}
	return names
}
