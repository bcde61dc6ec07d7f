// SPDX-License-Identifier: MIT

package kernel_test

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/bpfload/bpfload/elf"
	"github.com/bpfload/bpfload/internal/elftest"
	"github.com/bpfload/bpfload/internal/kernel"
	"github.com/bpfload/bpfload/rawbtf"
)

var (
	structs = rawbtf.Kinds(rawbtf.KindStruct)
	funcs   = rawbtf.Kinds(rawbtf.KindFunc)
)

// vmlinux returns the types of a small kernel.
func vmlinux() *elftest.BTF {
	b := &elftest.BTF{}
	i := b.Int("int", 4, rawbtf.IntSigned)
	b.Struct("task", 4, elftest.Member{Name: "pid", Type: i})
	b.Struct("task___2", 8)
	b.Union("task", 4)
	proto := b.FuncProto(i)
	b.Func("do_it", proto, rawbtf.LinkageStatic)
	b.Func("__x64_sys_bpf", proto, rawbtf.LinkageStatic)
	b.Func("shared", proto, rawbtf.LinkageStatic)
	b.Enum("bpf_func_id", 4, false, elftest.Enumerator{Name: "BPF_FUNC_unspec"}, elftest.Enumerator{Name: "BPF_FUNC_get_attach_cookie", Value: 174})
	return b
}

// module returns the types of a module: struct NAME_s and functions.
func module(base *elftest.BTF, name string, functions ...string) []byte {
	b := &elftest.BTF{FirstID: base.NextID()}
	b.Struct(name+"_s", 4)
	b.Struct("both", 4)
	for _, f := range functions {
		b.Func(f, 1, rawbtf.LinkageStatic)
	}
	return split(b, base)
}

// split moves the names of b, which counts them from 0, behind those of base.
func split(b, base *elftest.BTF) []byte {
	data := b.Bytes(false)
	order := binary.LittleEndian
	strings := order.Uint32(base.Bytes(false)[20:])
	for off := 24; off < 24+int(order.Uint32(data[12:])); {
		if name := order.Uint32(data[off:]); name != 0 {
			order.PutUint32(data[off:], name+strings)
		}
		off += 12
	}
	return data
}

// twoModules is a kernel with two modules and a file that is no BTF.
func twoModules() *kernel.Kernel {
	base := vmlinux()
	return recorded(map[string]string{
		"sys/kernel/btf/vmlinux": string(base.Bytes(false)),
		"sys/kernel/btf/alpha":   string(module(base, "alpha", "in_alpha", "shared")),
		"sys/kernel/btf/beta":    string(module(base, "beta", "in_beta", "in_alpha")),
		"sys/kernel/btf/broken":  "no BTF",
	})
}

func typesOf(t testing.TB, k *kernel.Kernel) *kernel.Types {
	t.Helper()
	types, err := k.Types()
	if err != nil {
		t.Fatal(err)
	}
	return types
}

func describe(types *kernel.Types, found []rawbtf.Type) []string {
	var out []string
	for _, f := range found {
		out = append(out, fmt.Sprintf("%s %s %s", f.Kind, f.Name(), types.ModuleOf(f)))
	}
	return out
}

func TestFind(t *testing.T) {
	for name, tc := range map[string]struct {
		kinds rawbtf.KindSet
		name  string
		want  []string
	}{
		"flavours":       {structs, "task", []string{"struct task ", "struct task___2 "}},
		"by a flavour":   {structs, "task___x", []string{"struct task ", "struct task___2 "}},
		"another kind":   {rawbtf.Kinds(rawbtf.KindUnion), "task", []string{"union task "}},
		"several kinds":  {structs | rawbtf.Kinds(rawbtf.KindUnion), "task", []string{"struct task ", "struct task___2 ", "union task "}},
		"one module":     {structs, "beta_s", []string{"struct beta_s beta"}},
		"all modules":    {structs, "both", []string{"struct both alpha", "struct both beta"}},
		"kernel first":   {funcs, "shared", []string{"func shared "}},
		"nowhere":        {structs, "absent", nil},
		"no name at all": {structs, "", nil},
	} {
		t.Run(name, func(t *testing.T) {
			for _, warm := range []bool{false, true} {
				types := typesOf(t, twoModules())
				if warm {
					types.Want(funcs, tc.name) // as another kind
					types.Want(structs, "absent")
					if _, err := types.Find(funcs, "do_it"); err != nil {
						t.Fatal(err)
					}
				}
				for range 2 {
					found, err := types.Find(tc.kinds, tc.name)
					if err != nil {
						t.Fatal(err)
					}
					if diff := cmp.Diff(tc.want, describe(types, found)); diff != "" {
						t.Errorf("warm %t: %s", warm, diff)
					}
				}
			}
		})
	}
}

func TestExact(t *testing.T) {
	types := typesOf(t, twoModules())
	for name, tc := range map[string]struct {
		kind   rawbtf.Kind
		name   string
		module string
		ok     bool
	}{
		"kernel":      {rawbtf.KindFunc, "do_it", "", true},
		"flavour":     {rawbtf.KindStruct, "task___2", "", true},
		"no flavour":  {rawbtf.KindStruct, "task___3", "", false},
		"first of":    {rawbtf.KindFunc, "in_alpha", "alpha", true},
		"module":      {rawbtf.KindFunc, "in_beta", "beta", true},
		"nowhere":     {rawbtf.KindFunc, "absent", "", false},
		"other kind":  {rawbtf.KindVar, "do_it", "", false},
		"again known": {rawbtf.KindFunc, "in_beta", "beta", true},
	} {
		typ, module, ok := types.Exact(tc.kind, tc.name)
		if ok != tc.ok || module != tc.module || ok && typ.Name() != tc.name {
			t.Errorf("%s: got %s in %q, %t", name, typ.Kind, module, ok)
		}
	}
	for name, tc := range map[string]struct {
		module, name string
		ok           bool
	}{
		"kernel":           {"vmlinux", "do_it", true},
		"module":           {"beta", "in_alpha", true},
		"another module":   {"alpha", "in_beta", false},
		"kernel's, module": {"alpha", "do_it", false},
		"prefix of module": {"alph", "in_alpha", false},
		"no such module":   {"gamma", "in_alpha", false},
	} {
		if typ, ok := types.ExactIn(tc.module, rawbtf.KindFunc, tc.name); ok != tc.ok || ok && typ.Name() != tc.name {
			t.Errorf("%s: %t", name, ok)
		}
	}
}

func TestModules(t *testing.T) {
	types := typesOf(t, twoModules())
	if _, err := types.Find(structs, "task"); err != nil || types.Warnings() != nil {
		t.Errorf("modules were read for something that the kernel has: %v, %v", err, types.Warnings())
	}
	for name, want := range map[string]bool{"vmlinux": true, "alpha": true, "broken": false, "alp": false} {
		if got := types.HasModule(name); got != want {
			t.Errorf("module %s: %t", name, got)
		}
	}
	if got := slices.Collect(types.ModuleNames); !slices.Equal(got, []string{"alpha", "beta"}) {
		t.Errorf("modules %q", got)
	}
	if w := types.Warnings(); len(w) != 1 || !errors.Is(w[0], elf.ErrMalformed) {
		t.Errorf("warnings %v", w)
	}
	for range types.ModuleNames {
		break
	}
}

func TestModulesUnreadable(t *testing.T) {
	base := vmlinux().Bytes(false)
	k := kernel.New(kernel.Source{FS: noDirectories{fileSystem(map[string]string{"sys/kernel/btf/vmlinux": string(base)})}})
	types := typesOf(t, k)
	if found, err := types.Find(structs, "absent"); found != nil || err != nil {
		t.Errorf("got %v, %v", found, err)
	}
	if w := types.Warnings(); len(w) != 1 || !errors.Is(w[0], fs.ErrPermission) {
		t.Errorf("warnings %v", w)
	}
}

// noDirectories is a file system that lists nothing.
type noDirectories struct{ fs.FS }

func (noDirectories) ReadDir(string) ([]fs.DirEntry, error) { return nil, fs.ErrPermission }

func TestNames(t *testing.T) {
	types := typesOf(t, twoModules())
	collect := func(kinds rawbtf.KindSet) (names []string) {
		types.Names(kinds, func(n string) bool { names = append(names, n); return true })
		return names
	}
	if diff := cmp.Diff([]string{"task", "task___2"}, collect(structs)); diff != "" {
		t.Error(diff)
	}
	types.HasModule("alpha") // reads the modules
	if diff := cmp.Diff([]string{"do_it", "__x64_sys_bpf", "shared", "in_alpha", "shared", "in_beta", "in_alpha"}, collect(funcs)); diff != "" {
		t.Error(diff)
	}
	var names []string
	types.NamesIn("beta", funcs, func(n string) bool { names = append(names, n); return len(names) < 2 })
	types.NamesIn("gamma", funcs, func(n string) bool { names = append(names, n); return true })
	types.NamesIn("vmlinux", structs, func(n string) bool { names = append(names, n); return false })
	types.Names(structs, func(n string) bool { names = append(names, n); return false })
	if diff := cmp.Diff([]string{"in_beta", "in_alpha", "task", "task"}, names); diff != "" {
		t.Error(diff)
	}
}

func TestConcurrentFinds(t *testing.T) {
	types := typesOf(t, twoModules())
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			for _, name := range []string{"task", "both", "absent", fmt.Sprint("n", i)} {
				types.Want(structs, name)
				if _, err := types.Find(structs, name); err != nil {
					t.Error(err)
				}
				types.Exact(rawbtf.KindFunc, name)
				types.HasModule(name)
			}
		})
	}
	wg.Wait()
}
