// SPDX-License-Identifier: MIT

package btfmaps_test

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/bpfload/bpfload/btfmaps"
	"github.com/bpfload/bpfload/elf"
	"github.com/bpfload/bpfload/internal/elftest"
	"github.com/bpfload/bpfload/rawbtf"
)

// places lists maps as "name type@offset+size".
func places(defs []btfmaps.Definition) []string {
	var out []string
	for _, d := range defs {
		out = append(out, fmt.Sprintf("%s %d@%d+%d", d.Map.Name, d.Map.Type, d.Map.Place.Offset, d.Map.Place.Size))
	}
	return out
}

// TestSymbolsDecide covers where definitions are found: by symbol, of any binding
// and type, whatever the datasec says about offsets.
func TestSymbolsDecide(t *testing.T) {
	of := func(o *object, typ uint32) rawbtf.ID { return o.structOf(field("type", o.btf.Uint(typ))) }
	tests := map[string]struct {
		make func(o *object)
		want []string
	}{
		"order of offsets, not of the datasec": {func(o *object) {
			o.define(2, "c", of(o, 3))
			o.define(0, "a", of(o, 1))
			o.define(1, "b", of(o, 2))
		}, []string{"a 1@0+64", "b 2@64+64", "c 3@128+64"}},
		"weak, hidden, without type": {func(o *object) {
			for i, s := range []elftest.Symbol{{Name: "weak", Binding: elf.STBWeak, Type: elf.STTObject}, {Name: "hidden", Binding: elf.STBGlobal, Visibility: elf.STVHidden},
				{Name: "plain", Binding: elf.STBGlobal}} {
				o.describe(s.Name, of(o, uint32(i+1)), rawbtf.LinkageGlobal)
				s.Section, s.Value, s.Size = o.maps, uint64(64*i), 64
				o.Symbol(s)
			}
		}, []string{"weak 1@0+64", "hidden 2@64+64", "plain 3@128+64"}},
		"symbols of size 0": {func(o *object) {
			o.describe("a", of(o, 1), rawbtf.LinkageGlobal)
			o.describe("b", of(o, 2), rawbtf.LinkageGlobal)
			o.Symbol(elftest.Symbol{Name: "a", Binding: elf.STBGlobal, Section: o.maps})
			o.Symbol(elftest.Symbol{Name: "b", Binding: elf.STBGlobal, Section: o.maps, Value: 64})
		}, []string{"a 1@0+64", "b 2@64+128"}},
		"static, and two of one name": {func(o *object) {
			// As bpftool writes them: one after the other, with offsets.
			for i := range 3 {
				v := o.btf.Var("m", of(o, uint32(i+1)), rawbtf.LinkageStatic)
				if i == 2 {
					v = o.btf.Var("m", of(o, 3), rawbtf.LinkageGlobal)
				}
				o.vars = append(o.vars, rawbtf.VarSecinfo{Type: v, Offset: uint32(64 * i), Size: 64})
			}
			o.vars[0], o.vars[1], o.vars[2] = o.vars[1], o.vars[2], o.vars[0]
			o.Symbol(elftest.Symbol{Name: "m", Type: elf.STTObject, Section: o.maps, Size: 64})
			o.Symbol(elftest.Symbol{Name: "m", Type: elf.STTObject, Section: o.maps, Value: 64, Size: 64})
			o.Object.Object("m", o.maps, 128, 64)
		}, []string{"m 1@0+64", "m 2@64+64", "m 3@128+64"}},
		"static without a symbol": {func(o *object) {
			o.define(0, "a", of(o, 1))
			v := o.btf.Var("s", of(o, 2), rawbtf.LinkageStatic)
			o.vars = append(o.vars, rawbtf.VarSecinfo{Type: v, Offset: 64, Size: 64})
			o.define(2, "c", of(o, 3))
		}, []string{"a 1@0+64", "s 2@64+64", "c 3@128+64"}},
		"global without a symbol is elsewhere": {func(o *object) {
			o.define(0, "a", of(o, 1))
			o.vars = append(o.vars, rawbtf.VarSecinfo{Type: o.btf.Var("g", of(o, 2), rawbtf.LinkageExtern), Offset: 64, Size: 64})
		}, []string{"a 1@0+64"}},
		"static outside or within another": {func(o *object) {
			o.define(0, "a", of(o, 1))
			for _, offset := range []uint32{32, 300} {
				o.vars = append(o.vars, rawbtf.VarSecinfo{Type: o.btf.Var("s", of(o, 2), rawbtf.LinkageStatic), Offset: offset, Size: 64})
			}
			o.vars = append(o.vars, rawbtf.VarSecinfo{Type: of(o, 2), Offset: 128, Size: 64})
		}, []string{"a 1@0+64"}},
		"alias and mark at the end": {func(o *object) {
			o.define(0, "a", of(o, 1))
			o.Object.Object("a_alias", o.maps, 0, 64)
			o.Symbol(elftest.Symbol{Name: "_end", Binding: elf.STBGlobal, Section: o.maps, Value: 192})
		}, []string{"a 1@0+64"}},
		"alias before": {func(o *object) {
			o.Object.Object("a_alias", o.maps, 0, 64)
			o.define(0, "a", of(o, 1))
		}, []string{"a 1@0+64"}},
		"typedef of the struct": {func(o *object) {
			o.define(0, "a", o.btf.Const(o.btf.Typedef("def", of(o, 1))))
		}, []string{"a 1@0+64"}},
		"labels do not count": {func(o *object) {
			o.define(0, "a", of(o, 1))
			o.Symbol(elftest.Symbol{Name: ".Lpad", Section: o.maps, Value: 8})
		}, []string{"a 1@0+64"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			for _, bigEndian := range []bool{false, true} {
				o := newObject(bigEndian, 3)
				tt.make(o)
				defs, warnings, err := o.decode(t, btfmaps.Options{})
				if err != nil || len(warnings) != 0 {
					t.Fatal(err, warnings)
				}
				if diff := cmp.Diff(tt.want, places(defs)); diff != "" {
					t.Errorf("big endian %t: %s", bigEndian, diff)
				}
			}
		})
	}
}

func TestSectionErrors(t *testing.T) {
	of := func(o *object) rawbtf.ID { return o.structOf(field("type", o.btf.Uint(1))) }
	tests := map[string]struct {
		make    func(o *object)
		message string
	}{
		"no symbol":              {func(o *object) {}, `section ".maps"+0x0: 128 bytes without a symbol: nothing says which maps they define`},
		"no variable":            {func(o *object) { o.Object.Object("m", o.maps, 0, 64) }, `section ".maps"+0x0 (map "m"): no BTF variable describes the map: compile with -g, and link objects with bpftool gen object`},
		"no struct":              {func(o *object) { o.define(0, "m", o.btf.Array(of(o), 4)) }, `section ".maps"+0x0 (map "m"): want a struct, got an array`},
		"union":                  {func(o *object) { o.define(0, "m", o.btf.Union("u", 8)) }, `section ".maps"+0x0 (map "m"): want a struct, got a union "u"`},
		"larger than its symbol": {func(o *object) { o.define(0, "m", o.btf.Struct("", 72)) }, `section ".maps"+0x0 (map "m"): the definition takes 72 bytes, the symbol has 64`},
		"function": {func(o *object) {
			o.describe("f", of(o), rawbtf.LinkageGlobal)
			o.Func("f", o.maps, 64, 8)
		}, `section ".maps"+0x40 (map "f"): a function among map definitions`},
		"overlap": {func(o *object) {
			o.define(0, "a", of(o))
			o.describe("b", of(o), rawbtf.LinkageGlobal)
			o.Object.Object("b", o.maps, 32, 64)
		}, `section ".maps"+0x20 (map "b"): the definition begins within the one before, which ends at 0x40`},
		"two definitions in one place": {func(o *object) {
			o.define(0, "a", of(o))
			o.define(0, "b", of(o))
		}, `section ".maps"+0x0 (map "b"): the definition begins within the one before, which ends at 0x40`},
		"values beyond": {func(o *object) {
			o.define(0, "m", o.btf.Struct("", 8, elftest.Member{Name: "type", Type: o.btf.Uint(3)},
				elftest.Member{Name: "values", Type: o.btf.Array(o.btf.Ptr(o.btf.FuncProto(0)), 0), Bits: 8 * 65}))
		}, `section ".maps"+0x0 (map "m"): field "values": begins at bit 520 of 64 bytes`},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			o := newObject(false, 2)
			tt.make(o)
			_, _, err := o.decode(t, btfmaps.Options{})
			if err == nil || err.Error() != tt.message {
				t.Errorf("got  %v\nwant %s", err, tt.message)
			}
		})
	}
}

func TestWithoutBTF(t *testing.T) {
	o := newObject(false, 1)
	o.Object.Object("m", o.maps, 0, 64)
	f, _ := o.parse(t)
	_, _, err := btfmaps.Decode(f, nil, btfmaps.Options{})
	const want = `section ".maps"+0x0 (map "m"): maps in this section are described by BTF, and the object has none: compile with -g`
	if err == nil || err.Error() != want {
		t.Errorf("got  %v\nwant %s", err, want)
	}
	plain := elftest.Object{}
	plain.Code("xdp", elftest.Ret0, elftest.Exit)
	f, err = elf.Parse(plain.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	if defs, _, err := btfmaps.Decode(f, nil, btfmaps.Options{}); err != nil || defs != nil {
		t.Errorf("an object without maps: %v, %v", defs, err)
	}
}

// Types that were meant for a legacy map are no loss in an object without BTF: they
// define no map.
func TestAnnotationWithoutBTF(t *testing.T) {
	f := annotated(t, "____btf_map_flows")
	if defs, warnings, err := btfmaps.Decode(f, nil, btfmaps.Options{}); err != nil || defs != nil || warnings != nil {
		t.Errorf("%v, %v, %v", defs, warnings, err)
	}
	for name, want := range map[string]string{
		"hits": `section ".maps.flows"+0x0 (map "hits"): maps in this section are described by BTF, and the object has none: compile with -g`,
		"":     `section ".maps.flows"+0x0: 16 bytes without a symbol: nothing says which maps they define`,
	} {
		f := annotated(t, name)
		if _, _, err := btfmaps.Decode(f, nil, btfmaps.Options{}); err == nil || err.Error() != want {
			t.Errorf("got  %v\nwant %s", err, want)
		}
	}
}

// annotated returns an object whose section .maps.flows has a symbol of that name.
func annotated(t *testing.T, name string) *elf.File {
	t.Helper()
	var o elftest.Object
	if i := o.Data(".maps.flows", make([]byte, 16)); name != "" {
		o.Object(name, i, 0, 16)
	}
	f, err := elf.Parse(o.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// A definition is made of types; a value that the source gives a member is lost.
func TestInitialisedMember(t *testing.T) {
	o := newObject(false, 2)
	o.define(1, "m", o.structOf(field("type", o.btf.Uint(1)), field("max_entries", o.btf.Uint(1))))
	o.data[64+9] = 1
	_, warnings, err := o.decode(t, btfmaps.Options{})
	if err != nil || len(warnings) != 1 {
		t.Fatal(warnings, err)
	}
	if w := warnings[0]; w.Code != "map-initialised" || w.Symbol != "m" || w.Offset != 73 {
		t.Errorf("got %+v", w)
	}
}

// Sections named .maps.NAME hold annotations of legacy maps, which define nothing,
// or ordinary definitions.
func TestNamedSections(t *testing.T) {
	var o elftest.Object
	var b elftest.BTF
	i, l := b.Int("int", 4, 0), b.Int("long", 8, 0)
	kv := b.Struct("____btf_map_flows", 16, elftest.Member{Name: "key", Type: i}, elftest.Member{Name: "value", Type: l, Bits: 64})
	b.Struct("____btf_map_broken", 4, elftest.Member{Name: "key", Type: i})
	b.Struct("____btf_map_early", 8, elftest.Member{Name: "key", Type: i}, elftest.Member{Name: "value", Type: i, Bits: 32})
	b.Datasec(".maps.flows", 0, rawbtf.VarSecinfo{Type: b.Var("____btf_map_flows", kv, rawbtf.LinkageGlobal), Size: 16})
	def := b.Struct("", 8, elftest.Member{Name: "type", Type: b.Uint(1)})
	b.Datasec(".maps.counter", 0, rawbtf.VarSecinfo{Type: b.Var("hits", def, rawbtf.LinkageGlobal), Size: 8})
	o.Object("____btf_map_flows", o.Data(".maps.flows", make([]byte, 16)), 0, 16)
	o.Object("hits", o.Data(".maps.counter", make([]byte, 8)), 0, 8)
	o.Section(elftest.Section{Name: ".maps.note", Type: 7, Data: []byte{1}})
	f, err := elf.Parse(o.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	types, err := rawbtf.Parse(b.Bytes(false), nil)
	if err != nil {
		t.Fatal(err)
	}
	defs, _, err := btfmaps.Decode(f, types, btfmaps.Options{})
	if err != nil || len(defs) != 1 || defs[0].Map.Name != "hits" || defs[0].Map.Place.Section != ".maps.counter" {
		t.Errorf("definitions %v, %v", places(defs), err)
	}
	list := btfmaps.Annotations(types)
	if diff := cmp.Diff([]btfmaps.Annotation{{"early", i, i}, {"flows", i, l}}, list); diff != "" {
		t.Error(diff)
	}
	if a, ok := btfmaps.FindAnnotation(list, "flows"); !ok || a.Value != l {
		t.Errorf("flows: %v, %t", a, ok)
	}
	if _, ok := btfmaps.FindAnnotation(list, "hits"); ok {
		t.Error("an annotation for hits")
	}
}
