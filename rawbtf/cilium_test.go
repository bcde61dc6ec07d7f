// SPDX-License-Identifier: MIT

package rawbtf_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/cilium/ebpf/btf"

	"github.com/bpfload/bpfload/rawbtf"
)

// TestAgreesWithCilium compares every type of every object with what cilium/ebpf
// makes of it.
func TestAgreesWithCilium(t *testing.T) {
	paths, blobs, _ := sections(t)
	compared := 0
	for i, path := range paths {
		if blobs[i] == nil {
			continue
		}
		theirs, err := btf.LoadSpecFromReader(bytes.NewReader(blobs[i]))
		if err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		ours, err := rawbtf.Parse(blobs[i], nil)
		if err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		compared += agree(t, ours, theirs, true)
	}
	if compared < 1000 {
		t.Errorf("only %d types were compared", compared)
	}
}

// agree compares two readings type by type and returns their number. Of types that
// no compiler made it compares the kinds: cilium/ebpf drops what has no meaning in C.
func agree(t *testing.T, ours *rawbtf.Spec, theirs *btf.Spec, compiled bool) (compared int) {
	t.Helper()
	for typ := range ours.All {
		compared++
		want, err := theirs.TypeByID(btf.TypeID(typ.ID))
		if err != nil {
			t.Fatalf("type %d: %v", typ.ID, err)
		}
		a, b := describe(ours, typ), describeTheirs(theirs, want)
		if !compiled {
			if typ.Kind == rawbtf.KindEnum || typ.Kind == rawbtf.KindEnum64 {
				continue // told apart by their size there
			}
			a, _, _ = strings.Cut(a, " ")
			b, _, _ = strings.Cut(b, " ")
		}
		if a != b {
			t.Errorf("type %d is %s, for cilium/ebpf %s", typ.ID, a, b)
		}
	}
	if _, err := theirs.TypeByID(btf.TypeID(ours.NumTypes())); err == nil {
		t.Errorf("cilium/ebpf has more types than %d", ours.NumTypes())
	}
	return compared
}

// describe and describeTheirs write down a type in the same words.
func describe(s *rawbtf.Spec, t rawbtf.Type) string {
	var b bytes.Buffer
	if t.Kind == rawbtf.KindDeclTag {
		return "decl_tag" // cilium/ebpf keeps those with what they are attached to
	}
	fmt.Fprintf(&b, "%s %q", t.Kind, t.Name())
	if n, ok := s.Size(t.ID); ok && n > 0 && t.Kind != rawbtf.KindDatasec && t.Kind != rawbtf.KindVar {
		fmt.Fprintf(&b, " size %d", n)
	}
	switch t.Kind {
	case rawbtf.KindInt:
		encoding, _, _ := t.Int()
		fmt.Fprintf(&b, " encoding %d", encoding)
	case rawbtf.KindArray:
		elem, _, n := t.Array()
		fmt.Fprintf(&b, " %d of %d", n, elem)
	case rawbtf.KindStruct, rawbtf.KindUnion:
		for i := range t.Vlen {
			m := t.Member(i)
			fmt.Fprintf(&b, " %q %d %d:%d", s.Name(m.NameOff), m.Type, m.BitOffset, m.BitSize)
		}
	case rawbtf.KindEnum, rawbtf.KindEnum64:
		fmt.Fprintf(&b, " signed %t", t.KindFlag)
		for i := range t.Vlen {
			name, value := t.Enumerator(i)
			fmt.Fprintf(&b, " %q %d", s.Name(name), value)
		}
	case rawbtf.KindFuncProto:
		fmt.Fprintf(&b, " returns %d", t.SizeOrType)
		for i := range t.Vlen {
			name, typ := t.Param(i)
			fmt.Fprintf(&b, " %q %d", s.Name(name), typ)
		}
	case rawbtf.KindVar, rawbtf.KindFunc:
		fmt.Fprintf(&b, " linkage %d of %d", t.Linkage(), t.SizeOrType)
	case rawbtf.KindDatasec:
		for i := range t.Vlen {
			v := t.VarSecinfo(i)
			fmt.Fprintf(&b, " %d %d+%d", v.Type, v.Offset, v.Size)
		}
	case rawbtf.KindPtr, rawbtf.KindTypedef, rawbtf.KindConst, rawbtf.KindVolatile, rawbtf.KindRestrict, rawbtf.KindTypeTag:
		fmt.Fprintf(&b, " of %d", t.SizeOrType)
	}
	return b.String()
}

func describeTheirs(s *btf.Spec, t btf.Type) string {
	id := func(t btf.Type) btf.TypeID {
		id, err := s.TypeID(t)
		if err != nil {
			panic(err)
		}
		return id
	}
	var b bytes.Buffer
	word := func(kind rawbtf.Kind) {
		name := t.TypeName()
		if tag, ok := t.(*btf.TypeTag); ok {
			name = tag.Value
		}
		fmt.Fprintf(&b, "%s %q", kind, name)
		if n, err := btf.Sizeof(t); err == nil && n > 0 && kind != rawbtf.KindDatasec {
			fmt.Fprintf(&b, " size %d", n)
		}
	}
	members := func(list []btf.Member) {
		for _, m := range list {
			fmt.Fprintf(&b, " %q %d %d:%d", m.Name, id(m.Type), m.Offset, m.BitfieldSize)
		}
	}
	of := func(kind rawbtf.Kind, t btf.Type) {
		word(kind)
		fmt.Fprintf(&b, " of %d", id(t))
	}
	switch t := t.(type) {
	case *btf.Int:
		word(rawbtf.KindInt)
		fmt.Fprintf(&b, " encoding %d", t.Encoding)
	case *btf.Array:
		word(rawbtf.KindArray)
		fmt.Fprintf(&b, " %d of %d", t.Nelems, id(t.Type))
	case *btf.Struct:
		word(rawbtf.KindStruct)
		members(t.Members)
	case *btf.Union:
		word(rawbtf.KindUnion)
		members(t.Members)
	case *btf.Enum:
		kind := rawbtf.KindEnum
		if t.Size == 8 {
			kind = rawbtf.KindEnum64
		}
		word(kind)
		fmt.Fprintf(&b, " signed %t", t.Signed)
		for _, v := range t.Values {
			fmt.Fprintf(&b, " %q %d", v.Name, v.Value)
		}
	case *btf.FuncProto:
		word(rawbtf.KindFuncProto)
		fmt.Fprintf(&b, " returns %d", id(t.Return))
		for _, p := range t.Params {
			fmt.Fprintf(&b, " %q %d", p.Name, id(p.Type))
		}
	case *btf.Func:
		word(rawbtf.KindFunc)
		fmt.Fprintf(&b, " linkage %d of %d", t.Linkage, id(t.Type))
	case *btf.Var:
		word(rawbtf.KindVar)
		fmt.Fprintf(&b, " linkage %d of %d", t.Linkage, id(t.Type))
	case *btf.Datasec:
		word(rawbtf.KindDatasec)
		for _, v := range t.Vars {
			fmt.Fprintf(&b, " %d %d+%d", id(v.Type), v.Offset, v.Size)
		}
	case *btf.Float:
		word(rawbtf.KindFloat)
	case *btf.Fwd:
		word(rawbtf.KindFwd)
	case *btf.Pointer:
		of(rawbtf.KindPtr, t.Target)
	case *btf.Typedef:
		of(rawbtf.KindTypedef, t.Type)
	case *btf.Const:
		of(rawbtf.KindConst, t.Type)
	case *btf.Volatile:
		of(rawbtf.KindVolatile, t.Type)
	case *btf.Restrict:
		of(rawbtf.KindRestrict, t.Type)
	case *btf.TypeTag:
		of(rawbtf.KindTypeTag, t.Type)
	default:
		b.WriteString("decl_tag")
	}
	return b.String()
}
