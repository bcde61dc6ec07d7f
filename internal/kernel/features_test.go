// SPDX-License-Identifier: MIT

package kernel_test

import (
	"errors"
	"io/fs"
	"testing"

	"github.com/bpfload/bpfload/internal/elftest"
	"github.com/bpfload/bpfload/internal/kernel"
	"github.com/bpfload/bpfload/rawbtf"
)

func TestFeatures(t *testing.T) {
	k := twoModules()
	if has, err := k.HasBPFCookie(); !has || err != nil {
		t.Errorf("cookie: %t, %v", has, err)
	}
	if has, err := k.HasSyscallWrapper(); !has || err != nil {
		t.Errorf("syscall wrapper: %t, %v", has, err)
	}
	var old elftest.BTF
	old.Enum("bpf_func_id", 4, false, elftest.Enumerator{Name: "BPF_FUNC_unspec"})
	files := map[string]string{"sys/kernel/btf/vmlinux": string(old.Bytes(false))}
	k = recorded(files)
	if has, err := k.HasBPFCookie(); has || err != nil {
		t.Errorf("cookie of an old kernel: %t, %v", has, err)
	}
	if has, err := k.HasSyscallWrapper(); has || err != nil {
		t.Errorf("syscall wrapper of an old kernel: %t, %v", has, err)
	}
	// Without BTF the version and the symbols must do.
	k = recorded(map[string]string{"proc/kallsyms": "ffffffff81000000 t __x64_sys_bpf\n"})
	if has, err := k.HasBPFCookie(); !has || err != nil {
		t.Errorf("cookie by version: %t, %v", has, err)
	}
	if has, err := k.HasSyscallWrapper(); !has || err != nil {
		t.Errorf("syscall wrapper by symbol: %t, %v", has, err)
	}
	k = kernel.New(kernel.Source{BTF: old.Bytes(false), FS: fileSystem(map[string]string{"proc/kallsyms": "ffffffff81000000 t __x64_sys_bpf\n"}),
		Uname: func() (kernel.Uname, error) { return kernel.Uname{Machine: "x86_64"}, nil }})
	if has, err := k.HasSyscallWrapper(); !has || err != nil {
		t.Errorf("syscall wrapper that given types leave out: %t, %v", has, err)
	}
	if _, err := recorded(nil).HasSyscallWrapper(); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("syscall wrapper without anything: %v", err)
	}
	for machine, want := range map[string]string{"s390x": "s390x", "aarch64": "arm64", "riscv64": "riscv", "mips": ""} {
		var b elftest.BTF
		b.Func("__"+want+"_sys_bpf", b.FuncProto(0), rawbtf.LinkageStatic)
		k := kernel.New(kernel.Source{
			FS:    fileSystem(map[string]string{"sys/kernel/btf/vmlinux": string(b.Bytes(false))}),
			Uname: func() (kernel.Uname, error) { return kernel.Uname{Machine: machine}, nil },
		})
		if has, err := k.HasSyscallWrapper(); has != (want != "") || err != nil {
			t.Errorf("%s: %t, %v", machine, has, err)
		}
	}
}

func TestHasUprobeMulti(t *testing.T) {
	enum := func(names ...string) map[string]string {
		var b elftest.BTF
		var values []elftest.Enumerator
		for i, name := range names {
			values = append(values, elftest.Enumerator{Name: name, Value: int64(i)})
		}
		b.Enum("bpf_attach_type", 4, false, values...)
		return map[string]string{"sys/kernel/btf/vmlinux": string(b.Bytes(false))}
	}
	for name, tc := range map[string]struct {
		release string
		files   map[string]string
		want    bool
	}{
		"by its version":    {"6.6.0", nil, true},
		"older":             {"6.5.13", nil, false},
		"older, with types": {"6.1.0", enum("BPF_CGROUP_INET_INGRESS"), false},
		"brought back":      {"5.14.0-570.el9", enum("BPF_CGROUP_INET_INGRESS", "BPF_TRACE_UPROBE_MULTI"), true},
	} {
		k := kernel.New(kernel.Source{FS: fileSystem(tc.files), Uname: func() (kernel.Uname, error) { return kernel.Uname{Release: tc.release}, nil }})
		if has, err := k.HasUprobeMulti(); has != tc.want || err != nil {
			t.Errorf("%s: %t, %v", name, has, err)
		}
	}
	k := kernel.New(kernel.Source{FS: fileSystem(nil), Uname: func() (kernel.Uname, error) { return kernel.Uname{}, nil }})
	if _, err := k.HasUprobeMulti(); err == nil {
		t.Error("a kernel without a version told what it has")
	}
}
