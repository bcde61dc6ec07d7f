// SPDX-License-Identifier: MIT

package reloc_test

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/bpfload/bpfload/elf"
	"github.com/bpfload/bpfload/internal/elftest"
	"github.com/bpfload/bpfload/rawbtf"
	"github.com/bpfload/bpfload/reloc"
)

// externObject refers to every kind of extern, and calls two functions.
func externObject(o *elftest.Object) {
	prog := o.Code("syscall", insns(
		load(1, 0, 0, 0), // 0: CONFIG_HZ
		load(1, 0, 0, 0), // 2: address
		load(1, 0, 0, 0), // 4: runqueues
		load(1, 0, 0, 0), // 6: kfunc
		callReloc,        // 8: kfunc
		callReloc,        // 9: weak kfunc
		load(1, 0, 0, 0), // 10: weak address
		exit)...)
	o.Func("prog", prog, 0, 13*8)
	config := o.Extern("CONFIG_HZ", elf.STBGlobal)
	addr := o.Extern("jiffies", elf.STBGlobal)
	typed := o.Extern("runqueues", elf.STBWeak)
	kfunc := o.Extern("bpf_task_acquire", elf.STBGlobal)
	maybe := o.Extern("bpf_maybe", elf.STBWeak)
	weak := o.Extern("some_symbol", elf.STBWeak)
	o.Symbol(elftest.Symbol{Name: "local"}) // no extern
	for i, sym := range []int{config, addr, typed, kfunc} {
		o.Rel(prog, uint64(16*i), sym, relText)
	}
	o.Rel(prog, 64, kfunc, relCall)
	o.Rel(prog, 72, maybe, relCall)
	o.Rel(prog, 80, weak, relText)
	b := &elftest.BTF{}
	i32 := b.Int("int", 4, rawbtf.IntSigned)
	proto := b.FuncProto(i32)
	info := func(id rawbtf.ID) rawbtf.VarSecinfo { return rawbtf.VarSecinfo{Type: id} }
	b.Datasec(".kconfig", 0, info(b.Var("CONFIG_HZ", i32, rawbtf.LinkageExtern)))
	b.Datasec(".ksyms", 0,
		info(b.Var("jiffies", b.Const(0), rawbtf.LinkageExtern)),
		info(b.Var("runqueues", i32, rawbtf.LinkageExtern)),
		info(b.Func("bpf_task_acquire", proto, rawbtf.LinkageExtern)),
		info(b.Func("bpf_maybe", proto, rawbtf.LinkageExtern)),
		info(b.Var("some_symbol", b.Typedef("nothing", 0), rawbtf.LinkageExtern)),
		info(i32)) // neither variable nor function
	o.BTF(b)
}

func TestExternFixups(t *testing.T) {
	bothOrders(t, func(t *testing.T, o *elftest.Object) {
		externObject(o)
		obj := mustOpen(t, o, reloc.Options{})
		kinds := map[string]reloc.ExternKind{}
		for _, e := range obj.linker.Externs() {
			kinds[e.Name] = e.Kind
			if e.ID == 0 || obj.types.Type(e.ID).Name() != e.Name {
				t.Errorf("%q has id %d", e.Name, e.ID)
			}
		}
		if diff := cmp.Diff(map[string]reloc.ExternKind{"CONFIG_HZ": reloc.ExternKconfig, "jiffies": reloc.ExternTypeless, "runqueues": reloc.ExternTyped,
			"bpf_task_acquire": reloc.ExternFunction, "bpf_maybe": reloc.ExternFunction, "some_symbol": reloc.ExternTypeless}, kinds); diff != "" {
			t.Error(diff)
		}
		id := func(name string) rawbtf.ID {
			for _, e := range obj.linker.Externs() {
				if e.Name == name {
					return e.ID
				}
			}
			return 0
		}
		kconfig := obj.maps[len(obj.maps)-1]
		want := []reloc.Fixup{
			{Insn: 0, Kind: reloc.KconfigValue, Index: 0, Map: kconfig, Name: "CONFIG_HZ", ID: id("CONFIG_HZ")},
			{Insn: 2, Kind: reloc.KsymTypeless, Index: 1, Name: "jiffies", ID: id("jiffies")},
			{Insn: 4, Kind: reloc.KsymTyped, Index: 2, Weak: true, Name: "runqueues", ID: id("runqueues")},
			{Insn: 6, Kind: reloc.KfuncAddr, Index: 3, Name: "bpf_task_acquire", ID: id("bpf_task_acquire")},
			{Insn: 8, Kind: reloc.KfuncCall, Index: 3, Name: "bpf_task_acquire", ID: id("bpf_task_acquire")},
			{Insn: 9, Kind: reloc.KfuncCall, Index: 4, Weak: true, Name: "bpf_maybe", ID: id("bpf_maybe")},
			{Insn: 10, Kind: reloc.KsymTypeless, Index: 5, Weak: true, Name: "some_symbol", ID: id("some_symbol")},
		}
		if diff := cmp.Diff(want, obj.link(t, "prog").Fixups, fixupOptions); diff != "" {
			t.Error(diff)
		}

		// All found, some of them in a module.
		found := obj.link(t, "prog")
		err := found.Finish(func(f *reloc.Fixup) (reloc.Value, error) {
			return reloc.Value{FD: 7, Offset: 24, Addr: 0xffffffff_81000000, ID: 1000 + f.Index, FDIndex: 2}, nil
		})
		if err != nil {
			t.Fatal(err)
		}
		low := -0x7f000000
		checkCode(t, o, found, insns(load(1, 2, 7, 24), load(1, 0, int32(low), -1), load(1, 3, 1002, 7), load(1, 3, 1003, 7),
			elftest.Insn{Op: 0x85, Src: 2, Off: 2, Imm: 1003}, elftest.Insn{Op: 0x85, Src: 2, Off: 2, Imm: 1004}, load(1, 0, int32(low), -1), exit)...)

		// None found.
		missing := obj.link(t, "prog")
		if err := missing.Finish(func(f *reloc.Fixup) (reloc.Value, error) { return reloc.Value{Missing: true, Addr: 1}, nil }); err != nil {
			t.Fatal(err)
		}
		poison := elftest.Insn{Op: 0x85, Imm: reloc.PoisonedMap}
		checkCode(t, o, missing, insns(poison, poison, load(1, 0, 0, 0), load(1, 0, 0, 0), load(1, 0, 0, 0),
			elftest.Insn{Op: 0x85, Imm: reloc.PoisonedKfunc + 3}, elftest.Insn{Op: 0x85, Imm: reloc.PoisonedKfunc + 4}, load(1, 0, 0, 0), exit)...)
	})
}

func TestCallOfExternVariable(t *testing.T) {
	o := &elftest.Object{}
	prog := o.Code("xdp", callReloc, exit)
	o.Func("prog", prog, 0, 16)
	o.Rel(prog, 0, o.Extern("jiffies", elf.STBGlobal), relCall)
	b := &elftest.BTF{}
	b.Datasec(".ksyms", 0, rawbtf.VarSecinfo{Type: b.Var("jiffies", b.Const(0), rawbtf.LinkageExtern)})
	o.BTF(b)
	want := `section "xdp"+0x0 (function "prog"): call of "jiffies", which is declared as a variable`
	if got := mustOpen(t, o, reloc.Options{}).linkError(t, "prog"); got != want {
		t.Errorf("%s\nwant %s", got, want)
	}
}

// The error for an undefined symbol tells where the source asks for it.
func TestUndefinedErrorFields(t *testing.T) {
	for file, want := range map[string]string{
		"conn.c":     `section "xdp"+0x8 (function "prog"): call of "helper" at conn.c:24, which is neither defined in the object nor declared with __ksym or __kconfig: link the object that defines it with bpftool gen object`,
		"a\x1b[1m.c": `section "xdp"+0x8 (function "prog"): call of "helper" at "a\x1b[1m.c":24, which is neither defined in the object nor declared with __ksym or __kconfig: link the object that defines it with bpftool gen object`,
	} {
		o := &elftest.Object{}
		prog := o.Code("xdp", mov(1), callReloc, exit)
		o.Func("prog", prog, 0, 24)
		o.Rel(prog, 8, o.Extern("helper", elf.STBGlobal), relCall)
		b := &elftest.BTF{}
		fn := b.Func("prog", b.FuncProto(0), rawbtf.LinkageGlobal)
		o.Ext(&elftest.Ext{
			Funcs: []elftest.ExtSection{{Name: "xdp", Records: [][]uint32{elftest.FuncInfo(0, fn)}}},
			Lines: []elftest.ExtSection{{Name: "xdp", Records: [][]uint32{
				elftest.LineInfo(b, 0, file, "int prog(void)", 23, 1), elftest.LineInfo(b, 8, file, "helper();", 24, 5), elftest.LineInfo(b, 16, file, "}", 25, 1)}}},
		}, b)
		o.BTF(b)
		obj := mustOpen(t, o, reloc.Options{})
		_, err := obj.linker.Link(obj.named(t, "prog"))
		var undefined *reloc.UndefinedError
		if !errors.As(err, &undefined) {
			t.Fatal(err)
		}
		if diff := cmp.Diff(&reloc.UndefinedError{Name: "helper", Call: true, Function: "prog", File: file, Line: 24}, undefined); diff != "" {
			t.Error(diff)
		}
		if got := obj.linkError(t, "prog"); got != want {
			t.Errorf("%s\nwant %s", got, want)
		}
	}
}
