// SPDX-License-Identifier: MIT

package kernel_test

import (
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/cilium/ebpf/btf"

	"github.com/bpfload/bpfload/internal/kernel"
	"github.com/bpfload/bpfload/rawbtf"
)

// needsBTF skips a test on kernels without types.
func needsBTF(t testing.TB) *kernel.Types {
	t.Helper()
	types, err := kernel.Running().Types()
	if errors.Is(err, kernel.ErrNoBTF) {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	return types
}

// The ids that we find are those that cilium/ebpf finds.
func TestRunningTypes(t *testing.T) {
	types := needsBTF(t)
	spec, err := btf.LoadKernelSpec()
	if err != nil {
		t.Fatal(err)
	}
	for kind, names := range map[rawbtf.Kind][]string{
		rawbtf.KindStruct:  {"task_struct", "sk_buff", "file", "list_head"},
		rawbtf.KindFunc:    {"bpf_prog_put", "vfs_read"},
		rawbtf.KindTypedef: {"u8", "size_t", "atomic_t"},
	} {
		for _, name := range names {
			found, err := types.Find(rawbtf.Kinds(kind), name)
			if err != nil || len(found) == 0 {
				t.Errorf("%s %s: %v", kind, name, err)
				continue
			}
			theirs, err := spec.AnyTypesByName(name)
			if err != nil {
				t.Fatal(err)
			}
			same := false
			for _, typ := range theirs {
				id, err := spec.TypeID(typ)
				same = same || err == nil && rawbtf.ID(id) == found[0].ID
			}
			if !same {
				t.Errorf("%s %s: type %d is not what cilium/ebpf finds", kind, name, found[0].ID)
			}
		}
	}
}

func TestRunningFacts(t *testing.T) {
	k := kernel.Running()
	if k != kernel.Running() {
		t.Error("two running kernels")
	}
	if v, err := k.Version(); err != nil || v < 4<<16 {
		t.Errorf("version %#x, %v", v, err)
	}
	if n, err := k.PossibleCPUs(); err != nil || n < runtime.NumCPU() {
		t.Errorf("%d possible CPUs, %v", n, err)
	}
	if size := k.PageSize(); size < 4096 || size&(size-1) != 0 {
		t.Errorf("page size %d", size)
	}
	if v, ok, err := k.ConfigValue("CONFIG_BPF"); err == nil && (v != "y" || !ok) {
		t.Errorf("CONFIG_BPF is %q, %t", v, ok)
	} else if err != nil && !errors.Is(err, kernel.ErrNoConfig) {
		t.Error(err)
	}
	symbols, err := k.Symbols([]string{"bpf_prog_put"})
	if errors.Is(err, kernel.ErrHidden) {
		t.Skip(err)
	}
	if err != nil || !symbols[0].Found || symbols[0].Address == 0 {
		t.Errorf("bpf_prog_put: %+v, %v", symbols, err)
	}
}

// What a file system that is not the kernel's holds must be read, not mapped.
func TestFilesAreRead(t *testing.T) {
	dir := t.TempDir()
	for name, data := range map[string]string{"sys/kernel/btf/vmlinux": string(vmlinux().Bytes(false)), "proc/config.gz": strings.Repeat("\n", 5000) + "CONFIG_A=y"} {
		if err := os.MkdirAll(filepath.Join(dir, filepath.Dir(name)), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), []byte(data), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	k := kernel.New(kernel.Source{FS: os.DirFS(dir)})
	if found, err := typesOf(t, k).Find(structs, "task"); len(found) != 2 || err != nil {
		t.Errorf("%d types, %v", len(found), err)
	}
	if err := os.Truncate(filepath.Join(dir, "sys/kernel/btf/vmlinux"), 0); err != nil {
		t.Fatal(err)
	}
	if found, err := typesOf(t, k).Find(structs, "list_head"); len(found) != 0 || err != nil {
		t.Errorf("%d types, %v", len(found), err)
	}
	if v, _, err := k.ConfigValue("CONFIG_A"); v != "y" || err != nil {
		t.Errorf("got %q, %v", v, err)
	}
}

var wanted = strings.Fields("task_struct file inode dentry sk_buff sock inet_sock tcp_sock net_device path " +
	"mount bpf_map bpf_prog cred nsproxy pid mm_struct request bio cgroup")

// BenchmarkSearch opens the running kernel's types and finds 20 structs.
func BenchmarkSearch(b *testing.B) {
	needsBTF(b)
	b.ReportAllocs()
	for b.Loop() {
		types, err := kernel.New(kernel.Source{}).Types()
		if err != nil {
			b.Fatal(err)
		}
		for _, name := range wanted {
			types.Want(structs, name)
		}
		for _, name := range wanted {
			if found, err := types.Find(structs, name); err != nil || len(found) == 0 {
				b.Fatalf("%s: %v", name, err)
			}
		}
	}
}

// BenchmarkSearchFunctions finds 20 functions, which are half of a kernel's types.
func BenchmarkSearchFunctions(b *testing.B) {
	needsBTF(b)
	b.ReportAllocs()
	for b.Loop() {
		types, err := kernel.New(kernel.Source{}).Types()
		if err != nil {
			b.Fatal(err)
		}
		for _, name := range wanted {
			types.Want(funcs, name+"_free")
		}
		if _, err := types.Find(funcs, "vfs_read"); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkSymbols scans /proc/kallsyms, most of which is the kernel's own work.
func BenchmarkSymbols(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, err := kernel.New(kernel.Source{}).Symbols(wanted); err != nil {
			b.Skip(err)
		}
	}
}

// Each module's types are found, by the ids that cilium/ebpf has for them, and its
// BTF can be opened.
func TestRunningModules(t *testing.T) {
	types := needsBTF(t)
	checked := 0
	for name := range types.ModuleNames {
		spec, err := btf.LoadKernelModuleSpec(name)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		base := types.Vmlinux().NumTypes()
		types.NamesIn(name, funcs, func(fn string) bool {
			typ, ok := types.ExactIn(name, rawbtf.KindFunc, fn)
			if !ok || typ.ID < base || types.ModuleOf(typ) != name {
				t.Errorf("%s: function %s: %t, type %d of %q", name, fn, ok, typ.ID, types.ModuleOf(typ))
				return true
			}
			theirs, err := spec.TypeByID(btf.TypeID(typ.ID))
			if err != nil || theirs.TypeName() != fn {
				t.Errorf("%s: function %s is type %d, for cilium/ebpf %v, %v", name, fn, typ.ID, theirs, err)
			}
			if proto := typ.Spec().Type(typ.SizeOrType); proto.Kind != rawbtf.KindFuncProto {
				t.Errorf("%s: function %s has a %s", name, fn, proto.Kind)
			}
			checked++
			return checked%100 != 0
		})
	}
	for _, w := range types.Warnings() {
		t.Error(w)
	}
	if checked == 0 {
		t.Skip("no module with BTF is loaded")
	}
}
