// SPDX-License-Identifier: MIT

package hostile

import (
	"fmt"

	"github.com/bpfload/bpfload/elf"
	"github.com/bpfload/bpfload/internal/elftest"
)

const tooMany = "more than 256 functions, and no kernel takes more"

// code calls itself, or is relocated to nowhere.
var code = []Object{
	{Name: "a relocation outside its section", Build: relocated(1<<63, 1, rel64)},
	{Name: "a relocation within an instruction", Build: relocated(3, 1, rel64)},
	{Name: "a relocation of the last half of a load", Build: relocated(8, 1, rel64)},
	{Name: "a relocation against no symbol", Build: relocated(0, 1<<31-1, rel64)},
	{Name: "a relocation against nothing", Build: relocated(0, 0, rel64)},
	{Name: "a relocation of an unknown kind", Build: relocated(0, 1, 0xffffffff)},
	{Name: "relocations of a section that is not there", Want: `section ".relxdp"+0x0: relocations for section 4294967280 of 6`, Build: func() []byte {
		return build(relocatedObject(0, 1, rel64), func(p patched) { p.put32(p.last(4)+sectionInfo, 0xfffffff0) })
	}},
	{Name: "relocations of the relocations", Build: func() []byte {
		return build(relocatedObject(0, 1, rel64), func(p patched) { p.put32(p.last(4)+sectionInfo, uint32(p.sections()-4)) })
	}},
	{Name: "relocations of one byte", Build: func() []byte {
		return build(relocatedObject(0, 1, rel64), func(p patched) { p.put64(p.last(4)+sectionEntry, 1) })
	}},
	{Name: "relocations in another symbol table", Build: func() []byte {
		return build(relocatedObject(0, 1, rel64), func(p patched) { p.put32(p.last(4)+sectionLink, 1) })
	}},
	{Name: "a million relocations of one instruction", Build: func() []byte {
		o := relocatedObject(0, 1, rel64)
		for range million {
			o.Rel(1, 0, 1, rel64)
		}
		return o.Bytes()
	}},
	{Name: "a function that calls itself", Build: func() []byte { return calls(1, func(int) []int { return []int{0} }) }},
	{Name: "two functions that call each other", Build: func() []byte { return calls(2, func(i int) []int { return []int{1 - i} }) }},
	{Name: "a chain of 50000 calls", Want: tooMany, Program: true, Build: func() []byte {
		return calls(50_000, func(i int) []int {
			if i == 49_999 {
				return nil
			}
			return []int{i + 1}
		})
	}},
	{Name: "each of many functions calls all that follow", Want: tooMany, Program: true, Build: func() []byte {
		const n = 512
		return calls(n, func(i int) (to []int) {
			for j := i + 1; j < n; j++ {
				to = append(to, j)
			}
			return to
		})
	}},
	{Name: "each function calls all that follow", Build: func() []byte {
		const n = 255
		return calls(n, func(i int) (to []int) {
			for j := i + 1; j < n; j++ {
				to = append(to, j)
			}
			return to
		})
	}},
	{Name: "a call to the middle of a function", Build: func() []byte { return single(elftest.CallLocal(0), elftest.Ret0, elftest.Exit) }},
	{Name: "a call to nowhere", Build: func() []byte { return single(elftest.CallLocal(1<<31-1), elftest.Exit) }},
	{Name: "a call to before the beginning", Build: func() []byte { return single(elftest.CallLocal(-1<<31), elftest.Exit) }},
	{Name: "half a load at the end", Build: func() []byte { return single(elftest.LoadImm64(1, 0, 0, 0)[0]) }},
	{Name: "1000 programs that share 1024 functions", Want: tooMany, Program: true, Build: func() []byte { return sharedFunctions(1000, 1024) }},
	{Name: "10000 programs that share 4096 functions", Want: tooMany, Program: true, Build: func() []byte { return sharedFunctions(10_000, 4096) }},
	{Name: "1000 programs that share 255 functions", Build: func() []byte { return sharedFunctions(1000, 255) }},
	{Name: "a program of a million instructions", Build: func() []byte {
		insns := make([]elftest.Insn, million)
		for i := range insns {
			insns[i] = elftest.Ret0
		}
		return single(append(insns, elftest.Exit)...)
	}},
	{Name: "a program of half an instruction", Build: func() []byte {
		o := &elftest.Object{}
		s := o.Section(elftest.Section{Name: "xdp", Flags: alloc | elf.SHFExecinstr, Data: make([]byte, 4)})
		o.Func("main", s, 0, 4)
		return o.Bytes()
	}},
}

// single is an object of one program.
func single(insns ...elftest.Insn) []byte {
	o := &elftest.Object{}
	function(o, "main", o.Code("xdp", insns...), 0, len(insns))
	return o.Bytes()
}

func relocated(at uint64, symbol int, typ uint32) func() []byte {
	return func() []byte { return relocatedObject(at, symbol, typ).Bytes() }
}

// relocatedObject is a program that loads an address, with one relocation.
func relocatedObject(at uint64, symbol int, typ uint32) *elftest.Object {
	o := &elftest.Object{}
	s := o.Code("xdp", append(elftest.LoadImm64(1, 0, 0, 0), elftest.Ret0, elftest.Exit)...)
	function(o, "main", s, 0, 4)
	o.Rel(s, at, symbol, typ)
	return o
}

// calls is a program that calls the first of n functions, each of which calls
// those that a function says.
func calls(n int, from func(i int) []int) []byte {
	o := &elftest.Object{}
	type call struct{ at, to int }
	var list []call
	var insns []elftest.Insn
	starts := make([]int, n+1)
	for i := range n {
		starts[i] = len(insns)
		for _, to := range from(i) {
			list = append(list, call{len(insns), to})
			insns = append(insns, elftest.CallLocal(0))
		}
		insns = append(insns, elftest.Ret0, elftest.Exit)
	}
	starts[n] = len(insns)
	for _, c := range list {
		insns[c.at].Imm = int32(starts[c.to] - c.at - 1)
	}
	text := o.Code(".text", insns...)
	xdp := o.Code("xdp", elftest.CallLocal(-1), elftest.Exit)
	section := o.SectionSymbol(text)
	for i := range n {
		function(o, fmt.Sprint("f", i), text, starts[i], starts[i+1]-starts[i])
	}
	function(o, "main", xdp, 0, 2)
	o.Rel(xdp, 0, section, relCall)
	return o.Bytes()
}

// sharedFunctions has programs each of which needs all the functions there are.
func sharedFunctions(programs, functions int) []byte {
	o := &elftest.Object{}
	var insns []elftest.Insn
	for i := range functions {
		next := elftest.CallLocal(2)
		if i == functions-1 {
			next = elftest.Ret0
		}
		insns = append(insns, next, elftest.Ret0, elftest.Exit)
	}
	text := o.Code(".text", insns...)
	section := o.SectionSymbol(text)
	for i := range functions {
		function(o, fmt.Sprint("f", i), text, 3*i, 3)
	}
	xdp := o.Code("xdp", repeat(programs, elftest.CallLocal(-1), elftest.Exit)...)
	for i := range programs {
		function(o, fmt.Sprint("p", i), xdp, 2*i, 2)
		o.Rel(xdp, uint64(16*i), section, relCall)
	}
	return o.Bytes()
}

func repeat(n int, insns ...elftest.Insn) []elftest.Insn {
	all := make([]elftest.Insn, 0, n*len(insns))
	for range n {
		all = append(all, insns...)
	}
	return all
}
