// SPDX-License-Identifier: MIT

package globals_test

import (
	"errors"
	"testing"

	"github.com/cilium/ebpf"
	"github.com/google/go-cmp/cmp"

	"github.com/bpfload/bpfload/elf"
	"github.com/bpfload/bpfload/globals"
	"github.com/bpfload/bpfload/internal/elftest"
	"github.com/bpfload/bpfload/rawbtf"
	"github.com/bpfload/bpfload/spec"
)

// externs returns an object with undefined symbols of the given types, all of them
// in the datasec.
type externs struct {
	o    elftest.Object
	b    elftest.BTF
	vars []rawbtf.VarSecinfo
}

func (e *externs) add(name string, typ rawbtf.ID, binding elf.Binding) (symbol int, id rawbtf.ID) {
	id = e.b.Var(name, typ, rawbtf.LinkageExtern)
	e.vars = append(e.vars, rawbtf.VarSecinfo{Type: id})
	return e.o.Extern(name, binding), id
}

func (e *externs) decode(t *testing.T) (*spec.Map, []globals.KconfigVar, rawbtf.ID, error) {
	t.Helper()
	sec := e.b.Datasec(".kconfig", 0, e.vars...)
	f, types := build(t, &e.o, &e.b)
	m, vars, err := globals.Kconfig(f, types)
	return m, vars, sec, err
}

func TestKconfigLayout(t *testing.T) {
	var e externs
	boolean := e.b.Int("_Bool", 1, rawbtf.IntBool)
	char := e.b.Int("char", 1, rawbtf.IntSigned)
	u8 := e.b.Int("unsigned char", 1, 0)
	s16 := e.b.Int("short", 2, rawbtf.IntSigned)
	u32 := e.b.Typedef("__u32", e.b.Int("unsigned int", 4, 0))
	u64 := e.b.Const(e.b.Int("unsigned long", 8, 0))
	tristate := e.b.Enum("libbpf_tristate", 4, false, elftest.Enumerator{Name: "TRI_NO"})
	wide := e.b.Enum64("libbpf_tristate", 8, false, elftest.Enumerator{Name: "TRI_NO"})
	text := e.b.Array(e.b.Const(char), 7)
	weak, global := elf.STBWeak, elf.STBGlobal
	type want struct {
		name                string
		kind                globals.KconfigKind
		signed, weak        bool
		offset, size, align uint32
		typ                 rawbtf.ID
	}
	// In the order of the file; wanted in that of the layout.
	add := func(name string, typ rawbtf.ID, binding elf.Binding) { e.add(name, typ, binding) }
	add("CONFIG_TEXT", text, global)
	add("CONFIG_B", u32, weak)
	add("CONFIG_A", u32, global)
	add("CONFIG_SHORT", s16, global)
	add("CONFIG_BOOL", boolean, weak)
	add("CONFIG_CHAR", char, global)
	add("CONFIG_U8", u8, global)
	add("CONFIG_TRI", tristate, global)
	add("CONFIG_WIDE", wide, global)
	add("LINUX_U64", u64, global)
	e.b.Var("unrelated", u32, rawbtf.LinkageExtern)
	e.o.Extern("bpf_ksym", global)
	e.vars = append(e.vars, rawbtf.VarSecinfo{Type: e.b.Var("CONFIG_UNUSED", u32, rawbtf.LinkageExtern)})
	m, vars, sec, err := e.decode(t)
	if err != nil {
		t.Fatal(err)
	}
	wants := []want{
		{"CONFIG_WIDE", globals.KconfigTristate, false, false, 0, 8, 8, wide},
		{"LINUX_U64", globals.KconfigInt, false, false, 8, 8, 8, u64},
		{"CONFIG_A", globals.KconfigInt, false, false, 16, 4, 4, u32},
		{"CONFIG_B", globals.KconfigInt, false, true, 20, 4, 4, u32},
		{"CONFIG_TRI", globals.KconfigTristate, false, false, 24, 4, 4, tristate},
		{"CONFIG_SHORT", globals.KconfigInt, true, false, 28, 2, 2, s16},
		{"CONFIG_BOOL", globals.KconfigBool, false, true, 30, 1, 1, boolean},
		{"CONFIG_CHAR", globals.KconfigChar, true, false, 31, 1, 1, char},
		{"CONFIG_U8", globals.KconfigChar, false, false, 32, 1, 1, u8},
		{"CONFIG_TEXT", globals.KconfigString, false, false, 33, 7, 1, text},
	}
	var got []want
	for _, v := range vars {
		got = append(got, want{v.Name, v.Kind, v.Signed, v.Weak, v.Offset, v.Size, v.Align, v.Type})
	}
	if diff := cmp.Diff(wants, got, cmp.AllowUnexported(want{})); diff != "" {
		t.Error(diff)
	}
	wantMap := &spec.Map{Name: ".kconfig", Type: ebpf.Array, KeySize: 4, ValueSize: 40, MaxEntries: 1, Flags: 0x480, ValueType: sec,
		Origin: spec.OriginKconfig, Place: spec.Place{Section: ".kconfig", Size: 40}, Frozen: true}
	if diff := cmp.Diff(wantMap, m); diff != "" {
		t.Error(diff)
	}
}

func TestKconfigErrors(t *testing.T) {
	tests := map[string]struct {
		add     func(e *externs)
		message string
	}{
		"pointer":       {func(e *externs) { e.add("CONFIG_X", e.b.Ptr(0), 1) }, `want bool, char, an integer, enum libbpf_tristate or an array of char, got ptr`},
		"struct":        {func(e *externs) { e.add("CONFIG_X", e.b.Struct("s", 4), 1) }, `want bool, char, an integer, enum libbpf_tristate or an array of char, got struct "s" of 4 bytes`},
		"other enum":    {func(e *externs) { e.add("CONFIG_X", e.b.Enum("e", 4, false), 1) }, `want bool, char, an integer, enum libbpf_tristate or an array of char, got enum "e" of 4 bytes`},
		"wide integer":  {func(e *externs) { e.add("CONFIG_X", e.b.Int("__int128", 16, 0), 1) }, `want bool, char, an integer, enum libbpf_tristate or an array of char, got int "__int128" of 16 bytes`},
		"wide bool":     {func(e *externs) { e.add("CONFIG_X", e.b.Int("bool", 4, rawbtf.IntBool), 1) }, `want bool, char, an integer, enum libbpf_tristate or an array of char, got int "bool" of 4 bytes`},
		"no length":     {func(e *externs) { e.add("CONFIG_X", e.b.Array(e.b.Int("char", 1, 0), 0), 1) }, `want an array of char with a length, got 0 elements of int "char" of 1 byte`},
		"array of int":  {func(e *externs) { e.add("CONFIG_X", e.b.Array(e.b.Int("int", 4, 0), 3), 1) }, `want an array of char with a length, got 3 elements of int "int" of 4 bytes`},
		"array of bool": {func(e *externs) { e.add("CONFIG_X", e.b.Array(e.b.Int("bool", 1, rawbtf.IntBool), 3), 1) }, `want an array of char with a length, got 3 elements of int "bool" of 1 byte`},
		"function": {func(e *externs) {
			e.vars = append(e.vars, rawbtf.VarSecinfo{Type: e.b.Func("CONFIG_X", e.b.FuncProto(0), rawbtf.LinkageExtern)})
			e.o.Extern("CONFIG_X", 1)
		}, `a func cannot be a configuration value`},
		"too much": {func(e *externs) {
			e.add("CONFIG_W", e.b.Array(e.b.Int("char", 1, 0), 1<<31), 1)
			e.add("CONFIG_X", e.b.Array(e.b.Int("char", 1, 0), 1<<31), 1)
		}, `the values before it leave no room in 4 GiB`},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			var e externs
			tt.add(&e)
			m, vars, _, err := e.decode(t)
			want := `section ".kconfig"+0x0 (extern "CONFIG_X"): ` + tt.message
			if err == nil || err.Error() != want || !errors.Is(err, elf.ErrUnsupported) || m != nil || vars != nil {
				t.Errorf("got  %v\nwant %s", err, want)
			}
		})
	}
}

func TestNoKconfig(t *testing.T) {
	var unused externs
	unused.vars = append(unused.vars, rawbtf.VarSecinfo{Type: unused.b.Var("CONFIG_X", unused.b.Int("int", 4, 0), rawbtf.LinkageExtern)})
	if m, vars, _, err := unused.decode(t); m != nil || vars != nil || err != nil {
		t.Errorf("declared and not used: %v, %v, %v", m, vars, err)
	}
	var o elftest.Object
	f, _ := build(t, &o, nil)
	if m, _, err := globals.Kconfig(f, nil); m != nil || err != nil {
		t.Errorf("without BTF: %v, %v", m, err)
	}
	f, types := build(t, &o, &elftest.BTF{})
	if m, _, err := globals.Kconfig(f, types); m != nil || err != nil {
		t.Errorf("without the section: %v, %v", m, err)
	}
}
