// SPDX-License-Identifier: MIT

package elftest_test

import (
	"bytes"
	debugelf "debug/elf"
	"fmt"
	"testing"

	"github.com/cilium/ebpf/btf"
	"github.com/google/go-cmp/cmp"

	"github.com/bpfload/bpfload/elf"
	"github.com/bpfload/bpfload/internal/elftest"
	"github.com/bpfload/bpfload/rawbtf"
)

// build makes an object with something of everything.
func build(bigEndian bool) []byte {
	o := &elftest.Object{BigEndian: bigEndian}
	b := &elftest.BTF{}
	i := b.Int("int", 4, rawbtf.IntSigned)
	proto := b.FuncProto(i, elftest.Param{Name: "ctx", Type: b.Ptr(0)})
	fn := b.Func("drop", proto, rawbtf.LinkageGlobal)
	def := b.Struct("", 8, elftest.Member{Name: "type", Type: b.Uint(2)})
	v := b.Var("hits", def, rawbtf.LinkageGlobal)
	b.Datasec(".maps", 0, rawbtf.VarSecinfo{Type: v, Size: 8})
	code := o.Code("xdp", append(elftest.LoadImm64(1, 0, 0, 0), elftest.Ret0, elftest.Exit)...)
	maps := o.Data(".maps", make([]byte, 8))
	o.License("GPL")
	o.Ext(&elftest.Ext{
		Funcs: []elftest.ExtSection{{Name: "xdp", Records: [][]uint32{elftest.FuncInfo(0, fn)}}},
		Lines: []elftest.ExtSection{{Name: "xdp", Records: [][]uint32{elftest.LineInfo(b, 0, "a.c", "return 0;", 3, 7)}}},
		Relos: []elftest.ExtSection{{Name: "xdp", Records: [][]uint32{elftest.CoreRelo(b, 0, def, "0:0", 0)}}},
	}, b)
	o.BTF(b)
	o.SectionSymbol(code)
	o.Func("drop", code, 0, 32)
	m := o.Object("hits", maps, 0, 8)
	o.Rel(code, 0, m, 1)
	return o.Bytes()
}

func Example() {
	o := &elftest.Object{}
	code := o.Code("socket", elftest.Ret0, elftest.Exit)
	o.Func("reject", code, 0, 16)
	f, err := elf.Parse(o.Bytes())
	if err != nil {
		panic(err)
	}
	s := f.Symbol(1)
	fmt.Println(s.Name, f.Section(s.Section).Name, s.Size)
	// Output: reject socket 16
}

func TestReadByStandardLibrary(t *testing.T) {
	for _, big := range []bool{false, true} {
		f, err := debugelf.NewFile(bytes.NewReader(build(big)))
		if err != nil {
			t.Fatal(err)
		}
		var names []string
		for _, s := range f.Sections {
			names = append(names, s.Name)
		}
		want := []string{"", "xdp", ".maps", "license", ".BTF.ext", ".BTF", ".relxdp", ".symtab", ".strtab", ".shstrtab"}
		if diff := cmp.Diff(want, names); diff != "" {
			t.Errorf("big endian %t: sections: %s", big, diff)
		}
		syms, err := f.Symbols()
		if err != nil || len(syms) != 3 {
			t.Fatalf("big endian %t: %d symbols, %v", big, len(syms), err)
		}
		if s := syms[2]; s.Name != "hits" || s.Section != 2 || s.Size != 8 || s.Info != 0x11 {
			t.Errorf("big endian %t: symbol %+v", big, s)
		}
	}
}

func TestReadByCiliumEBPF(t *testing.T) {
	for _, big := range []bool{false, true} {
		spec, ext, err := btf.LoadSpecAndExtInfosFromReader(bytes.NewReader(build(big)))
		if err != nil {
			t.Fatalf("big endian %t: %v", big, err)
		}
		var fn *btf.Func
		if err := spec.TypeByName("drop", &fn); err != nil {
			t.Errorf("big endian %t: %v", big, err)
		}
		if ext == nil {
			t.Errorf("big endian %t: no ext infos", big)
		}
	}
}

func TestReadByThisProject(t *testing.T) {
	for _, big := range []bool{false, true} {
		f, err := elf.Parse(build(big))
		if err != nil {
			t.Fatal(err)
		}
		s, _ := f.SectionNamed(".BTF")
		types, err := rawbtf.Parse(s.Data, nil)
		if err != nil {
			t.Fatal(err)
		}
		s, _ = f.SectionNamed(".BTF.ext")
		ext, err := rawbtf.ParseExt(s.Data, types)
		if err != nil {
			t.Fatal(err)
		}
		if got := types.Name(ext.Lines[0].Word(0, 2)); got != "return 0;" {
			t.Errorf("big endian %t: source line %q", big, got)
		}
		if got := types.Type(ext.Funcs[0].Word(0, 1)).Name(); got != "drop" {
			t.Errorf("big endian %t: func info of %q", big, got)
		}
		if got := types.Name(ext.Relos[0].Word(0, 2)); got != "0:0" {
			t.Errorf("big endian %t: access string %q", big, got)
		}
	}
}
