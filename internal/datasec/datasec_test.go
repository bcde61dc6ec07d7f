// SPDX-License-Identifier: MIT

package datasec_test

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/bpfload/bpfload/elf"
	"github.com/bpfload/bpfload/internal/datasec"
	"github.com/bpfload/bpfload/internal/elftest"
	"github.com/bpfload/bpfload/rawbtf"
)

// A decl is a variable in BTF: its name tells the tests which one was matched.
type decl struct {
	name    string
	linkage rawbtf.Linkage
	offset  uint32
}

func TestVariables(t *testing.T) {
	local := func(name string, value uint64) elftest.Symbol {
		return elftest.Symbol{Name: name, Type: elf.STTObject, Value: value, Size: 8}
	}
	global := func(name string, value uint64) elftest.Symbol {
		s := local(name, value)
		s.Binding = elf.STBGlobal
		return s
	}
	const static, exported, extern = rawbtf.LinkageStatic, rawbtf.LinkageGlobal, rawbtf.LinkageExtern
	tests := map[string]struct {
		decls   []decl
		symbols []elftest.Symbol
		want    []string // "offset+size name-of-symbol entry"; entry counts from 0, -1 for none
	}{
		"in order":                 {[]decl{{"a", exported, 0}, {"b", exported, 0}}, []elftest.Symbol{global("a", 0), global("b", 8)}, []string{"0+8 a 0", "8+8 b 1"}},
		"out of order":             {[]decl{{"b", exported, 0}, {"c", exported, 0}, {"a", exported, 0}}, []elftest.Symbol{global("a", 0), global("b", 8), global("c", 16)}, []string{"0+8 a 2", "8+8 b 0", "16+8 c 1"}},
		"undescribed":              {[]decl{{"b", exported, 0}}, []elftest.Symbol{global("a", 0), global("b", 8)}, []string{"0+8 a -1", "8+8 b 0"}},
		"without a name":           {[]decl{{"", exported, 0}}, []elftest.Symbol{global("", 0)}, []string{"0+8  -1"}},
		"static by linkage":        {[]decl{{"a", exported, 0}, {"a", static, 8}}, []elftest.Symbol{local("a", 0), global("a", 8)}, []string{"0+8 a 1", "8+8 a 0"}},
		"static by offset":         {[]decl{{"a", static, 16}, {"a", static, 0}, {"a", static, 8}}, []elftest.Symbol{local("a", 0), local("a", 8), local("a", 16)}, []string{"0+8 a 1", "8+8 a 2", "16+8 a 0"}},
		"static by order":          {[]decl{{"a", static, 1}, {"a", static, 2}}, []elftest.Symbol{local("a", 0), local("a", 8)}, []string{"0+8 a 0", "8+8 a 1"}},
		"more symbols than that":   {[]decl{{"a", static, 0}}, []elftest.Symbol{local("a", 0), local("a", 8)}, []string{"0+8 a 0", "8+8 a -1"}},
		"stripped between":         {[]decl{{"a", exported, 0}, {"s", static, 8}, {"b", exported, 0}}, []elftest.Symbol{global("a", 0), global("b", 16)}, []string{"0+8 a 0", "8+8  1", "16+8 b 2"}},
		"stripped, all of them":    {[]decl{{"t", static, 8}, {"s", static, 0}}, nil, []string{"0+8  1", "8+8  0"}},
		"stripped, within another": {[]decl{{"a", exported, 0}, {"s", static, 4}}, []elftest.Symbol{global("a", 0)}, []string{"0+8 a 0"}},
		"stripped, reaching over":  {[]decl{{"a", exported, 0}, {"s", static, 4}}, []elftest.Symbol{global("a", 8)}, []string{"8+8 a 0"}},
		"stripped, outside":        {[]decl{{"s", static, 60}}, nil, nil},
		"extern":                   {[]decl{{"x", extern, 0}}, nil, nil},
		"global without a symbol":  {[]decl{{"x", exported, 0}}, nil, nil},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			var o elftest.Object
			var b elftest.BTF
			typ := b.Int("long", 8, 0)
			first := b.NextID()
			var secinfos []rawbtf.VarSecinfo
			for _, d := range tt.decls {
				secinfos = append(secinfos, rawbtf.VarSecinfo{Type: b.Var(d.name, typ, d.linkage), Offset: d.offset, Size: 8})
			}
			secinfos = append(secinfos, rawbtf.VarSecinfo{Type: typ}) // no variable
			b.Datasec(".data", 0, secinfos...)
			index := o.Data(".data", make([]byte, 64))
			for _, s := range tt.symbols {
				s.Section = index
				o.Symbol(s)
			}
			f, err := elf.Parse(o.Bytes())
			if err != nil {
				t.Fatal(err)
			}
			types, err := rawbtf.Parse(b.Bytes(false), nil)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, v := range datasec.Variables(f, types, f.Section(index)) {
				entry := -1
				if v.Var != 0 {
					entry = int(v.Var - first)
				}
				got = append(got, fmt.Sprintf("%d+%d %s %d", v.Offset, v.Size, f.Symbol(v.Symbol).Name, entry))
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// Without BTF, or without a datasec of the section's name, only symbols speak.
func TestVariablesWithoutBTF(t *testing.T) {
	var o elftest.Object
	var b elftest.BTF
	index := o.Data(".data", make([]byte, 64))
	o.Object("a", index, 8, 8)
	b.Datasec(".bss", 0)
	f, err := elf.Parse(o.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	types, err := rawbtf.Parse(b.Bytes(false), nil)
	if err != nil {
		t.Fatal(err)
	}
	want := []datasec.Variable{{Offset: 8, Size: 8, Symbol: 1}}
	for _, types := range []*rawbtf.Spec{nil, types} {
		if diff := cmp.Diff(want, datasec.Variables(f, types, f.Section(index))); diff != "" {
			t.Error(diff)
		}
	}
}

// A hundred static variables of one name are told apart by their offsets.
func TestManyOfOneName(t *testing.T) {
	const n = 100
	var o elftest.Object
	var b elftest.BTF
	typ := b.Int("long", 8, 0)
	index := o.Data(".data", make([]byte, 8*n))
	var secinfos []rawbtf.VarSecinfo
	for i := range n {
		o.Symbol(elftest.Symbol{Name: "v", Type: elf.STTObject, Section: index, Value: uint64(8 * i), Size: 8})
		offset := uint32(8 * (n - 1 - i))
		secinfos = append(secinfos, rawbtf.VarSecinfo{Type: b.Var("v", typ, rawbtf.LinkageStatic), Offset: offset, Size: 8})
	}
	b.Datasec(".data", 0, secinfos...)
	f, err := elf.Parse(o.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	types, err := rawbtf.Parse(b.Bytes(false), nil)
	if err != nil {
		t.Fatal(err)
	}
	for i, v := range datasec.Variables(f, types, f.Section(index)) {
		if want := secinfos[n-1-i].Type; v.Var != want {
			t.Errorf("offset %d: variable %d, want %d", v.Offset, v.Var, want)
		}
	}
}
