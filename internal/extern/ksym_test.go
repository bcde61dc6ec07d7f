// SPDX-License-Identifier: MIT

package extern_test

import (
	"fmt"
	"io/fs"
	"maps"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/bpfload/bpfload/internal/elftest"
	"github.com/bpfload/bpfload/internal/extern"
	"github.com/bpfload/bpfload/internal/kernel"
	"github.com/bpfload/bpfload/rawbtf"
	"github.com/bpfload/bpfload/reloc"
)

const kallsyms = `ffffffff81000000 T _stext
ffffffff81000010 t twice
ffffffff81000020 t twice
ffffffff82000000 d jiffies.llvm.1234
`

func withSymbols(files map[string]string, text string) *kernel.Kernel {
	files = maps.Clone(files)
	if files == nil {
		files = map[string]string{}
	}
	files["proc/kallsyms"] = text
	return recorded(files)
}

// declared makes an object's declarations: each extern as its own type says.
type declared struct{ elftest.BTF }

func (d *declared) typeless(name string) reloc.Extern {
	return reloc.Extern{Name: name, Kind: reloc.ExternTypeless, ID: d.Var(name, d.Const(0), rawbtf.LinkageExtern)}
}

func (d *declared) variable(name string, typ rawbtf.ID) reloc.Extern {
	return reloc.Extern{Name: name, Kind: reloc.ExternTyped, ID: d.Var(name, d.Const(typ), rawbtf.LinkageExtern)}
}

func (d *declared) function(name string, result rawbtf.ID, params ...rawbtf.ID) reloc.Extern {
	var p []elftest.Param
	for _, id := range params {
		p = append(p, elftest.Param{Name: "p", Type: id})
	}
	return reloc.Extern{Name: name, Kind: reloc.ExternFunction, ID: d.Func(name, d.FuncProto(result, p...), rawbtf.LinkageExtern)}
}

func weak(e reloc.Extern) reloc.Extern {
	e.Weak = true
	return e
}

func TestKsyms(t *testing.T) {
	var d declared
	i := d.Int("int", 4, rawbtf.IntSigned)
	u64 := d.Int("u64", 8, 0)
	task := d.Ptr(d.Struct("task_struct___mine", 4))
	rq := d.Fwd("rq", false)
	types := parse(t, vmlinux().Bytes(false))
	id := func(kind rawbtf.Kind, name string) rawbtf.ID {
		typ, ok := types.Find(kind, name)
		if !ok {
			t.Fatalf("no %s", name)
		}
		return typ.ID
	}
	first := types.NumTypes() // of a module
	const otherTypes = "the kernel's function takes or returns other types: struct task_struct * (int), the object declares "
	for name, tc := range map[string]struct {
		e    reloc.Extern
		want extern.Symbol
		err  error
		says string
	}{
		"address":                    {d.typeless("_stext"), extern.Symbol{Address: 0xffffffff81000000}, nil, ""},
		"address, renamed by LTO":    {d.typeless("jiffies"), extern.Symbol{Address: 0xffffffff82000000}, nil, ""},
		"address missing":            {d.typeless("_stex"), extern.Symbol{}, extern.ErrMissing, `the kernel has no symbol of this name; the nearest name is "_stext": declare it __weak if it may be absent`},
		"address missing, weak":      {weak(d.typeless("absent")), extern.Symbol{Missing: true}, nil, ""},
		"address ambiguous":          {weak(d.typeless("twice")), extern.Symbol{}, extern.ErrAmbiguous, "the kernel has symbols of this name at 0xffffffff81000010 and 0xffffffff81000020"},
		"variable":                   {d.variable("bpf_prog_active", u64), extern.Symbol{ID: id(rawbtf.KindVar, "bpf_prog_active")}, nil, ""},
		"variable of a module":       {d.variable("tun_open_count", i), extern.Symbol{ID: first + 3, Module: "tun"}, nil, ""},
		"variable of another kind":   {d.variable("bpf_prog_active", task), extern.Symbol{}, extern.ErrIncompatible, `the object declares ptr "", the kernel has int "int"`},
		"variable of other, weak":    {weak(d.variable("runqueues", rq)), extern.Symbol{}, extern.ErrIncompatible, `the object declares fwd "rq", the kernel has struct "rq"`},
		"variable missing":           {d.variable("runqueue", i), extern.Symbol{}, extern.ErrMissing, `neither the kernel nor a module has a variable of this name; the nearest name is "runqueues": declare it __weak if it may be absent`},
		"variable missing, weak":     {weak(d.variable("absent", i)), extern.Symbol{Missing: true}, nil, ""},
		"function":                   {d.function("bpf_task_from_pid", task, u64), extern.Symbol{ID: id(rawbtf.KindFunc, "bpf_task_from_pid")}, nil, ""},
		"function by a flavour":      {d.function("bpf_task_from_pid___new", task, i), extern.Symbol{ID: id(rawbtf.KindFunc, "bpf_task_from_pid")}, nil, ""},
		"function of a module":       {d.function("tunnel_open", task, i), extern.Symbol{ID: first, Module: "tunnel"}, nil, ""},
		"function, the kernel first": {d.function("shared", task, i), extern.Symbol{ID: id(rawbtf.KindFunc, "shared")}, nil, ""},
		"function of other types":    {d.function("shared", i), extern.Symbol{}, extern.ErrIncompatible, otherTypes + "int (void)"},
		"function of other, weak":    {weak(d.function("shared", i)), extern.Symbol{Missing: true}, nil, ""},
		"function missing":           {d.function("bpf_task_form_pid___x", i), extern.Symbol{}, extern.ErrMissing, `neither the kernel nor a module has a function of this name; the nearest name is "bpf_task_from_pid": declare it __weak if it may be absent`},
		"function missing, weak":     {weak(d.function("absent", i)), extern.Symbol{Missing: true}, nil, ""},
		"something else":             {reloc.Extern{Name: "CONFIG_HZ", Kind: reloc.ExternKconfig}, extern.Symbol{}, nil, ""},
		"types with an escape": {d.function("shared", d.Union("u\x1b[0m", 4), d.Enum("e", 4, false), d.Enum64("f", 8, false), d.Ptr(d.Ptr(d.Const(0))), d.Fwd("g", true), d.Fwd("h", false), d.Array(i, 2), d.Ptr(d.FuncProto(0))),
			extern.Symbol{}, extern.ErrIncompatible, otherTypes + "union u?[0m (enum e, enum f, void **, union g, struct h, array, function *)"},
		"variable arguments": {d.function("printf_like", i), extern.Symbol{}, extern.ErrIncompatible,
			"the kernel's function takes or returns other types: void (int *, ...), the object declares int (void)"},
	} {
		t.Run(name, func(t *testing.T) {
			k := withSymbols(modules(), kallsyms)
			got, warnings, err := extern.Ksyms(parse(t, d.Bytes(false)), []reloc.Extern{tc.e}, k)
			checkError(t, err, tc.err, ".ksyms", tc.e.Name, tc.says)
			if tc.err != nil {
				return
			}
			if diff := cmp.Diff([]extern.Symbol{tc.want}, got); diff != "" {
				t.Error(diff)
			}
			if said := len(warnings) == 1 && warnings[0].Code == "ksym-incompatible" && strings.HasSuffix(warnings[0].Message, otherTypes+"int (void)"); said != (name == "function of other, weak") || !said && len(warnings) > 0 {
				t.Errorf("warnings %v", warnings)
			}
		})
	}
}

func TestKsymsTogether(t *testing.T) {
	var d declared
	i := d.Int("int", 4, rawbtf.IntSigned)
	task := d.Ptr(d.Struct("task_struct", 4))
	externs := []reloc.Extern{
		d.function("tun_open", task, i), d.typeless("_stext"), d.variable("bpf_prog_active", i),
		weak(d.typeless("absent")), d.function("bpf_task_from_pid", task, i),
	}
	got, _, err := extern.Ksyms(parse(t, d.Bytes(false)), externs, withSymbols(modules(), kallsyms))
	if err != nil {
		t.Fatal(err)
	}
	var text []string
	for _, s := range got {
		text = append(text, fmt.Sprintf("%s %t %t %t", s.Module, s.Missing, s.Address != 0, s.ID != 0))
	}
	want := []string{"tun false false true", " false true false", " false false true", " true false false", " false false true"}
	if diff := cmp.Diff(want, text); diff != "" {
		t.Error(diff)
	}
}

func TestKsymsWithoutKernel(t *testing.T) {
	var d declared
	i := d.Int("int", 4, rawbtf.IntSigned)
	object := parse(t, d.Bytes(false))
	address, variable, function := d.typeless("_stext"), d.variable("bpf_prog_active", i), d.function("shared", i)
	object = parse(t, d.Bytes(false))
	hidden := "0000000000000000 T _stext\n"
	for name, tc := range map[string]struct {
		k   *kernel.Kernel
		e   reloc.Extern
		err error
	}{
		"symbols unreadable":  {recorded(nil), address, fs.ErrNotExist},
		"symbols hidden":      {withSymbols(nil, hidden), address, kernel.ErrHidden},
		"variable, no BTF":    {recorded(nil), variable, kernel.ErrNoBTF},
		"function, no BTF":    {recorded(nil), function, kernel.ErrNoBTF},
		"function, no access": {kernel.New(kernel.Source{FS: failing{}}), weak(function), fs.ErrPermission},
	} {
		t.Run(name, func(t *testing.T) {
			_, _, err := extern.Ksyms(object, []reloc.Extern{tc.e}, tc.k)
			checkError(t, err, tc.err, ".ksyms", tc.e.Name, errText(err))
		})
	}
	// Nothing that may be missing needs them.
	for _, k := range []*kernel.Kernel{recorded(nil), withSymbols(nil, hidden)} {
		got, warnings, err := extern.Ksyms(object, []reloc.Extern{weak(address), weak(variable), weak(function)}, k)
		if err != nil || len(warnings) != 1 || warnings[0].Code != "ksym-unreadable" {
			t.Fatalf("%v, %v", warnings, err)
		}
		for _, s := range got {
			if !s.Missing {
				t.Errorf("found %+v", s)
			}
		}
	}
}
