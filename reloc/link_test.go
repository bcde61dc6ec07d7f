// SPDX-License-Identifier: MIT

package reloc_test

import (
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/bpfload/bpfload/elf"
	"github.com/bpfload/bpfload/internal/elftest"
	"github.com/bpfload/bpfload/reloc"
	"github.com/bpfload/bpfload/spec"
)

// Functions follow the entry point in the order in which libbpf appends them:
// when their first call is met, before the calls behind it.
func TestLinkOrder(t *testing.T) {
	bothOrders(t, func(t *testing.T, o *elftest.Object) {
		text := o.Code(".text",
			mov(1), exit, // a
			mov(2), callReloc, callReloc, exit, // b: calls c, a
			mov(3), callReloc, exit) // c: calls b
		prog := o.Code("xdp", callReloc, callReloc, exit) // calls b, a
		a := o.Func("a", text, 0, 16)
		b := o.Func("b", text, 16, 32)
		c := o.Func("c", text, 48, 24)
		o.Func("prog", prog, 0, 24)
		o.Rel(text, 24, c, relCall)
		o.Rel(text, 32, a, relCall)
		o.Rel(text, 56, b, relCall)
		o.Rel(prog, 0, b, relCall)
		o.Rel(prog, 8, a, relCall)
		code := mustOpen(t, o, reloc.Options{}).link(t, "prog")
		checkCode(t, o, code,
			elftest.CallLocal(2), elftest.CallLocal(8), exit, // prog at 0
			mov(2), elftest.CallLocal(2), elftest.CallLocal(4), exit, // b at 3
			mov(3), elftest.CallLocal(-6), exit, // c at 7
			mov(1), exit) // a at 10
		want := []reloc.Part{
			{Insn: 0, Len: 3, Function: "prog", Section: "xdp"},
			{Insn: 3, Len: 4, Function: "b", Section: ".text", Offset: 16},
			{Insn: 7, Len: 3, Function: "c", Section: ".text", Offset: 48},
			{Insn: 10, Len: 2, Function: "a", Section: ".text"},
		}
		if diff := cmp.Diff(want, code.Parts); diff != "" {
			t.Error(diff)
		}
		if p := code.Part(9); p.Function != "c" {
			t.Errorf("instruction 9 is of %q", p.Function)
		}
		if p := code.Part(12); p != (reloc.Part{}) {
			t.Errorf("instruction 12 is of %q", p.Function)
		}
	})
}

// The many ways in which an instruction refers to a function.
func TestLinkCalls(t *testing.T) {
	for name, c := range map[string]struct {
		build func(o *elftest.Object)
		want  []elftest.Insn
	}{
		"section symbol with an addend": {
			// Static functions, by compilers that leave their names out.
			func(o *elftest.Object) {
				text := o.Code(".text", mov(1), exit, mov(2), exit)
				prog := o.Code("xdp", elftest.CallLocal(1), exit)
				static(o, "first", text, 0, 16)
				static(o, "second", text, 16, 16)
				o.Func("prog", prog, 0, 16)
				o.Rel(prog, 0, o.SectionSymbol(text), relCall)
			},
			insns(elftest.CallLocal(1), exit, mov(2), exit),
		},
		"relocation of no type": {
			func(o *elftest.Object) {
				text := o.Code(".text", mov(1), exit)
				prog := o.Code("xdp", callReloc, exit)
				sub := o.Func("sub", text, 0, 16)
				o.Func("prog", prog, 0, 16)
				o.Rel(prog, 0, sub, 0)
			},
			insns(elftest.CallLocal(1), exit, mov(1), exit),
		},
		"call without the mark of one": {
			func(o *elftest.Object) {
				text := o.Code(".text", mov(1), exit)
				prog := o.Code("xdp", elftest.Insn{Op: 0x85, Imm: -1}, exit)
				sub := o.Func("sub", text, 0, 16)
				o.Func("prog", prog, 0, 16)
				o.Rel(prog, 0, sub, relCall)
			},
			insns(elftest.CallLocal(1), exit, mov(1), exit),
		},
		"resolved by the compiler": {
			func(o *elftest.Object) {
				prog := o.Code("xdp", elftest.CallLocal(3), exit, mov(1), exit, mov(2), exit)
				static(o, "gone", prog, 16, 16)
				static(o, "sub", prog, 32, 16)
				o.Func("prog", prog, 0, 16)
			},
			insns(elftest.CallLocal(1), exit, mov(2), exit),
		},
		"itself": {
			func(o *elftest.Object) {
				prog := o.Code("xdp", mov(1), elftest.CallLocal(-2), exit)
				o.Func("prog", prog, 0, 24)
			},
			insns(mov(1), elftest.CallLocal(-2), exit),
		},
		"across sections": {
			func(o *elftest.Object) {
				other := o.Code("tc", mov(1), exit)
				prog := o.Code("xdp", callReloc, exit)
				sub := o.Func("tc_prog", other, 0, 16)
				o.Func("prog", prog, 0, 16)
				o.Rel(prog, 0, sub, relCall)
			},
			insns(elftest.CallLocal(1), exit, mov(1), exit),
		},
		"called twice, through aliases": {
			func(o *elftest.Object) {
				text := o.Code(".text", mov(1), exit)
				prog := o.Code("xdp", callReloc, callReloc, exit)
				impl := o.Func("impl", text, 0, 16)
				alias := o.Symbol(elftest.Symbol{Name: "alias", Type: elf.STTFunc, Binding: elf.STBWeak, Section: text, Size: 16})
				o.Func("prog", prog, 0, 24)
				o.Rel(prog, 0, alias, relCall)
				o.Rel(prog, 8, impl, relCall)
			},
			insns(elftest.CallLocal(2), elftest.CallLocal(1), exit, mov(1), exit),
		},
		"address of a global function": {
			func(o *elftest.Object) {
				text := o.Code(".text", mov(1), exit)
				prog := o.Code("xdp", insns(load(2, 0, 0, 0), exit)...)
				cb := o.Func("callback", text, 0, 16)
				o.Func("prog", prog, 0, 24)
				o.Rel(prog, 0, cb, relText)
			},
			insns(load(2, 4, 2, 0), exit, mov(1), exit),
		},
		"address of a static function": {
			func(o *elftest.Object) {
				text := o.Code(".text", mov(1), exit, mov(2), exit)
				prog := o.Code("xdp", insns(mov(7), load(2, 4, 16, 0), exit)...)
				static(o, "other", text, 0, 16)
				static(o, "callback", text, 16, 16)
				o.Func("prog", prog, 0, 32)
				o.Rel(prog, 8, o.SectionSymbol(text), relText)
			},
			insns(mov(7), load(2, 4, 2, 0), exit, mov(2), exit),
		},
		"weak function overridden by the linker": {
			// The other definition is left in the section without a name.
			func(o *elftest.Object) {
				text := o.Code(".text", callReloc, exit, mov(1), exit)
				prog := o.Code("xdp", callReloc, exit)
				o.Extern("nowhere", elf.STBGlobal)
				sub := o.Func("sub", text, 16, 16)
				o.Func("prog", prog, 0, 16)
				o.Rel(text, 0, 1, relCall)
				o.Rel(prog, 0, sub, relCall)
			},
			insns(elftest.CallLocal(1), exit, mov(1), exit),
		},
		"within a section without symbols": {
			func(o *elftest.Object) {
				o.Code("prog", elftest.CallLocal(1), exit, mov(1), exit)
			},
			insns(elftest.CallLocal(1), exit, mov(1), exit),
		},
		"relocations out of order": {
			func(o *elftest.Object) {
				text := o.Code(".text", mov(1), exit, mov(2), exit)
				prog := o.Code("xdp", callReloc, callReloc, exit)
				a, b := o.Func("a", text, 0, 16), o.Func("b", text, 16, 16)
				o.Func("prog", prog, 0, 24)
				o.Rel(prog, 8, b, relCall)
				o.Rel(prog, 0, a, relCall)
			},
			insns(elftest.CallLocal(2), elftest.CallLocal(3), exit, mov(1), exit, mov(2), exit),
		},
		"helpers and other loads": {
			func(o *elftest.Object) {
				prog := o.Code("xdp", insns(elftest.CallHelper(1), load(1, 0, 5, 6), load(1, 1, 3, 0), elftest.Insn{Op: 0x85, Src: 2, Imm: 9}, exit)...)
				o.Func("prog", prog, 0, 56)
			},
			insns(elftest.CallHelper(1), load(1, 0, 5, 6), load(1, 1, 3, 0), elftest.Insn{Op: 0x85, Src: 2, Imm: 9}, exit),
		},
		"weak function that is nowhere": {
			func(o *elftest.Object) {
				prog := o.Code("xdp", insns(load(1, 0, 0, 0), callReloc, exit)...)
				o.Func("prog", prog, 0, 32)
				o.Extern("other", elf.STBWeak)
				weak := o.Extern("maybe", elf.STBWeak)
				o.Rel(prog, 0, weak, relText)
				o.Rel(prog, 16, weak, relCall)
			},
			insns(load(1, 0, 0, 0), elftest.Insn{Op: 0x85, Imm: reloc.PoisonedKfunc + 1}, exit),
		},
	} {
		t.Run(name, func(t *testing.T) {
			bothOrders(t, func(t *testing.T, o *elftest.Object) {
				c.build(o)
				code := mustOpen(t, o, reloc.Options{}).link(t, "prog")
				checkCode(t, o, code, c.want...)
				if len(code.Fixups) != 0 {
					t.Errorf("fixups %v", code.Fixups)
				}
			})
		})
	}
}

// A fault in one program, or an extern that no program reaches, does not keep
// others from being linked.
func TestOneBadProgram(t *testing.T) {
	o := &elftest.Object{}
	text := o.Code(".text", callReloc, exit)
	prog := o.Code("xdp", mov(1), exit, callReloc, exit)
	sub := o.Func("sub", text, 0, 16)
	o.Func("good", prog, 0, 16)
	o.Func("bad", prog, 16, 16)
	o.Rel(prog, 16, sub, relCall)
	o.Rel(text, 0, o.Extern("memcpy", elf.STBGlobal), relCall)
	obj := mustOpen(t, o, reloc.Options{})
	obj.link(t, "good")
	obj.linkError(t, "bad")
	if want := []reloc.Extern{{Name: "memcpy"}}; !cmp.Equal(obj.linker.Externs(), want) {
		t.Errorf("externs %v", obj.linker.Externs())
	}
}

// Programs are found again by place; one that is of another object is refused.
func TestLinkForeignProgram(t *testing.T) {
	o := &elftest.Object{}
	s := o.Code("xdp", mov(1), exit)
	o.Func("f", s, 0, 16)
	obj := mustOpen(t, o, reloc.Options{})
	copied := *obj.named(t, "f")
	copied.Name = "another name"
	c, err := obj.linker.Link(&copied)
	if err != nil || c.Parts[0].Function != "another name" {
		t.Errorf("%v %v", c, err)
	}
	for _, place := range []spec.Place{{Section: "xdp", Index: s, Offset: 8}, {Section: "xdp", Index: 99}, {Section: "xdp", Index: -1}, {Index: s, Offset: 1 << 40}} {
		_, err := obj.linker.Link(&spec.Program{Name: "p", Place: place})
		if err == nil {
			t.Fatalf("%v was linked", place)
		}
		checkError(t, err)
	}
	_, err = obj.linker.Link(&spec.Program{Name: "p", Place: spec.Place{Section: "xdp", Index: s, Offset: 8}})
	if want := `section "xdp"+0x8 (program "p"): no function of the object begins here`; err.Error() != want {
		t.Errorf("%v, want %s", err, want)
	}
}

// Every link is a copy of its own, and the file stays as it is; linking from many
// goroutines gives the same.
func TestLinkIsPure(t *testing.T) {
	o := &elftest.Object{}
	text := o.Code(".text", mov(2), exit)
	prog := o.Code("xdp", callReloc, exit, callReloc, exit)
	sub := o.Func("sub", text, 0, 16)
	o.Func("a", prog, 0, 16)
	o.Func("b", prog, 16, 16)
	o.Rel(prog, 0, sub, relCall)
	o.Rel(prog, 16, sub, relCall)
	obj := mustOpen(t, o, reloc.Options{})
	before := string(obj.file.Section(prog).Data)
	var wg sync.WaitGroup
	for range 8 {
		for _, p := range obj.linker.Programs() {
			wg.Go(func() {
				c, err := obj.linker.Link(p)
				if err != nil {
					t.Error(err)
					return
				}
				checkCode(t, o, c, elftest.CallLocal(1), exit, mov(2), exit)
				clear(c.Insns)
			})
		}
	}
	wg.Wait()
	if string(obj.file.Section(prog).Data) != before {
		t.Error("the file was written to")
	}
}
