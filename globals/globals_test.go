// SPDX-License-Identifier: MIT

package globals_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/cilium/ebpf"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/bpfload/bpfload/elf"
	"github.com/bpfload/bpfload/globals"
	"github.com/bpfload/bpfload/internal/elftest"
	"github.com/bpfload/bpfload/rawbtf"
	"github.com/bpfload/bpfload/spec"
)

// build parses an object and its BTF.
func build(t testing.TB, o *elftest.Object, b *elftest.BTF) (*elf.File, *rawbtf.Spec) {
	t.Helper()
	f, err := elf.Parse(o.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	if b == nil {
		return f, nil
	}
	types, err := rawbtf.Parse(b.Bytes(o.BigEndian), nil)
	if err != nil {
		t.Fatal(err)
	}
	return f, types
}

var ignorePlace = cmpopts.IgnoreFields(spec.Map{}, "Place")

func TestSections(t *testing.T) {
	four := []byte{1, 2, 3, 4}
	data := spec.Map{Type: ebpf.Array, KeySize: 4, ValueSize: 4, MaxEntries: 1, Origin: spec.OriginData, Contents: four}
	named := func(m spec.Map, name string) []*spec.Map {
		m.Name = name
		return []*spec.Map{&m}
	}
	rodata, bss := data, data
	rodata.Flags, rodata.Frozen = 0x80, true
	bss.Contents = nil
	tests := map[string]struct {
		section elftest.Section
		want    []*spec.Map
	}{
		"data":                 {elftest.Section{Name: ".data", Data: four}, named(data, ".data")},
		"data with suffix":     {elftest.Section{Name: ".data.x", Data: four}, named(data, ".data.x")},
		"rodata":               {elftest.Section{Name: ".rodata", Data: four}, named(rodata, ".rodata")},
		"strings":              {elftest.Section{Name: ".rodata.str1.1", Data: four}, named(rodata, ".rodata.str1.1")},
		"constants":            {elftest.Section{Name: ".rodata.cst4", Data: four}, named(rodata, ".rodata.cst4")},
		"bss":                  {elftest.Section{Name: ".bss", Type: elf.SHTNobits, Size: 4}, named(bss, ".bss")},
		"bss with suffix":      {elftest.Section{Name: ".bss.x", Type: elf.SHTNobits, Size: 4}, named(bss, ".bss.x")},
		"data without bytes":   {elftest.Section{Name: ".data.zero", Type: elf.SHTNobits, Size: 4}, named(bss, ".data.zero")},
		"bss with bytes":       {elftest.Section{Name: ".bss.init", Data: four}, named(data, ".bss.init")},
		"arena":                {elftest.Section{Name: ".addr_space.1", Data: four}, named(spec.Map{Type: ebpf.Arena, Origin: spec.OriginArena, Contents: four}, ".addr_space.1")},
		"empty":                {elftest.Section{Name: ".data"}, nil},
		"code":                 {elftest.Section{Name: ".data.code", Flags: elf.SHFExecinstr, Data: four}, nil},
		"note":                 {elftest.Section{Name: ".data.note", Type: 7, Data: four}, nil},
		"name without a dot":   {elftest.Section{Name: ".database", Data: four}, nil},
		"name of another kind": {elftest.Section{Name: "license", Data: four}, nil},
		"other address space":  {elftest.Section{Name: ".addr_space.2", Data: four}, nil},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			var o elftest.Object
			index := o.Section(tt.section)
			f, _ := build(t, &o, nil)
			maps, vars, warnings, err := globals.Decode(f, nil)
			if err != nil || len(vars) > 0 || len(warnings) > 0 {
				t.Fatal(vars, warnings, err)
			}
			if diff := cmp.Diff(tt.want, maps, ignorePlace); diff != "" {
				t.Error(diff)
			}
			if want := (spec.Place{Section: tt.section.Name, Index: index, Size: 4}); len(maps) > 0 && maps[0].Place != want {
				t.Errorf("place %+v, want %+v", maps[0].Place, want)
			}
		})
	}
}

// The bytes of a section are those of the file.
func TestContentsAreShared(t *testing.T) {
	var o elftest.Object
	o.Data(".data", make([]byte, 8))
	data := o.Bytes()
	f, err := elf.Parse(data)
	if err != nil {
		t.Fatal(err)
	}
	maps, _, _, err := globals.Decode(f, nil)
	if err != nil {
		t.Fatal(err)
	}
	data[f.Section(1).Offset] = 7
	if maps[0].Contents[0] != 7 {
		t.Error("the contents are a copy")
	}
}

// A .bss may claim more than any machine has. Up to 4 GiB it is but a number.
func TestLargeBss(t *testing.T) {
	for size, want := range map[uint64]string{
		1<<32 - 1: "",
		1 << 32:   `section ".bss"+0x0: 4294967296 bytes of variables: the value of a map holds at most 4294967295`,
		1 << 63:   `section ".bss"+0x0: 9223372036854775808 bytes of variables: the value of a map holds at most 4294967295`,
	} {
		var o elftest.Object
		o.Bss(".bss", size)
		f, _ := build(t, &o, nil)
		maps, vars, warnings, err := globals.Decode(f, nil)
		if want == "" {
			if err != nil || maps[0].ValueSize != 1<<32-1 || maps[0].Contents != nil {
				t.Errorf("%d bytes: %v", size, err)
			}
			continue
		}
		if err == nil || err.Error() != want || !errors.Is(err, elf.ErrUnsupported) || maps != nil || vars != nil || warnings != nil {
			t.Errorf("%d bytes: %v, want %s", size, err, want)
		}
	}
}

// TestMmapable follows libbpf: a section may be mapped into user space if BTF knows
// a variable in it that is neither static nor hidden.
func TestMmapable(t *testing.T) {
	const mmapable, readOnly = 0x400, 0x80
	type decl struct {
		binding    elf.Binding
		visibility elf.Visibility
		described  bool
	}
	tests := map[string]struct {
		section string
		decls   []decl
		want    uint32
	}{
		"global":            {".data", []decl{{elf.STBGlobal, elf.STVDefault, true}}, mmapable},
		"weak":              {".data", []decl{{elf.STBWeak, elf.STVDefault, true}}, mmapable},
		"protected":         {".data", []decl{{elf.STBGlobal, elf.STVProtected, true}}, mmapable},
		"read-only":         {".rodata", []decl{{elf.STBGlobal, elf.STVDefault, true}}, mmapable | readOnly},
		"static":            {".data", []decl{{elf.STBLocal, elf.STVDefault, true}}, 0},
		"hidden":            {".data", []decl{{elf.STBGlobal, elf.STVHidden, true}}, 0},
		"internal":          {".data", []decl{{elf.STBGlobal, elf.STVInternal, true}}, 0},
		"static and global": {".data", []decl{{elf.STBLocal, elf.STVDefault, true}, {elf.STBGlobal, elf.STVDefault, true}}, mmapable},
		"without BTF":       {".data", []decl{{elf.STBGlobal, elf.STVDefault, false}}, 0},
		"arena":             {".addr_space.1", []decl{{elf.STBGlobal, elf.STVDefault, true}}, 0},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			var o elftest.Object
			var b elftest.BTF
			section := o.Data(tt.section, make([]byte, 64))
			u32 := b.Int("unsigned int", 4, 0)
			var secinfos []rawbtf.VarSecinfo
			for i, d := range tt.decls {
				linkage := rawbtf.LinkageGlobal
				if d.binding == elf.STBLocal {
					linkage = rawbtf.LinkageStatic
				}
				name := fmt.Sprintf("v%d", i)
				o.Symbol(elftest.Symbol{Name: name, Type: elf.STTObject, Binding: d.binding, Visibility: d.visibility, Section: section, Value: uint64(4 * i), Size: 4})
				if d.described {
					secinfos = append(secinfos, rawbtf.VarSecinfo{Type: b.Var(name, u32, linkage), Offset: uint32(4 * i), Size: 4})
				}
			}
			sec := b.Datasec(tt.section, 0, secinfos...)
			f, types := build(t, &o, &b)
			maps, _, _, err := globals.Decode(f, types)
			if err != nil {
				t.Fatal(err)
			}
			if got := maps[0].Flags; got != tt.want {
				t.Errorf("flags %#x, want %#x", got, tt.want)
			}
			if maps[0].Origin == spec.OriginData && maps[0].ValueType != sec {
				t.Errorf("value type %d, want %d", maps[0].ValueType, sec)
			}
		})
	}
}

func TestVariables(t *testing.T) {
	for _, bigEndian := range []bool{false, true} {
		o := elftest.Object{BigEndian: bigEndian}
		var b elftest.BTF
		section := o.Data(".data", make([]byte, 64))
		u32, fwd := b.Typedef("__u32", b.Int("unsigned int", 4, 0)), b.Fwd("secret", false)
		big := b.Array(u32, 100)
		flexible := b.Array(u32, 0)
		object := func(name string, binding elf.Binding, value, size uint64) {
			o.Symbol(elftest.Symbol{Name: name, Type: elf.STTObject, Binding: binding, Section: section, Value: value, Size: size})
		}
		object("late", elf.STBGlobal, 32, 4)
		object("early", elf.STBLocal, 0, 4)
		object("unsized", elf.STBGlobal, 8, 0) // up to the next one, but for its type
		object("untyped", elf.STBWeak, 16, 8)
		object("flexible", elf.STBGlobal, 24, 8)
		object("misfit", elf.STBGlobal, 40, 4)
		object("incomplete", elf.STBGlobal, 44, 4)
		object("_end", elf.STBGlobal, 64, 0)
		o.Func("f", section, 48, 8)
		o.SectionSymbol(section)
		b.Datasec(".data", 0,
			rawbtf.VarSecinfo{Type: b.Var("late", u32, rawbtf.LinkageGlobal)},
			rawbtf.VarSecinfo{Type: b.Var("early", u32, rawbtf.LinkageStatic)},
			rawbtf.VarSecinfo{Type: b.Var("unsized", u32, rawbtf.LinkageGlobal)},
			rawbtf.VarSecinfo{Type: b.Var("flexible", flexible, rawbtf.LinkageGlobal)},
			rawbtf.VarSecinfo{Type: b.Var("misfit", big, rawbtf.LinkageGlobal)},
			rawbtf.VarSecinfo{Type: b.Var("incomplete", fwd, rawbtf.LinkageGlobal)},
			rawbtf.VarSecinfo{Type: b.Var("stripped", u32, rawbtf.LinkageStatic), Offset: 60, Size: 4})
		f, types := build(t, &o, &b)
		maps, vars, warnings, err := globals.Decode(f, types)
		if err != nil {
			t.Fatal(err)
		}
		m := maps[0]
		want := []spec.Variable{
			{Name: "early", Section: ".data", Offset: 0, Size: 4, Type: u32, Static: true, Map: m},
			{Name: "unsized", Section: ".data", Offset: 8, Size: 4, Type: u32, Map: m},
			{Name: "untyped", Section: ".data", Offset: 16, Size: 8, Map: m},
			{Name: "flexible", Section: ".data", Offset: 24, Size: 8, Type: flexible, Map: m},
			{Name: "late", Section: ".data", Offset: 32, Size: 4, Type: u32, Map: m},
			{Name: "misfit", Section: ".data", Offset: 40, Size: 4, Map: m},
			{Name: "incomplete", Section: ".data", Offset: 44, Size: 4, Map: m},
			{Name: "stripped", Section: ".data", Offset: 60, Size: 4, Type: u32, Static: true, Map: m},
		}
		if diff := cmp.Diff(want, vars); diff != "" {
			t.Errorf("big endian %t: %s", bigEndian, diff)
		}
		const message = "the variable's BTF type does not fit the size of its symbol; it is treated as bytes"
		wantWarnings := []spec.Warning{
			{Code: "variable-type", Section: ".data", Offset: 40, Symbol: "misfit", Message: message},
			{Code: "variable-type", Section: ".data", Offset: 44, Symbol: "incomplete", Message: message},
		}
		if diff := cmp.Diff(wantWarnings, warnings); diff != "" {
			t.Error(diff)
		}
	}
}
