// SPDX-License-Identifier: MIT

package rawbtf_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/bpfload/bpfload/internal/elftest"
	"github.com/bpfload/bpfload/internal/kerneltest"
	"github.com/bpfload/bpfload/internal/sys"
	"github.com/bpfload/bpfload/rawbtf"
)

// object is BTF as clang leaves it, with something of everything that has to be
// rewritten, and the layout of the file around it.
type object struct {
	elftest.BTF
	counter, limit, secret, config, ksym, kfunc, fn, hidden, char rawbtf.ID
}

func newObject() *object {
	o := &object{}
	b := &o.BTF
	i := b.Int("int", 4, rawbtf.IntSigned)
	long := b.Int("long", 8, rawbtf.IntSigned)
	o.counter = b.Var("counter", long, rawbtf.LinkageGlobal)
	o.limit = b.Var("limit", i, rawbtf.LinkageGlobal)
	o.secret = b.Var("secret", i, rawbtf.LinkageGlobal)
	entry := func(v rawbtf.ID, size uint32) rawbtf.VarSecinfo { return rawbtf.VarSecinfo{Type: v, Size: size} }
	b.Datasec(".data", 0, entry(o.limit, 4), entry(o.counter, 8), entry(o.secret, 4))
	o.config = b.Var("CONFIG_HZ", i, rawbtf.LinkageExtern)
	b.Datasec(".kconfig", 0, entry(o.config, 4))
	o.ksym = b.Var("runqueues", b.Fwd("rq", false), rawbtf.LinkageExtern)
	proto := b.FuncProto(i, elftest.Param{Type: long})
	o.kfunc = b.Func("bpf_task_release", proto, rawbtf.LinkageExtern)
	b.Datasec(".ksyms", 0, entry(o.ksym, 0), entry(o.kfunc, 0))
	o.fn = b.Func("shared", b.FuncProto(i), rawbtf.LinkageGlobal)
	o.hidden = b.Func("own", b.FuncProto(i), rawbtf.LinkageGlobal)
	b.Enum64("big", 8, false, elftest.Enumerator{Name: "HUGE", Value: 1 << 40})
	b.Enum("signed", 4, true, elftest.Enumerator{Name: "MINUS", Value: -1})
	b.TypeTag("kptr", long)
	b.DeclTag("not a name", o.counter, -1)
	b.Float("double", 8)
	o.char = b.Int("signed char", 1, rawbtf.IntSigned|rawbtf.IntChar) // GCC's
	return o
}

func (o *object) layout() rawbtf.Layout {
	return rawbtf.Layout{
		Section: func(name string) (uint32, []rawbtf.Placed, bool) {
			if name != ".data" {
				return 0, nil, false
			}
			return 16, []rawbtf.Placed{{Var: o.counter, Offset: 0, Size: 8}, {Var: o.limit, Offset: 8, Size: 4}, {Var: o.secret, Offset: 12, Size: 4}}, true
		},
		Kconfig: []rawbtf.Placed{{Var: o.config, Offset: 0, Size: 4}},
		Hidden:  func(name string) bool { return name == "own" || name == "secret" },
	}
}

func (o *object) form(t *testing.T) *rawbtf.KernelForm {
	t.Helper()
	types, err := rawbtf.Parse(o.Bytes(false), nil)
	if err != nil {
		t.Fatal(err)
	}
	return rawbtf.NewKernelForm(types, o.layout())
}

func reread(t *testing.T, raw []byte) *rawbtf.Spec {
	t.Helper()
	types, err := rawbtf.Parse(raw, nil)
	if err != nil {
		t.Fatalf("what was written cannot be read: %v", err)
	}
	return types
}

func entries(t rawbtf.Type) []rawbtf.VarSecinfo {
	var list []rawbtf.VarSecinfo
	for i := range t.Vlen {
		list = append(list, t.VarSecinfo(i))
	}
	return list
}

func TestKernelForm(t *testing.T) {
	o := newObject()
	before := o.Bytes(false)
	raw := o.form(t).Bytes()
	types := reread(t, raw)

	data, _ := types.Datasec(".data")
	if data.SizeOrType != 16 {
		t.Errorf(".data has size %d, want 16", data.SizeOrType)
	}
	want := []rawbtf.VarSecinfo{{Type: o.counter, Offset: 0, Size: 8}, {Type: o.limit, Offset: 8, Size: 4}, {Type: o.secret, Offset: 12, Size: 4}}
	if d := cmp.Diff(want, entries(data)); d != "" {
		t.Errorf(".data (-want +got):\n%s", d)
	}
	for id, linkage := range map[rawbtf.ID]rawbtf.Linkage{
		o.counter: rawbtf.LinkageGlobal, o.secret: rawbtf.LinkageStatic, o.config: rawbtf.LinkageGlobal, o.ksym: rawbtf.LinkageGlobal,
		o.kfunc: rawbtf.LinkageGlobal, o.fn: rawbtf.LinkageGlobal, o.hidden: rawbtf.LinkageStatic,
	} {
		if got := types.Type(id); got.Linkage() != linkage {
			t.Errorf("%s has linkage %d, want %d", got.Name(), got.Linkage(), linkage)
		}
	}
	ksyms, _ := types.Datasec(".ksyms")
	if got := entries(ksyms); ksyms.SizeOrType != 8 || got[0] != (rawbtf.VarSecinfo{Type: o.ksym, Size: 4}) ||
		got[1].Offset != 4 || types.Type(got[1].Type).Kind != rawbtf.KindVar {
		t.Errorf(".ksyms is %d bytes, %v", ksyms.SizeOrType, got)
	}
	if size, ok := types.Size(o.ksym); !ok || size != 4 {
		t.Errorf("a kernel symbol has size %d, want that of an int", size)
	}
	if kconfig, _ := types.Datasec(".kconfig"); kconfig.SizeOrType != 4 {
		t.Errorf(".kconfig has size %d, want 4", kconfig.SizeOrType)
	}
	if encoding, _, bits := types.Type(o.char).Int(); encoding != rawbtf.IntSigned || bits != 8 {
		t.Errorf("signed char has encoding %d of %d bits, want %d of 8", encoding, bits, rawbtf.IntSigned)
	}
	proto := types.Type(types.Type(o.kfunc).SizeOrType)
	if name, _ := proto.Param(0); types.Name(name) == "" {
		t.Error("a parameter without a name was left as it is")
	}
	if d := cmp.Diff(before, o.Bytes(false)); d != "" {
		t.Error("the input was changed")
	}
}

// Sections with big-endian BTF are written in their own order.
func TestKernelFormBigEndian(t *testing.T) {
	o := newObject()
	types, err := rawbtf.Parse(o.Bytes(true), nil)
	if err != nil {
		t.Fatal(err)
	}
	out := reread(t, rawbtf.NewKernelForm(types, o.layout()).Bytes())
	if data, ok := out.Datasec(".data"); !ok || data.SizeOrType != 16 || !out.BigEndian() {
		t.Errorf("got .data of %d bytes", data.SizeOrType)
	}
}

// A linker may leave too small a size for a definition that ends in a flexible
// array, and no place for a variable that it lost.
func TestKernelFormWithoutSymbols(t *testing.T) {
	var b elftest.BTF
	i := b.Int("int", 4, rawbtf.IntSigned)
	v := b.Var("lost", i, rawbtf.LinkageGlobal)
	b.Datasec(".bss", 4, rawbtf.VarSecinfo{Type: v, Offset: 8, Size: 1})
	e := b.Var("elsewhere", i, rawbtf.LinkageExtern)
	b.Datasec(".extern", 0, rawbtf.VarSecinfo{Type: e})
	types := reread(t, b.Bytes(false))
	out := reread(t, rawbtf.NewKernelForm(types, rawbtf.Layout{Section: func(name string) (uint32, []rawbtf.Placed, bool) {
		return 12, nil, name == ".bss"
	}}).Bytes())
	bss, _ := out.Datasec(".bss")
	if got := bss.VarSecinfo(0); got != (rawbtf.VarSecinfo{Type: v, Offset: 8, Size: 4}) {
		t.Errorf(".bss has %v", got)
	}
	if ext, _ := out.Datasec(".extern"); ext.SizeOrType != 4 || ext.VarSecinfo(0).Size != 4 {
		t.Errorf(".extern has %d bytes, %v", ext.SizeOrType, ext.VarSecinfo(0))
	}
}

func TestSimplify(t *testing.T) {
	o := newObject()
	o.Datasec("?.struct_ops", 4, rawbtf.VarSecinfo{Type: o.limit, Size: 4})
	k := o.form(t)
	var done []string
	kinds := func() map[rawbtf.Kind]int {
		n := map[rawbtf.Kind]int{}
		for typ := range reread(t, k.Bytes()).All {
			n[typ.Kind]++
		}
		return n
	}
	gone := map[string][]rawbtf.Kind{
		"64-bit enums": {rawbtf.KindEnum64}, "type tags": {rawbtf.KindTypeTag}, "declaration tags": {rawbtf.KindDeclTag},
		"floats": {rawbtf.KindFloat}, "data sections": {rawbtf.KindDatasec}, "functions": {rawbtf.KindFunc, rawbtf.KindFuncProto},
	}
	total := 0
	for what := k.Simplify(); what != ""; what = k.Simplify() {
		name, _, _ := strings.Cut(what, " (")
		done = append(done, name)
		have := kinds()
		for _, kind := range gone[name] {
			if have[kind] > 0 {
				t.Errorf("after %s there are %d types of kind %s", what, have[kind], kind)
			}
		}
		n := 0
		for _, c := range have {
			n += c
		}
		if n < total {
			t.Errorf("after %s there are fewer types than before: ids have moved", what)
		}
		total = n
	}
	want := []string{"question marks in names of sections", "64-bit enums", "type tags", "declaration tags", "floats", "global functions", "data sections", "functions"}
	if d := cmp.Diff(want, done); d != "" {
		t.Errorf("steps (-want +got):\n%s", d)
	}
}

// The running kernel takes the BTF once all that it is too old for was simplified,
// and after every step that follows.
func TestKernelAcceptsForm(t *testing.T) {
	kerneltest.Root(t, "loading BTF")
	k := newObject().form(t)
	version := regexp.MustCompile(`\(Linux (\d+\.\d+)\)$`)
	var missing []string // what this kernel is too old for
	for p := newObject().form(t); ; {
		what := p.Simplify()
		if what == "" {
			break
		}
		if m := version.FindStringSubmatch(what); m == nil {
			t.Errorf("%q names no Linux", what)
		} else if !kerneltest.Has(t, m[1]) {
			missing = append(missing, what)
		}
	}
	for step, what := 0, "nothing"; what != ""; step, what = step+1, k.Simplify() {
		raw := k.Bytes()
		log := make([]byte, 1<<16)
		fd, err := sys.Host{}.BPF(&sys.BTFLoad{BTF: sys.Bytes(raw), BTFSize: uint32(len(raw)), BTFLogBuf: sys.Bytes(log), BTFLogSize: uint32(len(log)), BTFLogLevel: 1})
		if err == nil {
			sys.Host{}.Close(fd)
		}
		if step < len(missing) {
			if err == nil {
				t.Errorf("after simplifying %s the kernel takes what it should not know: %s", what, missing[step])
			}
			continue
		}
		if err != nil {
			t.Errorf("after simplifying %s: %v\n%s", what, err, strings.TrimRight(string(log), "\x00"))
		}
	}
}
