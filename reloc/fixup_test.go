// SPDX-License-Identifier: MIT

package reloc_test

import (
	"errors"
	"testing"

	"github.com/cilium/ebpf"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/bpfload/bpfload/elf"
	"github.com/bpfload/bpfload/internal/elftest"
	"github.com/bpfload/bpfload/rawbtf"
	"github.com/bpfload/bpfload/reloc"
	"github.com/bpfload/bpfload/spec"
)

// mapsObject has two maps, one of them static, and variables of several kinds; prog
// refers to all of them.
func mapsObject(o *elftest.Object) {
	maps := o.Data(".maps", make([]byte, 64))
	data := o.Data(".data", make([]byte, 16))
	rodata := o.Rodata(".rodata", make([]byte, 8))
	custom := o.Bss(".bss.custom", 32)
	prog := o.Code("xdp", insns(
		load(1, 0, 0, 0),  // 0: hash
		load(1, 0, 32, 0), // 2: the static map, by its section
		load(1, 0, 0, 0),  // 4: variable at 8 of .data
		load(1, 0, 4, 0),  // 6: byte 4 of it
		load(1, 0, 4, 0),  // 8: a static variable at 4 of .rodata
		load(1, 0, 0, 0),  // 10: .bss.custom
		exit)...)
	hash := o.Object("hash", maps, 0, 32)
	o.Symbol(elftest.Symbol{Name: "hidden_away", Type: elf.STTObject, Section: maps, Value: 32, Size: 32})
	v := o.Object("variable", data, 8, 8)
	o.Symbol(elftest.Symbol{Name: "constant", Type: elf.STTObject, Section: rodata, Value: 4, Size: 4})
	z := o.Object("zero", custom, 24, 8)
	o.Func("prog", prog, 0, 13*8)
	o.Rel(prog, 0, hash, relText)
	o.Rel(prog, 16, o.SectionSymbol(maps), relText)
	o.Rel(prog, 32, v, relText)
	o.Rel(prog, 48, v, relText)
	o.Rel(prog, 64, o.SectionSymbol(rodata), relText)
	o.Rel(prog, 80, z, relText)
	b := &elftest.BTF{}
	h := simpleMap(b, "hash")
	s := mapVar(b, "hidden_away", rawbtf.LinkageStatic, elftest.Member{Name: "type", Type: b.Uint(2)}, elftest.Member{Name: "max_entries", Type: b.Uint(1)},
		elftest.Member{Name: "key_size", Type: b.Uint(4)}, elftest.Member{Name: "value_size", Type: b.Uint(4)})
	b.Datasec(".maps", 0, rawbtf.VarSecinfo{Type: h, Size: 32}, rawbtf.VarSecinfo{Type: s, Offset: 32, Size: 32})
	o.BTF(b)
}

// fixupOptions compare fixups without following maps.
var fixupOptions = cmp.Options{
	cmp.Transformer("map", func(m *spec.Map) string {
		if m == nil {
			return ""
		}
		return m.Name
	}),
	cmpopts.EquateEmpty(),
}

func TestMapFixups(t *testing.T) {
	bothOrders(t, func(t *testing.T, o *elftest.Object) {
		mapsObject(o)
		obj := mustOpen(t, o, reloc.Options{})
		byName := map[string]*spec.Map{}
		for _, m := range obj.maps {
			byName[m.Name] = m
		}
		c := obj.link(t, "prog")
		want := []reloc.Fixup{
			{Insn: 0, Kind: reloc.MapFD, Index: 0, Map: byName["hash"]},
			{Insn: 2, Kind: reloc.MapFD, Index: 1, Map: byName["hidden_away"]},
			{Insn: 4, Kind: reloc.MapValue, Index: 2, Map: byName[".data"], Offset: 8},
			{Insn: 6, Kind: reloc.MapValue, Index: 2, Map: byName[".data"], Offset: 12},
			{Insn: 8, Kind: reloc.MapValue, Index: 3, Map: byName[".rodata"], Offset: 4},
			{Insn: 10, Kind: reloc.MapValue, Index: 4, Map: byName[".bss.custom"], Offset: 24},
		}
		if diff := cmp.Diff(want, c.Fixups, fixupOptions); diff != "" {
			t.Error(diff)
		}
		err := c.Finish(func(f *reloc.Fixup) (reloc.Value, error) {
			return reloc.Value{FD: 100 + int(f.Index), Missing: f.Map.Name == ".rodata" || f.Insn == 0}, nil
		})
		if err != nil {
			t.Fatal(err)
		}
		poisonHash := elftest.Insn{Op: 0x85, Imm: reloc.PoisonedMap}
		poisonData := elftest.Insn{Op: 0x85, Imm: reloc.PoisonedMap + 3}
		checkCode(t, o, c, insns(poisonHash, poisonHash, load(1, 1, 101, 0), load(1, 2, 102, 8), load(1, 2, 102, 12),
			poisonData, poisonData, load(1, 2, 104, 24), exit)...)
	})
}

// References that are no reference to a map.
func TestMapReferenceErrors(t *testing.T) {
	for name, c := range map[string]struct {
		addend int32
		want   string
	}{
		"middle of a definition": {8, `section "xdp"+0x0 (function "prog"): reference to byte 8 of the definition of map "hash": only the whole map can be referred to`},
		"before the first":       {-8, `section "xdp"+0x0 (function "prog"): reference to byte -8 of section ".maps", where no map is defined`},
	} {
		o := &elftest.Object{}
		maps := o.Data(".maps", make([]byte, 32))
		prog := o.Code("xdp", insns(load(1, 0, c.addend, 0), exit)...)
		hash := o.Object("hash", maps, 0, 32)
		o.Func("prog", prog, 0, 24)
		o.Rel(prog, 0, hash, relText)
		b := &elftest.BTF{}
		b.Datasec(".maps", 0, rawbtf.VarSecinfo{Type: simpleMap(b, "hash"), Size: 32})
		o.BTF(b)
		if got := mustOpen(t, o, reloc.Options{}).linkError(t, "prog"); got != c.want {
			t.Errorf("%s: %s\nwant %s", name, got, c.want)
		}
	}
}

// The assembler of GCC 12 writes the place of a map into the instruction beside naming
// it in the relocation, so that the sum may be the place of another.
func TestMapPlaceTwice(t *testing.T) {
	o := &elftest.Object{}
	maps := o.Data(".maps", make([]byte, 96))
	prog := o.Code("xdp", insns(load(1, 0, 32, 0), load(2, 0, 64, 0), exit)...)
	b := &elftest.BTF{}
	var vars []rawbtf.VarSecinfo
	symbols := make([]int, 3)
	for i, name := range []string{"first", "second", "third"} {
		symbols[i] = o.Object(name, maps, uint64(i)*32, 32)
		vars = append(vars, rawbtf.VarSecinfo{Type: simpleMap(b, name), Offset: uint32(i) * 32, Size: 32})
	}
	b.Datasec(".maps", 96, vars...)
	o.Func("prog", prog, 0, 40)
	o.Rel(prog, 0, symbols[1], relText)
	o.Rel(prog, 16, symbols[2], relText)
	o.BTF(b)
	c := mustOpen(t, o, reloc.Options{}).link(t, "prog")
	if got := []string{c.Fixups[0].Map.Name, c.Fixups[1].Map.Name}; got[0] != "second" || got[1] != "third" {
		t.Errorf("the loads refer to %q, want second and third", got)
	}
}

// Maps that come from elsewhere than .maps are found by place, and a struct_ops
// variable cannot be referred to. The contents of an arena are a place within it.
func TestGivenMaps(t *testing.T) {
	o := &elftest.Object{}
	legacy := o.Data("maps", make([]byte, 20))
	ops := o.Data(".struct_ops", make([]byte, 16))
	arena := o.Data(".addr_space.1", make([]byte, 16))
	prog := o.Code("xdp", insns(load(1, 0, 0, 0), load(1, 0, 0, 0), exit)...)
	bad := o.Code("tc", insns(load(1, 0, 0, 0), exit)...)
	o.Func("prog", prog, 0, 40)
	o.Func("bad", bad, 0, 24)
	o.Rel(prog, 0, o.Object("old", legacy, 0, 20), relText)
	o.Rel(prog, 16, o.Object("cell", arena, 8, 8), relText)
	o.Rel(bad, 0, o.Object("my_ops", ops, 0, 16), relText)
	f, err := elf.Parse(o.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	maps := []*spec.Map{
		{Name: "old", Origin: spec.OriginLegacy, Type: ebpf.Hash, Place: spec.Place{Section: "maps", Index: legacy, Size: 20}},
		{Name: "my_ops", Origin: spec.OriginStructOps, Place: spec.Place{Section: ".struct_ops", Index: ops, Size: 16}},
		{Name: ".addr_space.1", Origin: spec.OriginArena, Place: spec.Place{Section: ".addr_space.1", Index: arena, Size: 16}},
	}
	l, err := reloc.New(f, nil, nil, maps, reloc.Options{})
	if err != nil {
		t.Fatal(err)
	}
	obj := &object{linker: l}
	c := obj.link(t, "prog")
	want := []reloc.Fixup{
		{Insn: 0, Kind: reloc.MapFD, Map: maps[0]},
		{Insn: 2, Kind: reloc.MapValue, Index: 2, Map: maps[2], Offset: 8},
	}
	if diff := cmp.Diff(want, c.Fixups, fixupOptions); diff != "" {
		t.Error(diff)
	}
	if err := c.Finish(func(f *reloc.Fixup) (reloc.Value, error) { return reloc.Value{FD: 5, Offset: 0x1000}, nil }); err != nil {
		t.Fatal(err)
	}
	checkCode(t, o, c, insns(load(1, 1, 5, 0), load(1, 2, 5, 0x1008), exit)...)
	if got, want := obj.linkError(t, "bad"), `section "tc"+0x0 (function "bad"): reference to struct_ops variable "my_ops": programs cannot refer to those`; got != want {
		t.Errorf("%s\nwant %s", got, want)
	}
}

func TestFinishErrors(t *testing.T) {
	o := &elftest.Object{}
	mapsObject(o)
	obj := mustOpen(t, o, reloc.Options{})
	cause := errors.New("no such map")
	located := &elf.Error{Section: "elsewhere", Err: cause}
	for name, c := range map[string]struct {
		value reloc.Value
		err   error
		want  string
	}{
		"located":  {err: cause, want: `section "xdp"+0x20 (function "prog"): no such map`},
		"as it is": {err: located, want: `section "elsewhere"+0x0: no such map`},
		"offset":   {value: reloc.Value{Offset: 1 << 32}, want: `section "xdp"+0x20 (function "prog"): offset 0x100000008 into a map's value does not fit 32 bits`},
	} {
		code := obj.link(t, "prog")
		err := code.Finish(func(f *reloc.Fixup) (reloc.Value, error) {
			if f.Insn == 4 {
				return c.value, c.err
			}
			return reloc.Value{}, nil
		})
		if err == nil || err.Error() != c.want {
			t.Errorf("%s: %v\nwant %s", name, err, c.want)
		}
		if c.err != nil && !errors.Is(err, cause) {
			t.Errorf("%s: %v does not wrap its cause", name, err)
		}
	}
}

func TestSetByteOrder(t *testing.T) {
	big, little := &elftest.Object{BigEndian: true}, &elftest.Object{}
	externObject(big)
	externObject(little)
	a, b := mustOpen(t, big, reloc.Options{}).link(t, "prog"), mustOpen(t, little, reloc.Options{}).link(t, "prog")
	value := func(f *reloc.Fixup) (reloc.Value, error) { return reloc.Value{FD: 7, ID: 0x01020304, FDIndex: 5}, nil }
	a.SetByteOrder(false)
	a.SetByteOrder(false)
	if err := errors.Join(a.Finish(value), b.Finish(value)); err != nil {
		t.Fatal(err)
	}
	if got, want := lines(a.Insns), lines(b.Insns); got != want || a.Big {
		t.Errorf("%s\nwant\n%s", got, want)
	}
	a.SetByteOrder(true)
	b.SetByteOrder(true)
	if got, want := lines(a.Insns), lines(b.Insns); got != want || !b.Big {
		t.Errorf("%s\nwant\n%s", got, want)
	}
}

func TestFixupKindNames(t *testing.T) {
	seen := map[string]bool{}
	for k := reloc.MapFD; k <= reloc.Immediate; k++ {
		if s := k.String(); seen[s] || s == "unknown" {
			t.Errorf("kind %d is %q", k, s)
		}
		seen[k.String()] = true
	}
	if s := (reloc.Immediate + 1).String(); s != "unknown" {
		t.Errorf("a kind that does not exist is %q", s)
	}
}
