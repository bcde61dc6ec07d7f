// SPDX-License-Identifier: MIT

package hostile

import (
	"strings"

	"github.com/bpfload/bpfload/elf"
	"github.com/bpfload/bpfload/internal/elftest"
	"github.com/bpfload/bpfload/rawbtf"
)

// Evil is a name that clears the screen, sets the title of the terminal, forges a
// line, turns the direction of writing round, closes the quotes and markup of
// whatever it is put into, and is no UTF-8.
const Evil = "e\x1b[2J\x1b]0;owned\a\r\nbpfload: forged\u009b31m\u202e\u2028\x7f\x80\xff\"]--><b>|`$(x)\\"

// names are taken from the file into whatever is printed.
var names = []Object{
	{Name: "evil program", Build: named(Evil, "xdp")},
	{Name: "evil section", Build: named("main", "xdp/"+Evil)},
	{Name: "evil section of no type", Build: named("main", Evil)},
	{Name: "evil map", Build: func() []byte { return evilMap(Evil, "type", "") }},
	{Name: "evil map field", Want: "not a field of map definition", Build: func() []byte { return evilMap("m", Evil, "") }},
	{Name: "evil type", Want: "the size of an incomplete type", Build: func() []byte { return evilMap("m", "type", Evil) }},
	{Name: "evil legacy map", Build: evilRecord("maps", 20)},
	{Name: "evil legacy map of an odd size", Want: "3 bytes are no map record", Build: evilRecord("maps", 3)},
	{Name: "evil legacy map section", Build: evilRecord("maps/"+Evil, 28)},
	{Name: "evil variable", Build: func() []byte {
		o := &elftest.Object{}
		program(o)
		b := &elftest.BTF{}
		v := b.Var(Evil, b.Struct(Evil, 4, elftest.Member{Name: Evil, Type: b.Int(Evil, 4, 0)}), rawbtf.LinkageGlobal)
		b.Datasec(".data."+Evil, 0, rawbtf.VarSecinfo{Type: v, Size: 4})
		o.Object(Evil, o.Data(".data."+Evil, make([]byte, 4)), 0, 4)
		o.BTF(b)
		return o.Bytes()
	}},
	{Name: "evil license", Build: func() []byte {
		o := &elftest.Object{}
		s := o.Code("xdp", elftest.Ret0, elftest.Exit)
		o.Func("main", s, 0, 16)
		o.License(Evil)
		return o.Bytes()
	}},
	{Name: "evil extern", Build: evilCall(func(o *elftest.Object) int { return o.Extern(Evil, elf.STBGlobal) })},
	{Name: "evil function that calls itself", Build: func() []byte {
		o := &elftest.Object{}
		text := o.Code(".text", elftest.CallLocal(-1), elftest.Exit)
		function(o, Evil, text, 0, 2)
		xdp := o.Code("xdp", elftest.CallLocal(-1), elftest.Exit)
		function(o, "main", xdp, 0, 2)
		o.Rel(xdp, 0, o.SectionSymbol(text), relCall)
		return o.Bytes()
	}},
	{Name: "evil relocation", Build: evilCall(func(o *elftest.Object) int {
		return o.Object(Evil, o.Data(Evil, make([]byte, 8)), 0, 8)
	})},
	{Name: "evil file and line", Build: ext(func(b *elftest.BTF, e *elftest.Ext) {
		e.Lines = []elftest.ExtSection{{Name: "xdp", Records: [][]uint32{elftest.LineInfo(b, 0, Evil, Evil, 1, 1)}}}
		e.Relos = []elftest.ExtSection{{Name: "xdp", Records: [][]uint32{elftest.CoreRelo(b, 0, uint32(b.Struct(Evil, 4)), Evil, 0)}}}
	}, nil)},
	{Name: "evil struct_ops", Want: ": member", Build: func() []byte {
		o := &elftest.Object{}
		program(o)
		b := &elftest.BTF{}
		s := b.Struct(Evil, 8, elftest.Member{Name: Evil, Type: b.Ptr(b.FuncProto(b.Int("int", 4, 0)))})
		b.Datasec(".struct_ops", 0, rawbtf.VarSecinfo{Type: b.Var(Evil, s, rawbtf.LinkageGlobal), Size: 8})
		maps := o.Data(".struct_ops", make([]byte, 8))
		o.Object(Evil, maps, 0, 8)
		o.Rel(maps, 0, o.Extern(Evil, elf.STBGlobal), relAbs64)
		o.BTF(b)
		return o.Bytes()
	}},
	{Name: "a name of a megabyte", Build: named(strings.Repeat("n", 1<<20), "xdp")},
	{Name: "no names", Build: named("", "")},
}

// named is an object of one program, so named, in a section so named.
func named(program, section string) func() []byte {
	return func() []byte {
		o := &elftest.Object{}
		s := o.Code(section, elftest.Ret0, elftest.Exit)
		o.Func(program, s, 0, 16)
		return o.Bytes()
	}
}

// evilMap is a hash map with names of the caller's choice.
func evilMap(name, field, typ string) []byte {
	o := &elftest.Object{}
	program(o)
	b := &elftest.BTF{}
	k := b.Int("int", 4, 0)
	if typ != "" {
		k = b.Fwd(typ, false)
	}
	members := hash(b, k)
	members[0].Name = field
	v := definition(b, name, 32, members...)
	b.Datasec(".maps", 32, rawbtf.VarSecinfo{Type: v, Size: 32})
	o.Object(name, o.Data(".maps", make([]byte, 32)), 0, 32)
	o.BTF(b)
	return o.Bytes()
}

// evilRecord is a legacy map in a section.
func evilRecord(section string, size uint64) func() []byte {
	return func() []byte {
		o := &elftest.Object{}
		program(o)
		s := o.Data(section, o.Words(2, 4, 4, 1, 0, 0, 0)[:size])
		o.Object(Evil, s, 0, size)
		return o.Bytes()
	}
}

// evilCall is a program with a call relocated against a symbol that a function
// makes.
func evilCall(symbol func(o *elftest.Object) int) func() []byte {
	return func() []byte {
		o := &elftest.Object{}
		s := o.Code("xdp", elftest.CallLocal(-1), elftest.Exit)
		function(o, "main", s, 0, 2)
		o.Rel(s, 0, symbol(o), relCall)
		return o.Bytes()
	}
}
