// SPDX-License-Identifier: MIT

package extern_test

import (
	"encoding/binary"
	"errors"
	"testing"
	"testing/fstest"

	"github.com/bpfload/bpfload/elf"
	"github.com/bpfload/bpfload/internal/elftest"
	"github.com/bpfload/bpfload/internal/kernel"
	"github.com/bpfload/bpfload/rawbtf"
)

// recorded is a kernel made of files.
func recorded(files map[string]string) *kernel.Kernel {
	m := fstest.MapFS{}
	for name, data := range files {
		m[name] = &fstest.MapFile{Data: []byte(data)}
	}
	return kernel.New(kernel.Source{FS: m, Uname: func() (kernel.Uname, error) {
		return kernel.Uname{Release: "6.1.9", Machine: "x86_64"}, nil
	}})
}

func parse(t testing.TB, data []byte) *rawbtf.Spec {
	t.Helper()
	spec, err := rawbtf.Parse(data, nil)
	if err != nil {
		t.Fatal(err)
	}
	return spec
}

// vmlinux is the types of a small kernel.
func vmlinux() *elftest.BTF {
	b := &elftest.BTF{}
	i := b.Int("int", 4, rawbtf.IntSigned)
	task := b.Struct("task_struct", 8)
	b.Var("runqueues", b.Struct("rq", 64), rawbtf.LinkageGlobal)
	b.Var("bpf_prog_active", i, rawbtf.LinkageGlobal)
	acquire := b.FuncProto(b.Ptr(task), elftest.Param{Name: "pid", Type: i})
	b.Func("bpf_task_from_pid", acquire, rawbtf.LinkageStatic)
	b.Func("shared", acquire, rawbtf.LinkageStatic)
	b.Func("vfs_read", acquire, rawbtf.LinkageStatic)
	b.Func("bpf_lsm_file_open", acquire, rawbtf.LinkageStatic)
	b.Func("bpf_iter_task", acquire, rawbtf.LinkageStatic)
	b.Typedef("btf_trace_sched_switch", b.Ptr(acquire))
	b.Func("printf_like", b.FuncProto(0, elftest.Param{Name: "fmt", Type: b.Ptr(b.Const(i))}, elftest.Param{}), rawbtf.LinkageStatic)
	return b
}

// modules are files of types for vmlinux and two modules.
func modules() map[string]string {
	base := vmlinux()
	return map[string]string{
		"sys/kernel/btf/vmlinux": string(base.Bytes(false)),
		"sys/kernel/btf/tun":     string(module(base, "tun_open", "shared")),
		"sys/kernel/btf/tunnel":  string(module(base, "tunnel_open")),
	}
}

// acquireProto is the id of the first prototype of vmlinux.
const acquireProto = 7

// module is types of a module, whose functions have that prototype.
func module(base *elftest.BTF, functions ...string) []byte {
	b := &elftest.BTF{FirstID: base.NextID()}
	for _, f := range functions {
		b.Func(f, acquireProto, rawbtf.LinkageStatic)
	}
	b.Typedef("btf_trace_"+functions[0], 1)
	b.Var(functions[0]+"_count", 1, rawbtf.LinkageGlobal)
	data := b.Bytes(false)
	// The builder counts names from 0: they follow those of the base.
	order := binary.LittleEndian
	strings := order.Uint32(base.Bytes(false)[20:])
	for off := 24; off < 24+int(order.Uint32(data[12:])); {
		order.PutUint32(data[off:], order.Uint32(data[off:])+strings)
		if off += 12; rawbtf.Kind(order.Uint32(data[off-8:])>>24) == rawbtf.KindVar {
			off += 4
		}
	}
	return data
}

func typesOf(t testing.TB, k *kernel.Kernel) *kernel.Types {
	t.Helper()
	types, err := k.Types()
	if err != nil {
		t.Fatal(err)
	}
	return types
}

// checkError compares an error's sentinel, the extern it names and its text.
func checkError(t *testing.T, err, want error, section, symbol, says string) {
	t.Helper()
	var located *elf.Error
	switch {
	case !errors.Is(err, want):
		t.Errorf("got %v, want %v", err, want)
	case want == nil:
	case !errors.As(err, &located) || located.Section != section || located.Symbol != symbol:
		t.Errorf("%v names section %q, symbol %q", err, located.Section, located.Symbol)
	case located.Err.Error() != says:
		t.Errorf("got  %s\nwant %s", located.Err, says)
	}
}
