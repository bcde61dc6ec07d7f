// SPDX-License-Identifier: MIT

package reloc_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/bpfload/bpfload/elf"
	"github.com/bpfload/bpfload/internal/elftest"
	"github.com/bpfload/bpfload/internal/law"
	"github.com/bpfload/bpfload/reloc"
)

// Objects made to cost much more than they weigh: reading them, and linking what
// they have, takes little memory all the same; what is quadratic in them does not
// end while a test may run. The whole command is timed by package hostile.
func TestHostileObjects(t *testing.T) {
	if testing.Short() {
		t.Skip("builds large objects")
	}
	for name, build := range map[string]func(o *elftest.Object){
		"functions within functions": func(o *elftest.Object) {
			code := make([]elftest.Insn, 20_000)
			s := o.Code("xdp", code...)
			for i := range code {
				o.Func(fmt.Sprint("f", i), s, uint64(8*i), uint64(8*(len(code)-i)))
			}
		},
		"aliases": func(o *elftest.Object) {
			s := o.Code("xdp", mov(1), exit)
			for i := range 16_000 {
				o.Func(fmt.Sprint("f", i), s, 0, 16)
			}
		},
		"everything calls everything": func(o *elftest.Object) {
			const n = 300
			var code []elftest.Insn
			for i := range n {
				for j := range n {
					code = append(code, elftest.CallLocal(int32(j*(n+1)-(i*(n+1)+j)-1)))
				}
				code = append(code, exit)
			}
			text := o.Code(".text", code...)
			for i := range n {
				static(o, fmt.Sprint("f", i), text, uint64(8*i*(n+1)), uint64(8*(n+1)))
			}
			o.Func("prog", o.Code("xdp", callReloc, exit), 0, 16)
			o.Rel(2, 0, 1, relCall)
		},
		"one jump table for all": func(o *elftest.Object) {
			const n = 5_000
			var code []elftest.Insn
			for range n {
				code = append(code, load(1, 0, 0, 0)...)
			}
			prog := o.Code("xdp", append(code, exit)...)
			tables := o.Section(elftest.Section{Name: ".jumptables", Data: make([]byte, 8*n)})
			o.Func("prog", prog, 0, 16*n+8)
			for i := range n {
				o.Rel(prog, uint64(16*i), o.Object(fmt.Sprint("t", i), tables, uint64(8*i), uint64(8*(n-i))), relText)
			}
		},
		"relocations of one place": func(o *elftest.Object) {
			s := o.Code("xdp", mov(1), exit)
			static(o, "f", s, 0, 16)
			for range 50_000 {
				o.Rel(s, 0, 1, relCall)
			}
		},
		"labels": func(o *elftest.Object) {
			code := make([]elftest.Insn, 50_000)
			for i := range code {
				code[i] = exit
			}
			s := o.Code("xdp", code...)
			for i := range code {
				notype(o, "l", elf.STBLocal, s, uint64(8*i))
			}
		},
		"duplicate names": func(o *elftest.Object) {
			code := make([]elftest.Insn, 10_000)
			s := o.Code("xdp", code...)
			for i := range code {
				static(o, "f", s, uint64(8*i), 8)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			o := &elftest.Object{}
			build(o)
			data := o.Bytes()
			law.Memory(t, len(data), 16, func() {
				obj, err := open(data, reloc.Options{})
				if err != nil {
					checkError(t, err)
					return
				}
				for i, p := range obj.linker.Programs() {
					if i < 100 {
						obj.linker.Link(p)
					}
				}
			})
		})
	}
}

func TestTooManyPrograms(t *testing.T) {
	if testing.Short() {
		t.Skip("builds a large object")
	}
	o := &elftest.Object{}
	s := o.Code("xdp", make([]elftest.Insn, 1<<14+1)...)
	for i := range 1<<14 + 1 {
		o.Func(fmt.Sprint("f", i), s, uint64(8*i), 8)
	}
	_, err := open(o.Bytes(), reloc.Options{})
	if err == nil || !strings.HasPrefix(err.Error(), `section "xdp"+0x0: the object has more than 16384 programs`) {
		t.Fatal(err)
	}
	checkError(t, err)
}
