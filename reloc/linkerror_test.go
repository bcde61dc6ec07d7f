// SPDX-License-Identifier: MIT

package reloc_test

import (
	"testing"

	"github.com/bpfload/bpfload/elf"
	"github.com/bpfload/bpfload/internal/elftest"
	"github.com/bpfload/bpfload/reloc"
)

// What cannot be linked, and where that is said to be.
func TestLinkErrors(t *testing.T) {
	for name, c := range map[string]struct {
		build func(o *elftest.Object)
		want  string
	}{
		"undefined function": {
			func(o *elftest.Object) {
				prog := o.Code("xdp", mov(1), callReloc, exit)
				o.Func("prog", prog, 0, 24)
				o.Rel(prog, 8, o.Extern("memcpy", elf.STBGlobal), relCall)
			},
			`section "xdp"+0x8 (function "prog"): call of "memcpy", which is neither defined in the object nor declared with __ksym or __kconfig: use __builtin_memcpy with a small constant size, which needs no function`,
		},
		"undefined variable": {
			func(o *elftest.Object) {
				prog := o.Code("xdp", insns(load(1, 0, 0, 0), exit)...)
				o.Func("prog", prog, 0, 24)
				o.Rel(prog, 0, o.Extern("other", elf.STBGlobal), relText)
			},
			`section "xdp"+0x0 (function "prog"): reference to "other", which is neither defined in the object nor declared with __ksym or __kconfig: link the object that defines it with bpftool gen object`,
		},
		"in a callee": {
			func(o *elftest.Object) {
				text := o.Code(".text", callReloc, exit)
				prog := o.Code("xdp", elftest.CallLocal(-1), exit)
				sub := o.Func("sub", text, 0, 16)
				o.Func("prog", prog, 0, 16)
				o.Rel(prog, 0, sub, relCall)
				o.Rel(text, 0, o.Extern("memset", elf.STBGlobal), relCall)
			},
			`section ".text"+0x0 (function "sub"): call of "memset", which is neither defined in the object nor declared with __ksym or __kconfig: use __builtin_memset with a small constant size, which needs no function`,
		},
		"symbol without a name": {
			func(o *elftest.Object) {
				prog := o.Code("xdp", callReloc, exit)
				o.Func("prog", prog, 0, 16)
				o.Rel(prog, 0, 0, relCall)
			},
			`section "xdp"+0x0 (function "prog"): relocation against symbol 0, which is undefined and has no name`,
		},
		"tentative definition": {
			func(o *elftest.Object) {
				prog := o.Code("xdp", insns(load(1, 0, 0, 0), exit)...)
				o.Func("prog", prog, 0, 24)
				o.Rel(prog, 0, o.Symbol(elftest.Symbol{Name: "counter", Type: elf.STTObject, Binding: elf.STBGlobal, Section: elf.SHNCommon, Size: 4}), relText)
			},
			`section "xdp"+0x0 (function "prog"): reference to "counter", a tentative definition without a place: give the variable an initial value, or compile with -fno-common`,
		},
		"absolute symbol": {
			func(o *elftest.Object) {
				prog := o.Code("xdp", insns(load(1, 0, 0, 0), exit)...)
				o.Func("prog", prog, 0, 24)
				o.Rel(prog, 0, o.Symbol(elftest.Symbol{Name: "abs", Binding: elf.STBGlobal, Section: elf.SHNAbs}), relText)
			},
			`section "xdp"+0x0 (function "prog"): reference to "abs", an absolute symbol`,
		},
		"reserved section": {
			func(o *elftest.Object) {
				prog := o.Code("xdp", insns(load(1, 0, 0, 0), exit)...)
				o.Func("prog", prog, 0, 24)
				o.Rel(prog, 0, o.Symbol(elftest.Symbol{Name: "odd", Binding: elf.STBGlobal, Section: 0xff01}), relText)
			},
			`section "xdp"+0x0 (function "prog"): reference to "odd" in reserved section 0xff01`,
		},
		"unknown data section": {
			func(o *elftest.Object) {
				prog := o.Code("xdp", insns(load(1, 0, 0, 0), exit)...)
				o.Func("prog", prog, 0, 24)
				o.Rel(prog, 0, o.Object("x", o.Data("my_data", make([]byte, 8)), 0, 8), relText)
			},
			`section "xdp"+0x0 (function "prog"): reference to "x" in section "my_data", which is no map: variables belong into .data, .rodata or .bss, or one of these with a suffix`,
		},
		"no data section": {
			func(o *elftest.Object) {
				prog := o.Code("xdp", insns(load(1, 0, 0, 0), exit)...)
				o.Func("prog", prog, 0, 24)
				o.Rel(prog, 0, o.Object("x", o.Section(elftest.Section{Name: ".debug_str", Data: []byte("x")}), 0, 0), relText)
			},
			`section "xdp"+0x0 (function "prog"): reference to "x" in section ".debug_str", which holds neither variables nor maps`,
		},
		"variable outside its section": {
			func(o *elftest.Object) {
				prog := o.Code("xdp", insns(load(1, 0, 100, 0), exit)...)
				o.Func("prog", prog, 0, 24)
				o.Rel(prog, 0, o.Object("x", o.Data(".data", make([]byte, 8)), 0, 8), relText)
			},
			`section "xdp"+0x0 (function "prog"): reference to byte 100 of section ".data", which has 8`,
		},
		"variable before its section": {
			func(o *elftest.Object) {
				prog := o.Code("xdp", insns(load(1, 0, -4, 0), exit)...)
				o.Func("prog", prog, 0, 24)
				o.Rel(prog, 0, o.Object("x", o.Data(".data", make([]byte, 8)), 0, 8), relText)
			},
			`section "xdp"+0x0 (function "prog"): reference to byte -4 of section ".data", which has 8`,
		},
		"call of a variable": {
			func(o *elftest.Object) {
				prog := o.Code("xdp", callReloc, exit)
				o.Func("prog", prog, 0, 16)
				o.Rel(prog, 0, o.Object("x", o.Data(".data", make([]byte, 8)), 0, 8), relCall)
			},
			`section "xdp"+0x0 (function "prog"): call of "x" in section ".data", which holds no code`,
		},
		"middle of a function": {
			func(o *elftest.Object) {
				text := o.Code(".text", mov(1), exit)
				prog := o.Code("xdp", elftest.CallLocal(0), exit)
				sub := o.Func("sub", text, 0, 16)
				o.Func("prog", prog, 0, 16)
				o.Rel(prog, 0, sub, relCall)
			},
			`section "xdp"+0x0 (function "prog"): reference to the middle of function "sub", 8 bytes from its start`,
		},
		"gap": {
			func(o *elftest.Object) {
				text := o.Code(".text", mov(1), exit, mov(2), exit)
				prog := o.Code("xdp", elftest.CallLocal(1), exit)
				o.Func("sub", text, 0, 16)
				o.Func("prog", prog, 0, 16)
				o.Rel(prog, 0, o.SectionSymbol(text), relCall)
			},
			`section "xdp"+0x0 (function "prog"): reference to section ".text" at 0x10, where no function is`,
		},
		"before the first function": {
			func(o *elftest.Object) {
				text := o.Code(".text", mov(1), exit, mov(2), exit)
				prog := o.Code("xdp", callReloc, exit)
				o.Func("sub", text, 16, 16)
				o.Func("prog", prog, 0, 16)
				o.Rel(prog, 0, o.SectionSymbol(text), relCall)
			},
			`section "xdp"+0x0 (function "prog"): reference to section ".text" at 0x0, where no function is`,
		},
		"far away": {
			func(o *elftest.Object) {
				prog := o.Code("xdp", elftest.CallLocal(-1000), exit)
				o.Func("prog", prog, 0, 16)
			},
			`section "xdp"+0x0 (function "prog"): reference to section "xdp" at 0xffffffffffffe0c8, where no function is`,
		},
		"function address without a relocation": {
			func(o *elftest.Object) {
				prog := o.Code("xdp", insns(load(1, 4, 0, 0), exit)...)
				o.Func("prog", prog, 0, 24)
			},
			`section "xdp"+0x0 (function "prog"): the address of a function without a relocation that names it`,
		},
		"not an instruction that refers": {
			func(o *elftest.Object) {
				prog := o.Code("xdp", mov(1), exit)
				o.Func("prog", prog, 0, 16)
				o.Rel(prog, 0, o.Object("x", o.Data(".data", make([]byte, 8)), 0, 8), relText)
			},
			`section "xdp"+0x0 (function "prog"): relocation against "x" of instruction 0xb7, which is neither a call nor a 64-bit load`,
		},
		"second half of a load": {
			func(o *elftest.Object) {
				prog := o.Code("xdp", insns(load(1, 0, 0, 0), exit)...)
				o.Func("prog", prog, 0, 24)
				o.Rel(prog, 8, o.Object("x", o.Data(".data", make([]byte, 8)), 0, 8), relText)
			},
			`section "xdp"+0x8 (function "prog"): relocation against "x" in the middle of an instruction`,
		},
		"odd offset": {
			func(o *elftest.Object) {
				prog := o.Code("xdp", mov(1), exit)
				o.Func("prog", prog, 0, 16)
				o.Rel(prog, 4, o.Object("x", o.Data(".data", make([]byte, 8)), 0, 8), relText)
			},
			`section "xdp"+0x4 (function "prog"): relocation against "x" in the middle of an instruction`,
		},
		"two relocations": {
			func(o *elftest.Object) {
				prog := o.Code("xdp", insns(load(1, 0, 0, 0), exit)...)
				o.Func("prog", prog, 0, 24)
				x := o.Object("x", o.Data(".data", make([]byte, 8)), 0, 8)
				o.Rel(prog, 0, x, relText)
				o.Rel(prog, 0, x, relText)
			},
			`section "xdp"+0x0 (function "prog"): two relocations of one instruction`,
		},
		"half a load": {
			func(o *elftest.Object) {
				prog := o.Code("xdp", mov(1), load(1, 0, 0, 0)[0])
				o.Func("prog", prog, 0, 16)
			},
			`section "xdp"+0x8 (function "prog"): the function ends within a 64-bit load`,
		},
		"no instructions": {
			func(o *elftest.Object) {
				prog := o.Code("xdp", mov(1), exit)
				o.Func("first", prog, 0, 16)
				o.Func("prog", prog, 16, 0)
			},
			`section "xdp"+0x10 (function "prog"): the function has no instructions`,
		},
		"half an instruction": {
			func(o *elftest.Object) { o.Func("prog", o.Code("xdp", mov(1), exit), 0, 12) },
			`section "xdp"+0x0 (function "prog"): the function's 12 bytes at 0x0 are not a whole number of instructions`,
		},
		"odd start": {
			func(o *elftest.Object) { o.Func("prog", o.Code("xdp", mov(1), exit), 4, 8) },
			`section "xdp"+0x4 (function "prog"): the function's 8 bytes at 0x4 are not a whole number of instructions`,
		},
		"overlapping functions": {
			func(o *elftest.Object) {
				prog := o.Code("xdp", mov(1), exit, mov(2), exit)
				o.Func("prog", prog, 0, 24)
				o.Func("other", prog, 16, 16)
			},
			`section "xdp"+0x0 (function "prog"): the function overlaps "other", which begins at 0x10`,
		},
		"outside the section": {
			func(o *elftest.Object) {
				// The symbols of such sections are not bounded when a file is parsed.
				s := o.Section(elftest.Section{Name: ".debug_x", Flags: elf.SHFExecinstr, Data: o.Insns(mov(1), exit)})
				o.Func("prog", s, 0, 1<<40)
				o.Func("nowhere", s, 1<<40, 8)
			},
			`section ".debug_x"+0x0 (function "prog"): the function ends outside the section of 16 bytes`,
		},
		"relocation table": {
			func(o *elftest.Object) {
				prog := o.Code("xdp", mov(1), exit)
				o.Func("prog", prog, 0, 16)
				o.Rel(prog, 16, 1, relText)
			},
			`section ".relxdp"+0x0: relocation at 0x10 is outside section "xdp" of 16 bytes`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			bothOrders(t, func(t *testing.T, o *elftest.Object) {
				c.build(o)
				if got := mustOpen(t, o, reloc.Options{}).linkError(t, "prog"); got != c.want {
					t.Errorf("%s\nwant %s", got, c.want)
				}
			})
		})
	}
}
