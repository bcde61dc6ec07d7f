// SPDX-License-Identifier: MIT

package structops_test

import (
	"testing"

	"github.com/cilium/ebpf"
	"github.com/google/go-cmp/cmp"

	"github.com/bpfload/bpfload/elf"
	"github.com/bpfload/bpfload/internal/elftest"
	"github.com/bpfload/bpfload/rawbtf"
	"github.com/bpfload/bpfload/spec"
	"github.com/bpfload/bpfload/structops"
)

func TestDecode(t *testing.T) {
	for _, big := range []bool{false, true} {
		b := newBuilder(big)
		typ := ops(&b.btf, "my_ops___v2")
		data := make([]byte, 80)
		data[56] = 7
		two := b.section(".struct_ops.link", data, variable{"first", b.btf.Const(typ), 0, 40}, variable{"second", typ, 40, 40})
		b.Rel(two, 8, b.release, 2)
		b.Rel(two, 40, b.init, 2)
		b.Rel(two, 0, b.release, 2)
		b.Rel(two, 0, b.init, 2) // the last one counts
		static := make([]byte, 40)
		copy(static[8:], b.Words(16, 0))
		if big {
			copy(static[8:], b.Words(0, 16))
		}
		maybe := b.section("?.struct_ops", static, variable{"maybe", typ, 0, 40})
		b.Rel(maybe, 8, b.static, 2)
		b.section(".struct_ops.other", make([]byte, 8))
		b.section("?.struct_ops.link", nil)
		all, types := b.decode(t)

		m := func(name, section string, index int, at uint64, flags uint32, optional bool, contents []byte) *spec.Map {
			return &spec.Map{Name: name, Type: ebpf.StructOpsMap, KeySize: 4, ValueSize: 40, MaxEntries: 1, Flags: flags, ValueType: typ,
				Origin: spec.OriginStructOps, NoCreate: optional, Contents: contents,
				Place: spec.Place{Section: section, Index: index, Offset: at, Size: 40}}
		}
		p := b.programs()
		place := func(p *spec.Program) spec.Place { return p.Place }
		want := []*structops.Ops{
			{Map: m("first", ".struct_ops.link", two, 0, 1<<13, false, data[:40]), Type: typ, Callbacks: []structops.Callback{
				{Member: 0, Offset: 0, Symbol: "init", Place: place(p[2]), Program: p[2]},
				{Member: 1, Offset: 8, Symbol: "release", Place: place(p[1]), Program: p[1]},
			}},
			{Map: m("second", ".struct_ops.link", two, 40, 1<<13, false, data[40:]), Type: typ, Callbacks: []structops.Callback{
				{Member: 0, Offset: 0, Symbol: "init", Place: place(p[2]), Program: p[2]},
			}},
			{Map: m("maybe", "?.struct_ops", maybe, 0, 0, true, static), Type: typ, Callbacks: []structops.Callback{
				{Member: 1, Offset: 8, Symbol: "struct_ops", Place: place(p[1]), Program: p[1]},
			}},
		}
		if diff := cmp.Diff(want, all); diff != "" {
			t.Errorf("big endian %t: %s", big, diff)
		}
		if types.Type(all[0].Type).Name() != "my_ops___v2" {
			t.Errorf("type %d", all[0].Type)
		}
	}
}

// Every variable of a section that begins with "?" waits to be asked for; libbpf
// leaves out only the first.
func TestOptionalVariables(t *testing.T) {
	b := newBuilder(false)
	typ := ops(&b.btf, "my_ops")
	b.section("?.struct_ops.link", make([]byte, 80), variable{"one", typ, 0, 40}, variable{"two", typ, 40, 40})
	all, _ := b.decode(t)
	for _, o := range all {
		if !o.Map.NoCreate || o.Map.Flags != 1<<13 {
			t.Errorf("%s: %+v", o.Map.Name, o.Map)
		}
	}
	if len(all) != 2 {
		t.Errorf("%d variables", len(all))
	}
}

// Where the symbol was stripped, BTF knows the variable.
func TestStrippedVariable(t *testing.T) {
	b := newBuilder(false)
	typ := ops(&b.btf, "my_ops")
	b.Data(".struct_ops", make([]byte, 40))
	b.btf.Datasec(".struct_ops", 0, rawbtf.VarSecinfo{Type: b.btf.Var("hidden", typ, rawbtf.LinkageStatic), Size: 40})
	all, _ := b.decode(t)
	if len(all) != 1 || all[0].Map.Name != "hidden" {
		t.Errorf("got %+v", all)
	}
}

func TestDecodeErrors(t *testing.T) {
	for name, tc := range map[string]struct {
		build  func(b *builder)
		offset uint64
		symbol string
		want   error
		says   string
	}{
		"no BTF": {func(b *builder) {
			b.noBTF = true
			b.Data(".struct_ops", make([]byte, 40))
		}, 0, "", elf.ErrUnsupported, "struct_ops needs BTF: compile with -g"},
		"no contents": {func(b *builder) {
			b.Bss(".struct_ops", 40)
		}, 0, "", elf.ErrMalformed, "the section has no contents"},
		"not in BTF": {func(b *builder) {
			b.Object.Object("x", b.Data(".struct_ops", make([]byte, 40)), 8, 32)
		}, 8, "x", elf.ErrMalformed, "the object's BTF does not describe this variable"},
		"no struct": {func(b *builder) {
			b.section(".struct_ops", make([]byte, 40), variable{"x", b.btf.Int("int", 4, 0), 0, 4})
		}, 0, "x", elf.ErrUnsupported, "want a struct of the kernel's, not int"},
		"anonymous": {func(b *builder) {
			b.section(".struct_ops", make([]byte, 40), variable{"x", ops(&b.btf, ""), 0, 40})
		}, 0, "x", elf.ErrUnsupported, "an anonymous struct: the kernel looks for its name"},
		"too large": {func(b *builder) {
			b.section(".struct_ops", make([]byte, 40), variable{"x", ops(&b.btf, "my_ops"), 8, 32})
		}, 8, "x", elf.ErrMalformed, `40 bytes of struct "my_ops" do not fit the section of 40 bytes`},
		"relocation of nothing": {func(b *builder) {
			b.Rel(b.section(".struct_ops", make([]byte, 48), variable{"x", ops(&b.btf, "my_ops"), 0, 40}), 40, b.init, 2)
		}, 40, "", elf.ErrMalformed, "a relocation outside any variable"},
		"relocation within a member": {func(b *builder) {
			b.Rel(b.section(".struct_ops", make([]byte, 40), variable{"x", ops(&b.btf, "my_ops"), 0, 40}), 4, b.init, 2)
		}, 4, "x", elf.ErrUnsupported, `struct "my_ops" has no member at byte 4 to take a program`},
		"relocation of a number": {func(b *builder) {
			b.Rel(b.section(".struct_ops", make([]byte, 40), variable{"x", ops(&b.btf, "my_ops"), 0, 40}), 16, b.init, 2)
		}, 16, "x", elf.ErrUnsupported, `member "flags" of struct "my_ops" is no pointer to a function: data there cannot hold an address`},
		"undefined program": {func(b *builder) {
			b.Rel(b.section(".struct_ops", make([]byte, 40), variable{"x", ops(&b.btf, "my_ops"), 0, 40}), 0, b.Extern("elsewhere", elf.STBGlobal), 2)
		}, 0, "x", elf.ErrUnsupported, `member "init" refers to "elsewhere", which the object does not define`},
		"address of data": {func(b *builder) {
			data := b.Data(".data", make([]byte, 8))
			b.Rel(b.section(".struct_ops", make([]byte, 40), variable{"x", ops(&b.btf, "my_ops"), 0, 40}), 0, b.Object.Object("d", data, 0, 8), 2)
		}, 0, "x", elf.ErrUnsupported, `member "init" refers to ".data"+0x0, which is no function`},
		"address of half an instruction": {func(b *builder) {
			data := make([]byte, 40)
			data[0] = 4
			b.Rel(b.section(".struct_ops", data, variable{"x", ops(&b.btf, "my_ops"), 0, 40}), 0, b.static, 2)
		}, 0, "x", elf.ErrUnsupported, `member "init" refers to "struct_ops"+0x4, which is no function`},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBuilder(false)
			tc.build(b)
			f, types := b.parse(t)
			all, err := structops.Decode(f, types)
			if all != nil {
				t.Errorf("%d variables with an error", len(all))
			}
			checkError(t, err, tc.want, ".struct_ops", tc.offset, tc.symbol, tc.says)
		})
	}
}

func TestRelocationTableDamaged(t *testing.T) {
	b := newBuilder(false)
	typ := ops(&b.btf, "my_ops")
	s := b.section(".struct_ops", make([]byte, 40), variable{"x", typ, 0, 40})
	b.Section(elftest.Section{Name: ".rel.struct_ops", Type: elf.SHTRel, Data: make([]byte, 17), Info: uint32(s)})
	f, types := b.parse(t)
	if _, err := structops.Decode(f, types); err == nil {
		t.Error("no error")
	}
}

func TestBindErrors(t *testing.T) {
	b := newBuilder(false)
	typ := ops(&b.btf, "my_ops")
	s := b.section(".struct_ops", make([]byte, 40), variable{"x", typ, 0, 40})
	b.Rel(s, 8, b.release, 2)
	f, types := b.parse(t)
	all, err := structops.Decode(f, types)
	if err != nil {
		t.Fatal(err)
	}
	err = structops.Bind(all, nil)
	checkError(t, err, elf.ErrUnsupported, ".struct_ops", 8, "x",
		`"struct_ops"+0x10 (release) is not the entry point of a program: put the function in SEC("struct_ops")`)
	programs := b.programs()
	programs[1].Type = ebpf.XDP
	err = structops.Bind(all, programs)
	checkError(t, err, elf.ErrUnsupported, ".struct_ops", 8, "x",
		`program "release" in section "struct_ops" is no struct_ops program: put it in SEC("struct_ops")`)
}

func TestAutoload(t *testing.T) {
	b := newBuilder(false)
	typ := ops(&b.btf, "my_ops")
	used := b.section(".struct_ops", make([]byte, 40), variable{"used", typ, 0, 40})
	b.Rel(used, 0, b.init, 2)
	maybe := b.section("?.struct_ops", make([]byte, 40), variable{"maybe", typ, 0, 40})
	b.Rel(maybe, 0, b.init, 2)
	b.Rel(maybe, 8, b.release, 2)
	all, _ := b.decode(t)
	init, release := all[0].Callbacks[0].Program, all[1].Callbacks[1].Program
	for _, optional := range []bool{true, false, true} {
		all[1].Map.NoCreate = optional
		init.Autoload = false // as a section "?struct_ops" says
		structops.Autoload(all)
		if !init.Autoload || release.Autoload == optional {
			t.Errorf("optional %t: init %t, release %t", optional, init.Autoload, release.Autoload)
		}
	}
	// An emptied member needs no program.
	all[0].Callbacks[0].Program, all[1].Callbacks[0].Program = nil, nil
	init.Autoload = true
	structops.Autoload(all)
	if !init.Autoload {
		t.Error("a program that no variable uses was touched")
	}
}
