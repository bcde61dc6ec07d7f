// SPDX-License-Identifier: MIT

package reloc_test

import (
	"testing"

	"github.com/cilium/ebpf"
	"github.com/google/go-cmp/cmp"

	"github.com/bpfload/bpfload/elf"
	"github.com/bpfload/bpfload/internal/elftest"
	"github.com/bpfload/bpfload/reloc"
	"github.com/bpfload/bpfload/secdef"
	"github.com/bpfload/bpfload/spec"
)

// Which functions are programs, and what else is remarked.
func TestPrograms(t *testing.T) {
	two := []elftest.Insn{mov(1), exit, mov(2), exit}
	for name, c := range map[string]struct {
		build    func(o *elftest.Object)
		opts     reloc.Options
		want     []string
		warnings []string
	}{
		"no code": {build: func(o *elftest.Object) { o.Data(".data", make([]byte, 8)) }},
		"several functions": {
			build: func(o *elftest.Object) {
				s := o.Code("xdp", two...)
				o.Func("second", s, 16, 16)
				o.Func("first", s, 0, 16)
			},
			want: []string{"xdp first", "xdp second"},
		},
		"several sections, in file order": {
			build: func(o *elftest.Object) {
				a, b := o.Code("xdp", two...), o.Code("tc", two...)
				o.Func("c", b, 0, 16)
				o.Func("a", a, 0, 16)
				o.Func("b", a, 16, 16)
			},
			want: []string{"xdp a", "xdp b", "tc c"},
		},
		"optional": {
			build: func(o *elftest.Object) { o.Func("f", o.Code("?xdp", two[:2]...), 0, 16) },
			want:  []string{"xdp f"},
		},
		"functions without type and size": {
			build: func(o *elftest.Object) {
				s := o.Code("xdp", two...)
				notype(o, "first", elf.STBGlobal, s, 0)
				notype(o, "second", elf.STBWeak, s, 16)
			},
			want: []string{"xdp first", "xdp second"},
		},
		"labels of old compilers": {
			build: func(o *elftest.Object) {
				s := o.Code("xdp", elftest.Insn{Op: 0x15, Off: 2}, mov(1), exit, mov(2), exit, mov(3), exit)
				notype(o, "prog", elf.STBGlobal, s, 0)
				notype(o, "LBB0_1", elf.STBLocal, s, 8) // known by its name
				notype(o, "fallthrough", elf.STBLocal, s, 8)
				notype(o, "jumped_to", elf.STBLocal, s, 24)
				notype(o, "odd", elf.STBLocal, s, 12)
				notype(o, "end", elf.STBGlobal, s, 56)
			},
			want: []string{"xdp prog"},
		},
		"static function of an old compiler": {
			build: func(o *elftest.Object) {
				s := o.Code("xdp", two...)
				notype(o, "prog", elf.STBGlobal, s, 0)
				notype(o, "other", elf.STBLocal, s, 16)
			},
			want: []string{"xdp prog", "xdp other"},
		},
		"labels beside typed functions": {
			build: func(o *elftest.Object) {
				s := o.Code("xdp", two...)
				o.Func("prog", s, 0, 32)
				notype(o, "label", elf.STBGlobal, s, 16)
			},
			want: []string{"xdp prog"},
		},
		"section without a symbol": {
			build: func(o *elftest.Object) { o.Code("2/1", two...); o.Code("?tail-3", two...) },
			want:  []string{"2/1 2/1", "tail-3 tail-3"},
		},
		"symbols without a name": {
			build: func(o *elftest.Object) {
				s := o.Code("xdp", two...)
				o.Func("", s, 0, 16)
				o.Func("other", s, 0, 16)
				o.Func("", s, 0, 16)
				o.Func("", s, 16, 16)
			},
			want:     []string{"xdp xdp", "xdp other", "xdp xdp_2", "xdp xdp_3"},
			warnings: []string{"duplicate-program", "duplicate-program"},
		},
		"nothing without a name": {
			build: func(o *elftest.Object) { o.Code("?", two...) },
			want:  []string{" unnamed"},
		},
		"object symbol among code": {
			build: func(o *elftest.Object) { o.Object("data", o.Code("xdp", two...), 0, 8) },
			want:  []string{"xdp xdp"},
		},
		"alias": {
			build: func(o *elftest.Object) {
				s := o.Code("xdp", two...)
				o.Func("impl", s, 0, 16)
				o.Func("alias", s, 0, 16)
				o.Func("other", s, 16, 16)
			},
			want: []string{"xdp impl", "xdp alias", "xdp other"},
		},
		"static alias": {
			build: func(o *elftest.Object) {
				s := o.Code("xdp", two...)
				static(o, "impl", s, 0, 16)
				o.Func("alias", s, 0, 0)
			},
			want: []string{"xdp alias"},
		},
		"gap": {
			build: func(o *elftest.Object) {
				s := o.Code("xdp", mov(1), exit, mov(9), exit, mov(2), exit)
				o.Func("a", s, 0, 16)
				o.Func("b", s, 32, 16)
			},
			want: []string{"xdp a", "xdp b"},
		},
		"static function that nothing calls": {
			build: func(o *elftest.Object) {
				s := o.Code("tc", two...)
				static(o, "a", s, 0, 16)
				o.Func("b", s, 16, 16)
			},
			want: []string{"tc a", "tc b"},
		},
		"static function that is called": {
			build: func(o *elftest.Object) {
				s := o.Code("tc", mov(1), exit, elftest.CallLocal(-3), exit)
				static(o, "a", s, 0, 16)
				o.Func("b", s, 16, 16)
			},
			want: []string{"tc b"},
		},
		"static function whose address is taken": {
			build: func(o *elftest.Object) {
				s := o.Code("tc", insns(mov(1), exit, load(2, 4, 0, 0), exit)...)
				a := static(o, "a", s, 0, 16)
				o.Func("b", s, 16, 24)
				o.Rel(s, 16, a, relText)
			},
			want: []string{"tc b"},
		},
		"static function that calls itself": {
			build: func(o *elftest.Object) {
				s := o.Code("tc", elftest.CallLocal(-1), exit)
				static(o, "a", s, 0, 16)
			},
			want: []string{"tc a"},
		},
		"static function called from a gap": {
			build: func(o *elftest.Object) {
				s := o.Code("tc", mov(1), exit, elftest.CallLocal(-3), exit)
				static(o, "a", s, 0, 16)
			},
			want: []string{"tc a"},
		},
		"called, but of a struct_ops": {
			build: func(o *elftest.Object) {
				s := o.Code("struct_ops", mov(1), exit, elftest.CallLocal(-3), exit)
				a := static(o, "a", s, 0, 16)
				o.Func("b", s, 16, 16)
				o.Rel(o.Data(".struct_ops.link", make([]byte, 8)), 0, a, 2)
			},
			want: []string{"struct_ops a", "struct_ops b"},
		},
		"duplicate static names": {
			build: func(o *elftest.Object) {
				a, b, c := o.Code("tc", two[:2]...), o.Code("xdp", two[:2]...), o.Code("xdp.frags", two[:2]...)
				static(o, "f", a, 0, 16)
				static(o, "f", b, 0, 16)
				static(o, "f_2", c, 0, 16)
			},
			want:     []string{"tc f", "xdp f_3", "xdp.frags f_2"},
			warnings: []string{"duplicate-program"},
		},
		"subprograms": {
			build: func(o *elftest.Object) {
				o.Func("sub", o.Code(".text", two[:2]...), 0, 16)
				o.Func("cold", o.Code(".text.unlikely", two[:2]...), 0, 16)
				o.Func("prog", o.Code("xdp", two[:2]...), 0, 16)
			},
			want: []string{"xdp prog"},
		},
		"only .text": {
			build: func(o *elftest.Object) {
				s := o.Code(".text", two...)
				o.Func("f", s, 0, 16)
				o.Func("g", s, 16, 16)
			},
			warnings: []string{"text-only"},
		},
		"static functions that call each other": {
			build: func(o *elftest.Object) {
				s := o.Code("tc", elftest.CallLocal(1), exit, elftest.CallLocal(-3), exit)
				static(o, "a", s, 0, 16)
				static(o, "b", s, 16, 16)
			},
			warnings: []string{"no-program"},
		},
		".text without symbols": {
			build: func(o *elftest.Object) { o.Code(".text", two...) },
		},
		".text with a type": {
			build: func(o *elftest.Object) {
				s := o.Code(".text", mov(1), exit, elftest.CallLocal(-3), exit)
				o.Func("called", s, 0, 16)
				o.Func("f", s, 16, 16)
			},
			opts: reloc.Options{Sections: map[string]secdef.Def{".text": {Type: ebpf.XDP}}},
			want: []string{".text f"},
		},
		"malformed relocations do not matter here": {
			build: func(o *elftest.Object) {
				s := o.Code("tc", two...)
				static(o, "a", s, 0, 16)
				o.Func("b", s, 16, 16)
				o.Rel(s, 4000, 1, 10)
				m := o.Data(".struct_ops", make([]byte, 8))
				o.Rel(m, 4000, 1, 10)
				short := o.Data(".struct_ops.link", make([]byte, 4))
				o.Rel(short, 0, 2, 10)
				o.Rel(short, 0, o.Extern("nowhere", elf.STBGlobal), 10)
			},
			want: []string{"tc a", "tc b"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			bothOrders(t, func(t *testing.T, o *elftest.Object) {
				c.build(o)
				obj := mustOpen(t, o, c.opts)
				equal(t, "programs", names(obj.linker), c.want)
				equal(t, "warnings", codes(obj.linker.Warnings()), c.warnings)
			})
		})
	}
}

func TestProgramFields(t *testing.T) {
	o := &elftest.Object{}
	o.Code("license") // empty, to move the index
	s := o.Code("?fentry.s/do_unlinkat", mov(1), exit, mov(2), exit)
	o.Func("a", s, 0, 16)
	o.Func("b", s, 16, 16)
	want := []*spec.Program{
		{Name: "a", Section: "fentry.s/do_unlinkat", Type: ebpf.Tracing, AttachType: ebpf.AttachTraceFEntry, AttachTo: "do_unlinkat",
			Flags: 16, NeedsTarget: true, TypeFrom: "libbpf", Place: spec.Place{Section: "?fentry.s/do_unlinkat", Index: s, Size: 16}},
		{Name: "b", Section: "fentry.s/do_unlinkat", Type: ebpf.Tracing, AttachType: ebpf.AttachTraceFEntry, AttachTo: "do_unlinkat",
			Flags: 16, NeedsTarget: true, TypeFrom: "libbpf", Place: spec.Place{Section: "?fentry.s/do_unlinkat", Index: s, Offset: 16, Size: 16}},
	}
	if diff := cmp.Diff(want, mustOpen(t, o, reloc.Options{}).linker.Programs()); diff != "" {
		t.Error(diff)
	}
}

func TestWarningTexts(t *testing.T) {
	o := &elftest.Object{}
	o.Code(".text", mov(1), exit)
	for _, name := range []string{"a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k"} {
		o.Func(name, o.Code(".text."+name, mov(1), exit), 0, 16)
	}
	w := mustOpen(t, o, reloc.Options{}).linker.Warnings()
	want := `section ".text.k"+0x0: the object has no program: its functions "a", "b", "c", "d", "e", "f", "g", "h", "i", "j" and others are subprograms, being in no section of their own; give them SEC("TYPE"), or load with --type .text.k=TYPE`
	if len(w) != 1 || w[0].String() != want {
		t.Errorf("%v\nwant %s", w, want)
	}
	o = &elftest.Object{}
	static(o, "f", o.Code("tc", mov(1), exit), 0, 16)
	static(o, "f", o.Code("xdp", mov(1), exit), 0, 16)
	w = mustOpen(t, o, reloc.Options{}).linker.Warnings()
	if want := `section "xdp"+0x0 ("f"): another program has the same name; this one is called "f_2"`; len(w) != 1 || w[0].String() != want {
		t.Errorf("%v\nwant %s", w, want)
	}
}
