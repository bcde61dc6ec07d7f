// SPDX-License-Identifier: MIT

package reloc_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/bpfload/bpfload/elf"
	"github.com/bpfload/bpfload/internal/elftest"
	"github.com/bpfload/bpfload/rawbtf"
	"github.com/bpfload/bpfload/reloc"
	"github.com/bpfload/bpfload/spec"
)

// slotObject has a prog array at 0, with slots from 24 on, and an array of maps at
// 64, with slots from 88 on; each has room for three and four slots in its section.
// Inner maps are at 128 and, static, at 160. Programs are in xdp, a subprogram in .text.
type slotObject struct {
	*elftest.Object
	maps, xdp, text, data                      int // sections
	main, static, sub, optional, inner, number int // symbols
	outerEntries                               uint32
	hash                                       bool // an outer hash
	innerStart, staticStart                    uint64
	image                                      []byte // of .maps
}

func newSlotObject(o *elftest.Object, entries uint32) *slotObject {
	s := &slotObject{Object: o, outerEntries: entries, innerStart: 128, staticStart: 160}
	s.image = make([]byte, 192)
	s.maps = o.Data(".maps", s.image)
	s.xdp = o.Code("xdp", mov(1), exit, mov(2), exit, elftest.CallLocal(-3), exit)
	s.text = o.Code(".text", mov(3), exit)
	opt := o.Code("?xdp.frags", mov(4), exit)
	s.data = o.Data(".data", make([]byte, 8))
	s.main = o.Func("main", s.xdp, 0, 16)
	s.static = static(o, "helper", s.xdp, 16, 16)
	o.Func("caller", s.xdp, 32, 16)
	s.sub = o.Func("sub", s.text, 0, 16)
	s.optional = o.Func("optional", opt, 0, 16)
	o.Object("calls", s.maps, 0, 48)
	o.Object("outer", s.maps, 64, 56)
	s.inner = o.Object("inner", s.maps, s.innerStart, 32)
	static(o, "unused", s.text, 0, 16)
	o.Symbol(elftest.Symbol{Name: "kept", Type: elf.STTObject, Section: s.maps, Value: s.staticStart, Size: 32})
	s.number = o.Object("number", s.data, 0, 8)
	return s
}

// finish adds the BTF.
func (s *slotObject) finish() *elftest.Object {
	b := &elftest.BTF{}
	u32 := b.Ptr(b.Int("unsigned int", 4, 0))
	proto := b.FuncProto(b.Int("int", 4, rawbtf.IntSigned))
	calls := mapVar(b, "calls", rawbtf.LinkageGlobal, elftest.Member{Name: "type", Type: b.Uint(3)}, elftest.Member{Name: "key", Type: u32},
		elftest.Member{Name: "max_entries", Type: b.Uint(3)}, elftest.Member{Name: "values", Type: b.Array(b.Ptr(proto), 0)})
	def := b.Struct("", 32, elftest.Member{Name: "type", Type: b.Uint(1)}, elftest.Member{Name: "key", Type: u32, Bits: 64},
		elftest.Member{Name: "value", Type: u32, Bits: 128}, elftest.Member{Name: "max_entries", Type: b.Uint(16), Bits: 192})
	typ := b.Uint(12)
	if s.hash {
		typ = b.Uint(13)
	}
	outer := mapVar(b, "outer", rawbtf.LinkageGlobal, elftest.Member{Name: "type", Type: typ}, elftest.Member{Name: "key", Type: u32},
		elftest.Member{Name: "max_entries", Type: b.Uint(s.outerEntries)}, elftest.Member{Name: "values", Type: b.Array(b.Ptr(def), 0)})
	inner := b.Var("inner", def, rawbtf.LinkageGlobal)
	kept := b.Var("kept", def, rawbtf.LinkageStatic)
	at := func(id rawbtf.ID, off, size uint32) rawbtf.VarSecinfo {
		return rawbtf.VarSecinfo{Type: id, Offset: off, Size: size}
	}
	b.Datasec(".maps", 192, at(calls, 0, 48), at(outer, 64, 56), at(inner, uint32(s.innerStart), 32), at(kept, uint32(s.staticStart), 32))
	s.BTF(b)
	return s.Object
}

const relAbs = 2 // R_BPF_64_ABS64

func TestResolveSlots(t *testing.T) {
	for name, c := range map[string]struct {
		build        func(s *slotObject)
		hash         bool
		entries      uint32
		calls, outer []spec.Slot
		warnings     []string
	}{
		"none": {build: func(s *slotObject) {}, entries: 4},
		"programs and maps": {
			build: func(s *slotObject) {
				s.Rel(s.maps, 40, s.main, relAbs)
				s.Rel(s.maps, 24, s.optional, relAbs)
				s.Rel(s.maps, 112, s.inner, relAbs)
				s.Rel(s.maps, 88, s.inner, relText) // as clang 13 and older wrote it
			},
			entries: 4,
			calls:   []spec.Slot{{Index: 0, Program: "optional"}, {Index: 2, Program: "main"}},
			outer:   []spec.Slot{{Index: 0, Map: "inner"}, {Index: 3, Map: "inner"}},
		},
		"static targets": {
			// By section symbol, with the distance in the slot itself. The
			// function is called, too, and a program all the same.
			build: func(s *slotObject) {
				s.Rel(s.maps, 24, s.SectionSymbol(s.xdp), relAbs)
				s.Rel(s.maps, 88, s.SectionSymbol(s.maps), relAbs)
				s.put(24, 16)
				s.put(88, s.staticStart)
			},
			entries: 4,
			calls:   []spec.Slot{{Index: 0, Program: "helper"}},
			outer:   []spec.Slot{{Index: 0, Map: "kept"}},
		},
		"the last of two counts": {
			build: func(s *slotObject) {
				s.Rel(s.maps, 32, s.main, relAbs)
				s.Rel(s.maps, 32, s.static, relAbs)
				s.Rel(s.maps, 88, s.inner, relAbs)
				s.Rel(s.maps, 88, s.inner, relAbs)
			},
			entries: 4,
			calls:   []spec.Slot{{Index: 1, Program: "helper"}},
			outer:   []spec.Slot{{Index: 0, Map: "inner"}},
			warnings: []string{
				`section ".maps"+0x20 ("calls"): slot 1 is initialised twice; program "helper" takes the place of program "main"`,
				`section ".maps"+0x58 ("outer"): slot 0 is initialised twice; map "inner" takes the place of map "inner"`,
			},
		},
		"weak and nowhere": {
			build:    func(s *slotObject) { s.Rel(s.maps, 24, s.Extern("maybe", elf.STBWeak), relAbs) },
			entries:  4,
			warnings: []string{`section ".maps"+0x18 ("calls"): the slot is left empty: weak symbol "maybe" is defined nowhere in the object`},
		},
		"numbers": {
			build: func(s *slotObject) {
				s.put(24, 77)
				s.put(32, 78)
				s.put(88, 1)
				s.put(96, 5)
				s.Rel(s.maps, 88, s.SectionSymbol(s.maps), relAbs)
				s.put(88, s.innerStart)
			},
			entries: 4,
			outer:   []spec.Slot{{Index: 0, Map: "inner"}},
			warnings: []string{
				`section ".maps"+0x18 ("calls"): the slot is left empty: it is initialised with the number 0x4d, which means no map or program of the object`,
				`section ".maps"+0x60 ("outer"): the slot is left empty: it is initialised with the number 0x5, which means no map or program of the object`,
			},
		},
		"aliases": {
			build: func(s *slotObject) {
				s.Rel(s.maps, 24, s.Func("same", s.xdp, 0, 16), relAbs)
				s.Rel(s.maps, 32, s.main, relAbs)
			},
			entries: 4,
			calls:   []spec.Slot{{Index: 0, Program: "same"}, {Index: 1, Program: "main"}},
		},
		"room for as many as there are": {
			build: func(s *slotObject) { s.Rel(s.maps, 104, s.inner, relAbs) },
			outer: []spec.Slot{{Index: 2, Map: "inner"}},
		},
		"hash of maps": {
			build:   func(s *slotObject) { s.Rel(s.maps, 104, s.inner, relAbs) },
			hash:    true,
			entries: 1,
			outer:   []spec.Slot{{Index: 2, Map: "inner"}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			bothOrders(t, func(t *testing.T, o *elftest.Object) {
				s := newSlotObject(o, c.entries)
				s.hash = c.hash
				c.build(s)
				obj := mustOpen(t, s.finish(), reloc.Options{})
				warnings, err := obj.linker.ResolveSlots(obj.defs)
				if err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(c.calls, obj.maps[0].Values); diff != "" {
					t.Error(diff)
				}
				if diff := cmp.Diff(c.outer, obj.maps[1].Values); diff != "" {
					t.Error(diff)
				}
				if c.entries == 0 && obj.maps[1].MaxEntries != 4 {
					t.Errorf("outer has room for %d", obj.maps[1].MaxEntries)
				}
				var got []string
				for _, w := range warnings {
					got = append(got, w.String())
				}
				equal(t, "warnings", got, c.warnings)
			})
		})
	}
}

// put writes an addend into section .maps.
func (s *slotObject) put(off int, v uint64) {
	copy(s.image[off:], words(s.Object, v))
}

func TestResolveSlotsErrors(t *testing.T) {
	for name, c := range map[string]struct {
		build func(s *slotObject)
		want  string
	}{
		"subprogram": {
			func(s *slotObject) { s.Rel(s.maps, 24, s.sub, relAbs) },
			`section ".maps"+0x18 (map "calls"): slot initialised with function "sub" of section ".text", which is no program: give it SEC("TYPE")`,
		},
		"middle of a program": {
			func(s *slotObject) { s.Rel(s.maps, 24, s.SectionSymbol(s.xdp), relAbs); s.put(24, 8) },
			`section ".maps"+0x18 (map "calls"): slot initialised with byte 8 of function "main": only its start can be called`,
		},
		"no function": {
			func(s *slotObject) { s.Rel(s.maps, 24, s.number, relAbs) },
			`section ".maps"+0x18 (map "calls"): slot initialised with section ".data"+0x0, where no function is`,
		},
		"a map for a program": {
			func(s *slotObject) { s.Rel(s.maps, 24, s.inner, relAbs) },
			`section ".maps"+0x18 (map "calls"): slot initialised with section ".maps"+0x80, where no function is`,
		},
		"a program for a map": {
			func(s *slotObject) { s.Rel(s.maps, 88, s.main, relAbs) },
			`section ".maps"+0x58 (map "outer"): reference to byte 0 of section "xdp", where no map is defined`,
		},
		"a variable for a map": {
			func(s *slotObject) { s.Rel(s.maps, 88, s.number, relAbs) },
			`section ".maps"+0x58 (map "outer"): slot initialised with "number" in section ".data", which is no map definition`,
		},
		"middle of a map": {
			func(s *slotObject) { s.Rel(s.maps, 88, s.inner, relAbs); s.put(88, 8) },
			`section ".maps"+0x58 (map "outer"): reference to byte 8 of the definition of map "inner": only the whole map can be referred to`,
		},
		"undefined": {
			func(s *slotObject) { s.Rel(s.maps, 24, s.Extern("nowhere", elf.STBGlobal), relAbs) },
			`section ".maps"+0x18 (map "calls"): slot initialised with "nowhere", which is defined nowhere in the object: link the object that defines it with bpftool gen object`,
		},
		"tentative": {
			func(s *slotObject) {
				s.Rel(s.maps, 24, s.Symbol(elftest.Symbol{Name: "c", Binding: elf.STBGlobal, Section: elf.SHNCommon}), relAbs)
			},
			`section ".maps"+0x18 (map "calls"): reference to "c", a tentative definition without a place: give the variable an initial value, or compile with -fno-common`,
		},
		"no slot": {
			func(s *slotObject) { s.Rel(s.maps, 16, s.main, relAbs) },
			`section ".maps"+0x10 (map "calls"): relocation of something that is not a slot of "values"`,
		},
		"no values": {
			func(s *slotObject) { s.Rel(s.maps, 136, s.main, relAbs) },
			`section ".maps"+0x88 (map "inner"): the definition has no "values" that could be initialised`,
		},
		"too many": {
			func(s *slotObject) { s.Rel(s.maps, 112, s.inner, relAbs); s.outerEntries = 3 },
			`section ".maps"+0x70 (map "outer"): field "values": slot 3 is initialised, but max_entries is 3`,
		},
		"table": {
			func(s *slotObject) { s.Rel(s.maps, 24, 1, relAbs); s.Rel(s.maps, 500, 1, relAbs) },
			`section ".rel.maps"+0x10: relocation at 0x1f4 is outside section ".maps" of 192 bytes`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			bothOrders(t, func(t *testing.T, o *elftest.Object) {
				s := newSlotObject(o, 4)
				c.build(s)
				obj := mustOpen(t, s.finish(), reloc.Options{})
				_, err := obj.linker.ResolveSlots(obj.defs)
				if err == nil {
					t.Fatal("no error")
				}
				checkError(t, err)
				if err.Error() != c.want {
					t.Errorf("%v\nwant %s", err, c.want)
				}
				for _, m := range obj.maps[1:2] {
					if m.Values != nil {
						t.Error("slots beside an error")
					}
				}
			})
		})
	}
}

// A relocation before the first definition of its section is nobody's.
func TestResolveSlotsOutside(t *testing.T) {
	o := &elftest.Object{}
	maps := o.Data(".maps", make([]byte, 40))
	o.Object("m", maps, 8, 32)
	o.Rel(maps, 0, 1, relAbs)
	b := &elftest.BTF{}
	b.Datasec(".maps", 0, rawbtf.VarSecinfo{Type: simpleMap(b, "m"), Offset: 8, Size: 32})
	o.BTF(b)
	obj := mustOpen(t, o, reloc.Options{})
	_, err := obj.linker.ResolveSlots(obj.defs)
	if want := `section ".maps"+0x0: relocation outside every map definition`; err == nil || err.Error() != want {
		t.Errorf("%v, want %s", err, want)
	}
}
