// SPDX-License-Identifier: MIT

package hostile

import (
	"strings"

	"github.com/bpfload/bpfload/internal/elftest"
	"github.com/bpfload/bpfload/rawbtf"
)

// lines are records of .BTF.ext that lie about their sizes, counts and places.
var lines = []Object{
	{Name: "ext header of 4 GiB", Build: ext(nil, func(p patched) { p.put32(4, 0xffffffff) })},
	{Name: "ext records outside", Build: ext(nil, func(p patched) { p.put32(8, 0xfffffff0) })},
	{Name: "ext records of no bytes", Build: ext(nil, func(p patched) { p.put32(32, 0) })},
	{Name: "ext records of 4 GiB", Build: ext(nil, func(p patched) { p.put32(32, 0xfffffff8) })},
	{Name: "2^32 func infos", Build: ext(nil, func(p patched) { p.put32(40, 0xffffffff) })},
	{Name: "func info of a section that is not there", Build: ext(nil, func(p patched) { p.put32(36, 1<<30) })},
	{Name: "func info of no function", Build: ext(func(b *elftest.BTF, e *elftest.Ext) {
		e.Funcs[0].Records = [][]uint32{elftest.FuncInfo(0, 1<<30), elftest.FuncInfo(8, 0)}
	}, nil)},
	{Name: "a million lines of one instruction", Build: ext(func(b *elftest.BTF, e *elftest.Ext) {
		line := elftest.LineInfo(b, 0, "a.c", "x", 1, 1)
		e.Lines = []elftest.ExtSection{{Name: "xdp", Records: make([][]uint32, million)}}
		for i := range e.Lines[0].Records {
			e.Lines[0].Records[i] = line
		}
	}, nil)},
	{Name: "lines backwards", Build: ext(func(b *elftest.BTF, e *elftest.Ext) {
		e.Lines = []elftest.ExtSection{{Name: "xdp"}}
		for i := range uint32(200_000) {
			e.Lines[0].Records = append(e.Lines[0].Records, elftest.LineInfo(b, 8*(200_000-i), "a.c", "x", i, 1))
		}
	}, nil)},
	{Name: "60000 lists of lines for one section", Build: ext(func(b *elftest.BTF, e *elftest.Ext) {
		for range 60000 {
			e.Lines = append(e.Lines, elftest.ExtSection{Name: "xdp", Records: [][]uint32{elftest.LineInfo(b, 0, "a.c", "x", 1, 1)}})
		}
	}, nil)},
	{Name: "a relocation with an access of a megabyte", Build: ext(func(b *elftest.BTF, e *elftest.Ext) {
		e.Relos = []elftest.ExtSection{{Name: "xdp", Records: [][]uint32{elftest.CoreRelo(b, 0, 1, strings.Repeat("0:", 1<<19)+"0", 0)}}}
	}, nil)},
	{Name: "CO-RE relocations of no type, kind and instruction", Build: ext(func(b *elftest.BTF, e *elftest.Ext) {
		e.Relos = []elftest.ExtSection{{Name: "xdp", Records: [][]uint32{
			elftest.CoreRelo(b, 0, 1<<30, "0", 0), elftest.CoreRelo(b, 1<<31, 1, "0", 1<<31), elftest.CoreRelo(b, 3, 1, "x", 99)}}}
	}, nil)},
}

// ext is an object of one program with a func info; records adds to it, and patch
// writes over the bytes of .BTF.ext.
func ext(records func(b *elftest.BTF, e *elftest.Ext), patch func(p patched)) func() []byte {
	return func() []byte {
		o := &elftest.Object{}
		program(o)
		b := &elftest.BTF{}
		f := b.Func("main", b.FuncProto(b.Int("int", 4, rawbtf.IntSigned)), rawbtf.LinkageGlobal)
		e := &elftest.Ext{Funcs: []elftest.ExtSection{{Name: "xdp", Records: [][]uint32{elftest.FuncInfo(0, uint32(f))}}}}
		if records != nil {
			records(b, e)
		}
		data := e.Bytes(b, false)
		if patch != nil {
			patch(data)
		}
		o.Section(elftest.Section{Name: ".BTF.ext", Data: data})
		o.BTF(b)
		return o.Bytes()
	}
}
