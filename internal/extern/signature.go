// SPDX-License-Identifier: MIT

package extern

import (
	"strings"

	"github.com/bpfload/bpfload/rawbtf"
)

// signature writes a prototype as in "int (struct task_struct *, u64)". Bytes that a
// terminal would interpret become question marks.
func signature(types *rawbtf.Spec, proto rawbtf.ID) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r >= 0x7f {
			return '?'
		}
		return r
	}, prototype(types, proto))
}

func prototype(types *rawbtf.Spec, proto rawbtf.ID) string {
	t := types.Type(proto)
	if t.Kind != rawbtf.KindFuncProto {
		return t.Kind.String()
	}
	var b strings.Builder
	b.WriteString(typeName(types, t.SizeOrType))
	b.WriteString(" (")
	for i := range t.Vlen {
		if i > 0 {
			b.WriteString(", ")
		}
		name, typ := t.Param(i)
		if typ == 0 && name == 0 {
			b.WriteString("...")
		} else {
			b.WriteString(typeName(types, typ))
		}
	}
	if t.Vlen == 0 {
		b.WriteString("void")
	}
	b.WriteByte(')')
	return b.String()
}

// typeName writes a type as C does, qualifiers left out.
func typeName(types *rawbtf.Spec, id rawbtf.ID) string {
	stars := ""
	for range rawbtf.MaxDepth {
		t := types.SkipModifiers(id)
		if t.Kind != rawbtf.KindPtr {
			return baseName(t) + stars
		}
		if stars == "" {
			stars = " "
		}
		stars += "*"
		id = t.SizeOrType
	}
	return "?"
}

func baseName(t rawbtf.Type) string {
	switch t.Kind {
	case rawbtf.KindVoid:
		return "void"
	case rawbtf.KindStruct, rawbtf.KindUnion, rawbtf.KindEnum:
		return t.Kind.String() + " " + t.Name()
	case rawbtf.KindEnum64:
		return "enum " + t.Name()
	case rawbtf.KindFwd:
		if t.KindFlag {
			return "union " + t.Name()
		}
		return "struct " + t.Name()
	case rawbtf.KindFuncProto:
		return "function"
	case rawbtf.KindArray:
		return "array"
	}
	return t.Name()
}
