// SPDX-License-Identifier: MIT

package hostile

import (
	"fmt"

	"github.com/bpfload/bpfload/elf"
	"github.com/bpfload/bpfload/internal/elftest"
)

// symbols are too many, or point where nothing is.
var symbols = []Object{
	{Name: "a million symbols of nothing", Want: "more than 262144 symbols of code", Build: func() []byte {
		return many(func(o *elftest.Object) int { return program(o) }, elftest.Symbol{Name: "x"})
	}},
	{Name: "a million functions of the same bytes", Want: "more than 262144 symbols of code", Build: func() []byte {
		return many(program, elftest.Symbol{Name: "f", Type: elf.STTFunc, Binding: elf.STBGlobal, Size: 16})
	}},
	{Name: "a million labels", Want: "more than 262144 symbols of code", Build: func() []byte { return many(program, elftest.Symbol{Name: "l", Size: 0}) }},
	{Name: "a million variables of the same bytes", Want: `section ".data"+0x0: more than 65536 variables`, Build: func() []byte {
		return many(func(o *elftest.Object) int { program(o); return o.Data(".data", make([]byte, 8)) },
			elftest.Symbol{Name: "x", Type: elf.STTObject, Binding: elf.STBGlobal, Size: 8})
	}},
	{Name: "a million variables in 4 GiB of .bss", Want: `section ".bss"+0x0: more than 65536 variables`, Build: func() []byte {
		return many(func(o *elftest.Object) int { program(o); return o.Bss(".bss", 4*gib-4096) },
			elftest.Symbol{Name: "x", Type: elf.STTObject, Binding: elf.STBGlobal, Size: 4*gib - 4096})
	}},
	{Name: "a million legacy maps of the same bytes", Want: `section "maps"+0x0 (map "m"): type is 0: this is no map record`, Build: func() []byte {
		return many(func(o *elftest.Object) int { program(o); return o.Data("maps", make([]byte, 20)) },
			elftest.Symbol{Name: "m", Type: elf.STTObject, Binding: elf.STBGlobal, Size: 20})
	}},
	{Name: "200000 legacy maps", Want: `section "maps"+0x50000 (map "m16384"): more than 16384 map records`, Build: func() []byte {
		const n = 200_000
		o := &elftest.Object{}
		program(o)
		records := make([]byte, 0, 20*n)
		for range n {
			records = append(records, o.Words(2, 4, 4, 1, 0)...)
		}
		s := o.Data("maps", records)
		for i := range n {
			o.Object(fmt.Sprint("m", i), s, uint64(20*i), 20)
		}
		return o.Bytes()
	}},
	{Name: "a million externs", Build: func() []byte {
		return many(func(o *elftest.Object) int { program(o); return 0 }, elftest.Symbol{Name: "bpf_x", Binding: elf.STBGlobal})
	}},
	{Name: "300000 programs", Want: "more than 262144 symbols of code", Build: func() []byte {
		const n = 300_000
		o := &elftest.Object{}
		code := make([]elftest.Insn, 0, 2*n)
		for range n {
			code = append(code, elftest.Ret0, elftest.Exit)
		}
		s := o.Code("xdp", code...)
		for i := range n {
			function(o, fmt.Sprint("p", i), s, 2*i, 2)
		}
		return o.Bytes()
	}},
	{Name: "symbol table of odd size", Want: `section ".symtab"+0x0: 25 bytes are not a whole number of 24-byte symbols`, Build: lie(func(p patched) { p.put64(p.last(3)+sectionSize, 25) })},
	{Name: "symbols of one byte", Build: lie(func(p patched) { p.put64(p.last(3)+sectionEntry, 1) })},
	{Name: "symbol names in the symbols", Want: `section ".symtab"+0x0: names in section 3, which is no string table`, Build: lie(func(p patched) { p.put32(p.last(3)+sectionLink, uint32(p.sections()-3)) })},
	{Name: "symbol names nowhere", Want: `section ".symtab"+0x0: names in section 4294967295, which is no string table`, Build: lie(func(p patched) { p.put32(p.last(3)+sectionLink, 0xffffffff) })},
	{Name: "symbol name outside the names", Want: `section ".symtab"+0x18: name of symbol 1 at 0x80000000 is outside the 6-byte string table`, Build: lie(func(p patched) { p.put32(int(offset(p, p.last(3)))+24, 1<<31) })},
	{Name: "function that ends outside its section", Want: `section "xdp"+0x8 (symbol "odd"): symbol of 9223372036854775808 bytes ends outside its 16-byte section`, Build: symbol(elftest.Symbol{Type: elf.STTFunc, Section: 1, Value: 8, Size: 1 << 63})},
	{Name: "function whose end wraps", Want: `section "xdp"+0x8 (symbol "odd"): symbol of 18446744073709551608 bytes ends outside its 16-byte section`, Build: symbol(elftest.Symbol{Type: elf.STTFunc, Section: 1, Value: 8, Size: 1<<64 - 8})},
	{Name: "function that starts outside its section", Want: `section "xdp"+0x10000000000 (symbol "odd"): symbol of 8 bytes ends outside its 16-byte section`, Build: symbol(elftest.Symbol{Type: elf.STTFunc, Section: 1, Value: 1 << 40, Size: 8})},
	{Name: "function in the middle of an instruction", Build: symbol(elftest.Symbol{Type: elf.STTFunc, Section: 1, Value: 3, Size: 8})},
	{Name: "functions that overlap", Build: symbol(elftest.Symbol{Type: elf.STTFunc, Section: 1, Value: 8, Size: 8})},
	{Name: "function in a section that is not there", Want: `section ".symtab"+0x30: symbol 2 is in section 65024 of 6`, Build: symbol(elftest.Symbol{Type: elf.STTFunc, Section: 0xfe00, Size: 8})},
	{Name: "function in the symbol table", Build: symbol(elftest.Symbol{Type: elf.STTFunc, Section: 3, Size: 8})},
}

// symbol adds one to a sound object.
func symbol(s elftest.Symbol) func() []byte {
	return func() []byte {
		o := &elftest.Object{}
		program(o)
		s.Name, s.Binding = "odd", elf.STBGlobal
		o.Symbol(s)
		return o.Bytes()
	}
}

// many adds a million copies of a symbol in the section that a function makes.
func many(section func(*elftest.Object) int, s elftest.Symbol) []byte {
	o := &elftest.Object{}
	s.Section = section(o)
	for range million {
		o.Symbol(s)
	}
	return o.Bytes()
}
