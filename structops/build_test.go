// SPDX-License-Identifier: MIT

package structops_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/cilium/ebpf"

	"github.com/bpfload/bpfload/elf"
	"github.com/bpfload/bpfload/internal/elftest"
	"github.com/bpfload/bpfload/internal/kernel"
	"github.com/bpfload/bpfload/rawbtf"
	"github.com/bpfload/bpfload/spec"
	"github.com/bpfload/bpfload/structops"
)

// A builder makes an object with struct_ops variables.
type builder struct {
	elftest.Object
	btf     elftest.BTF
	noBTF   bool
	code    int // section of the programs: init at 0, release at 16, both of 16 bytes
	init    int // symbols
	release int
	static  int // symbol of the section of a static function at 8
}

func newBuilder(big bool) *builder {
	b := &builder{}
	b.BigEndian = big
	b.code = b.Code("struct_ops", elftest.Ret0, elftest.Exit, elftest.Ret0, elftest.Exit)
	other := b.Code("socket", elftest.Ret0, elftest.Exit)
	b.static = b.SectionSymbol(b.code)
	b.init = b.Func("init", b.code, 0, 16)
	b.release = b.Func("release", b.code, 16, 16)
	b.Func("filter", other, 0, 16)
	return b
}

// callback is the type of a pointer to a function.
func callback(b *elftest.BTF) rawbtf.ID { return b.Ptr(b.FuncProto(0, elftest.Param{Type: b.Ptr(0)})) }

// ops is the object's struct: two callbacks, a number and a name.
func ops(b *elftest.BTF, name string, more ...elftest.Member) rawbtf.ID {
	char := b.Int("char", 1, rawbtf.IntSigned)
	return b.Struct(name, 40, append([]elftest.Member{
		{Name: "init", Type: callback(b)},
		{Name: "release", Type: callback(b), Bits: 64},
		{Name: "flags", Type: b.Int("unsigned int", 4, 0), Bits: 128},
		{Name: "name", Type: b.Array(char, 12), Bits: 160},
	}, more...)...)
}

// A variable is an instance of a struct in a section.
type variable struct {
	name string
	typ  rawbtf.ID
	at   uint64
	size uint64
}

// section adds a section with variables.
func (b *builder) section(name string, data []byte, vars ...variable) int {
	index := b.Data(name, data)
	var infos []rawbtf.VarSecinfo
	for _, v := range vars {
		b.Object.Object(v.name, index, v.at, v.size)
		infos = append(infos, rawbtf.VarSecinfo{Type: b.btf.Var(v.name, v.typ, rawbtf.LinkageGlobal), Size: uint32(v.size)})
	}
	b.btf.Datasec(name, 0, infos...)
	return index
}

func (b *builder) parse(t testing.TB) (*elf.File, *rawbtf.Spec) {
	t.Helper()
	if !b.noBTF {
		b.BTF(&b.btf)
	}
	return elftest.MustParse(t, b.Bytes())
}

// programs are those of newBuilder.
func (b *builder) programs() []*spec.Program {
	return []*spec.Program{
		{Name: "filter", Section: "socket", Type: ebpf.SocketFilter, Place: spec.Place{Section: "socket", Index: b.code + 1}},
		{Name: "release", Section: "struct_ops", Type: ebpf.StructOps, Place: spec.Place{Section: "struct_ops", Index: b.code, Offset: 16}, Autoload: true},
		{Name: "init", Section: "struct_ops", Type: ebpf.StructOps, Place: spec.Place{Section: "struct_ops", Index: b.code}, Autoload: true},
	}
}

// decode reads the object and binds its programs.
func (b *builder) decode(t testing.TB) ([]*structops.Ops, *rawbtf.Spec) {
	t.Helper()
	f, types := b.parse(t)
	all, err := structops.Decode(f, types)
	if err != nil {
		t.Fatal(err)
	}
	if err := structops.Bind(all, b.programs()); err != nil {
		t.Fatal(err)
	}
	return all, types
}

// kernelTypes are types of a kernel.
func kernelTypes(t testing.TB, f func(b *elftest.BTF), big bool) *kernel.Types {
	t.Helper()
	var b elftest.BTF
	f(&b)
	spec, err := rawbtf.Parse(b.Bytes(big), nil)
	if err != nil {
		t.Fatal(err)
	}
	return kernel.NewTypes(spec)
}

// checkError compares an error's sentinel, its place and the end of its text.
func checkError(t *testing.T, err, want error, section string, offset uint64, symbol, says string) {
	t.Helper()
	var located *elf.Error
	if !errors.Is(err, want) || !errors.As(err, &located) {
		t.Fatalf("got %v, want %v", err, want)
	}
	if located.Section != section || located.Offset != offset || located.Symbol != symbol {
		t.Errorf("%v: want section %q+%#x, symbol %q", err, section, offset, symbol)
	}
	if !strings.HasSuffix(err.Error(), says) {
		t.Errorf("got  %s\nwant %s", err, says)
	}
}

// programNamed is a program made up for a callback.
func programNamed(c structops.Callback) *spec.Program {
	return &spec.Program{Name: c.Symbol, Type: ebpf.StructOps, Place: c.Place}
}
