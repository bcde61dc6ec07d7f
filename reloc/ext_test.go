// SPDX-License-Identifier: MIT

package reloc_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/bpfload/bpfload/elf"
	"github.com/bpfload/bpfload/internal/elftest"
	"github.com/bpfload/bpfload/rawbtf"
	"github.com/bpfload/bpfload/reloc"
	"github.com/bpfload/bpfload/reloc/core"
)

// gapObject is what a static linker leaves of two objects that both define f: the
// overridden copy stands between the others, with its relocation and its records.
func gapObject(o *elftest.Object, change func(*elftest.Ext, *elftest.BTF)) {
	text := o.Code(".text",
		mov(9), callReloc, exit, // 0: overridden
		mov(1), exit, // 24: f
		mov(8), exit, // 40: overridden
		mov(2), exit) // 56: g
	prog := o.Code("xdp", mov(3), callReloc, callReloc, exit)
	f := o.Func("f", text, 24, 16)
	g := o.Func("g", text, 56, 16)
	o.Func("prog", prog, 0, 32)
	o.Rel(text, 8, o.Extern("gone", elf.STBGlobal), relCall)
	o.Rel(prog, 8, g, relCall)
	o.Rel(prog, 16, f, relCall)

	b := &elftest.BTF{}
	proto := b.FuncProto(b.Int("int", 4, rawbtf.IntSigned))
	s := b.Struct("task", 8, elftest.Member{Name: "pid", Type: 1})
	progID, fID, gID := b.Func("prog", proto, 1), b.Func("f", proto, 1), b.Func("g", proto, 1)
	line := func(off, n uint32) []uint32 { return elftest.LineInfo(b, off, "a.c", "line", n, 1) }
	relo := func(off, kind uint32) []uint32 { return elftest.CoreRelo(b, off, s, "0:0", kind) }
	ext := &elftest.Ext{
		Funcs: []elftest.ExtSection{
			{Name: ".text", Records: [][]uint32{elftest.FuncInfo(0, fID), elftest.FuncInfo(24, fID), elftest.FuncInfo(40, gID), elftest.FuncInfo(56, gID)}},
			{Name: "xdp", Records: [][]uint32{elftest.FuncInfo(0, progID)}},
		},
		Lines: []elftest.ExtSection{
			{Name: ".text", Records: [][]uint32{line(0, 1), line(8, 2), line(24, 3), line(32, 4), line(40, 5), line(56, 6), line(64, 7)}},
			{Name: "xdp", Records: [][]uint32{line(0, 10), line(16, 11)}},
		},
		Relos: []elftest.ExtSection{
			{Name: ".text", Records: [][]uint32{relo(0, 1), relo(24, 2), relo(40, 3), relo(56, 4)}},
			{Name: "xdp", Records: [][]uint32{relo(0, 5)}},
		},
	}
	if change != nil {
		change(ext, b)
	}
	o.Ext(ext, b)
	o.BTF(b)
}

// Records follow their function by its place in the section, whatever lies between.
func TestExtGap(t *testing.T) {
	bothOrders(t, func(t *testing.T, o *elftest.Object) {
		gapObject(o, nil)
		obj := mustOpen(t, o, reloc.Options{})
		c := obj.link(t, "prog")
		checkCode(t, o, c, mov(3), elftest.CallLocal(2), elftest.CallLocal(3), exit, mov(2), exit, mov(1), exit)
		name := func(id rawbtf.ID) string { return obj.types.Type(id).Name() }
		type info struct {
			insn uint32
			name string
		}
		var funcs []info
		for _, f := range c.Funcs {
			funcs = append(funcs, info{f.Insn, name(f.Type)})
		}
		if diff := cmp.Diff([]info{{0, "prog"}, {4, "g"}, {6, "f"}}, funcs, cmp.AllowUnexported(info{})); diff != "" {
			t.Error(diff)
		}
		var got [][2]uint32
		for _, l := range c.Lines {
			got = append(got, [2]uint32{l.Insn, l.LineCol >> 10})
			if obj.types.Name(l.File) != "a.c" || obj.types.Name(l.Text) != "line" || l.LineCol&1023 != 1 {
				t.Errorf("line %v", l)
			}
		}
		if diff := cmp.Diff([][2]uint32{{0, 10}, {2, 11}, {4, 6}, {5, 7}, {6, 3}, {7, 4}}, got); diff != "" {
			t.Error(diff)
		}
		task := c.Relos[0].Type
		want := []core.Relocation{{Insn: 0, Type: task, Access: "0:0", Kind: 5}, {Insn: 4, Type: task, Access: "0:0", Kind: 4}, {Insn: 6, Type: task, Access: "0:0", Kind: 2}}
		if diff := cmp.Diff(want, c.Relos); diff != "" || name(task) != "task" {
			t.Errorf("%s %q", diff, name(task))
		}
		if len(c.Warnings) != 0 {
			t.Errorf("%v", c.Warnings)
		}
	})
}

// Records longer than we know, and headers shorter: the fields are where they are.
func TestExtForms(t *testing.T) {
	for name, change := range map[string]func(*elftest.Ext, *elftest.BTF){
		"longer records": func(e *elftest.Ext, b *elftest.BTF) {
			for _, kind := range [][]elftest.ExtSection{e.Funcs, e.Lines, e.Relos} {
				for i := range kind {
					for j := range kind[i].Records {
						kind[i].Records[j] = append(kind[i].Records[j], 0xdead, 0xbeef)
					}
				}
			}
		},
		"header of clang 9":     func(e *elftest.Ext, b *elftest.BTF) { e.HeaderSize = 24 },
		"header of years hence": func(e *elftest.Ext, b *elftest.BTF) { e.HeaderSize = 48 },
		"out of order": func(e *elftest.Ext, b *elftest.BTF) {
			for _, kind := range [][]elftest.ExtSection{e.Funcs, e.Lines, e.Relos} {
				r := kind[0].Records
				r[0], r[len(r)-1] = r[len(r)-1], r[0]
			}
		},
		"a section twice": func(e *elftest.Ext, b *elftest.BTF) {
			e.Funcs = append(e.Funcs, elftest.ExtSection{Name: "xdp", Records: [][]uint32{elftest.FuncInfo(0, 1)}})
			e.Lines = append(e.Lines, elftest.ExtSection{Name: "xdp", Records: [][]uint32{elftest.LineInfo(b, 8, "b.c", "", 1, 1)}})
			e.Relos = append(e.Relos, elftest.ExtSection{Name: "xdp", Records: [][]uint32{elftest.CoreRelo(b, 8, 1, "0", 0)}})
		},
		"a line twice": func(e *elftest.Ext, b *elftest.BTF) {
			r := &e.Lines[1].Records
			*r = append(*r, elftest.LineInfo(b, 16, "a.c", "again", 12, 1), elftest.LineInfo(b, 20, "a.c", "within", 13, 1))
		},
	} {
		t.Run(name, func(t *testing.T) {
			bothOrders(t, func(t *testing.T, o *elftest.Object) {
				plain := &elftest.Object{BigEndian: o.BigEndian}
				gapObject(plain, nil)
				gapObject(o, change)
				want, got := mustOpen(t, plain, reloc.Options{}).link(t, "prog"), mustOpen(t, o, reloc.Options{}).link(t, "prog")
				if name == "header of clang 9" {
					want.Relos = nil
				}
				ignore := cmpopts.IgnoreFields(reloc.LineInfo{}, "File", "Text")
				if diff := cmp.Diff(want, got, ignore, cmpopts.EquateEmpty()); diff != "" {
					t.Error(diff)
				}
			})
		})
	}
}

// What is not described wholly is not described at all, rather than wrongly.
func TestExtIncomplete(t *testing.T) {
	for name, c := range map[string]struct {
		change       func(*elftest.Ext, *elftest.BTF)
		funcs, lines int
		warnings     []string
	}{
		"no functions of the program": {change: func(e *elftest.Ext, b *elftest.BTF) { e.Funcs = e.Funcs[:1] }, lines: 6},
		"no functions of a subprogram": {change: func(e *elftest.Ext, b *elftest.BTF) {
			e.Funcs[0].Records = e.Funcs[0].Records[:3]
		}, lines: 6, warnings: []string{`section ".text"+0x38 ("g"): the function has no BTF, so that the program is loaded without information about any of its functions`}},
		"a function elsewhere": {change: func(e *elftest.Ext, b *elftest.BTF) { e.Funcs[0].Records[3][0] = 64 }, lines: 6,
			warnings: []string{`section ".text"+0x38 ("g"): the function has no BTF, so that the program is loaded without information about any of its functions`}},
		"no function at all": {change: func(e *elftest.Ext, b *elftest.BTF) { e.Funcs[0].Records[3][1] = 1 }, lines: 6,
			warnings: []string{`section ".text"+0x38 ("g"): the function has no BTF, so that the program is loaded without information about any of its functions`}},
		"no lines of the program": {change: func(e *elftest.Ext, b *elftest.BTF) { e.Lines = e.Lines[:1] }, funcs: 3},
		"no line at a start": {change: func(e *elftest.Ext, b *elftest.BTF) { e.Lines[0].Records[2][0] = 32 }, funcs: 3,
			warnings: []string{`section ".text"+0x18 ("f"): the function has no line information at its start, so that the program is loaded without any`}},
		"nothing": {change: func(e *elftest.Ext, b *elftest.BTF) { e.Funcs, e.Lines, e.Relos = nil, nil, nil }},
	} {
		t.Run(name, func(t *testing.T) {
			o := &elftest.Object{}
			gapObject(o, c.change)
			code := mustOpen(t, o, reloc.Options{}).link(t, "prog")
			if len(code.Funcs) != c.funcs || len(code.Lines) != c.lines {
				t.Errorf("%d func and %d line infos, want %d and %d", len(code.Funcs), len(code.Lines), c.funcs, c.lines)
			}
			var got []string
			for _, w := range code.Warnings {
				got = append(got, w.String())
			}
			equal(t, "warnings", got, c.warnings)
		})
	}
}

func TestExtOddRelocation(t *testing.T) {
	o := &elftest.Object{}
	gapObject(o, func(e *elftest.Ext, b *elftest.BTF) { e.Relos[0].Records[3][0] = 60 })
	obj := mustOpen(t, o, reloc.Options{})
	_, err := obj.linker.Link(obj.named(t, "prog"))
	if want := `section ".text"+0x3c (function "g"): CO-RE relocation in the middle of an instruction`; err == nil || err.Error() != want {
		t.Errorf("%v, want %s", err, want)
	}
}

// exceptionObject has a program whose function is tagged with the name of a
// callback that no instruction names.
func exceptionObject(o *elftest.Object, tags ...string) {
	text := o.Code(".text", mov(1), exit, callReloc, exit, mov(2), exit, mov(3), exit)
	prog := o.Code("tc", callReloc, exit)
	sub := o.Func("sub", text, 0, 16)
	o.Func("callback", text, 16, 16)
	o.Symbol(elftest.Symbol{Name: "hidden", Type: elf.STTFunc, Binding: elf.STBGlobal, Visibility: elf.STVHidden, Section: text, Value: 32, Size: 16})
	static(o, "static", text, 48, 16)
	o.Func("prog", prog, 0, 16)
	o.Rel(text, 16, sub, relCall)
	o.Rel(prog, 0, sub, relCall)
	b := &elftest.BTF{}
	fn := b.Func("prog", b.FuncProto(0), rawbtf.LinkageGlobal)
	for _, tag := range tags {
		b.DeclTag(tag, fn, -1)
	}
	o.Ext(&elftest.Ext{Funcs: []elftest.ExtSection{{Name: "tc", Records: [][]uint32{elftest.FuncInfo(0, fn)}}}}, b)
	o.BTF(b)
}

func TestExceptionCallback(t *testing.T) {
	with := insns(elftest.CallLocal(1), exit, mov(1), exit, elftest.CallLocal(-3), exit)
	without := with[:4]
	for name, c := range map[string]struct {
		tags []string
		want []elftest.Insn
		err  string
	}{
		"appended last":     {tags: []string{"exception_callback:callback"}, want: with},
		"none":              {want: without},
		"already called":    {tags: []string{"exception_callback:sub"}, want: without},
		"two, as no kernel": {tags: []string{"exception_callback:callback", "exception_callback:sub"}, want: without},
		"missing":           {tags: []string{"exception_callback:nobody"}, err: `section "tc"+0x0 (function "prog"): the exception callback "nobody" is not among the functions of .text`},
		"hidden":            {tags: []string{"exception_callback:hidden"}, err: `section "tc"+0x0 (function "prog"): the exception callback "hidden" must be a global function that is not hidden`},
		"static":            {tags: []string{"exception_callback:static"}, err: `section "tc"+0x0 (function "prog"): the exception callback "static" must be a global function that is not hidden`},
	} {
		t.Run(name, func(t *testing.T) {
			bothOrders(t, func(t *testing.T, o *elftest.Object) {
				exceptionObject(o, c.tags...)
				obj := mustOpen(t, o, reloc.Options{})
				if c.err != "" {
					if got := obj.linkError(t, "prog"); got != c.err {
						t.Errorf("%s\nwant %s", got, c.err)
					}
					return
				}
				checkCode(t, o, obj.link(t, "prog"), c.want...)
			})
		})
	}
}

// A fault in the callback is the program's.
func TestExceptionCallbackFault(t *testing.T) {
	o := &elftest.Object{}
	exceptionObject(o, "exception_callback:callback")
	o.Rel(2, 0, 0, relCall) // a second relocation of prog's call
	mustOpen(t, o, reloc.Options{}).linkError(t, "prog")

	o = &elftest.Object{}
	exceptionObject(o, "exception_callback:callback")
	o.Rel(1, 16, 0, relCall) // and of the callback's
	want := `section ".text"+0x10 (function "callback"): two relocations of one instruction`
	if got := mustOpen(t, o, reloc.Options{}).linkError(t, "prog"); got != want {
		t.Errorf("%s\nwant %s", got, want)
	}
}

// Of static and global functions with the callback's name the global one is meant.
func TestExceptionCallbackOverloaded(t *testing.T) {
	o := &elftest.Object{}
	exceptionObject(o, "exception_callback:static")
	text := o.Code(".text.more", mov(7), exit)
	o.Func("static", text, 0, 16)
	checkCode(t, o, mustOpen(t, o, reloc.Options{}).link(t, "prog"), elftest.CallLocal(1), exit, mov(1), exit, mov(7), exit)
}
