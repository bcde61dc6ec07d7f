// SPDX-License-Identifier: MIT

package extern_test

import (
	"errors"
	"testing"

	"github.com/cilium/ebpf"

	"github.com/bpfload/bpfload/elf"
	"github.com/bpfload/bpfload/internal/extern"
	"github.com/bpfload/bpfload/rawbtf"
)

// errText is the cause of a located error.
func errText(err error) string {
	var located *elf.Error
	if errors.As(err, &located) {
		return located.Err.Error()
	}
	return ""
}

func TestFindTarget(t *testing.T) {
	base := parse(t, vmlinux().Bytes(false))
	id := func(kind rawbtf.Kind, name string) rawbtf.ID {
		typ, _ := base.Find(kind, name)
		return typ.ID
	}
	first := base.NumTypes()
	for name, tc := range map[string]struct {
		attach ebpf.AttachType
		target string
		want   extern.Target
		says   string
	}{
		"function":                 {ebpf.AttachTraceFEntry, "vfs_read", extern.Target{ID: id(rawbtf.KindFunc, "vfs_read")}, ""},
		"function of the kernel":   {ebpf.AttachTraceFExit, "vmlinux:vfs_read", extern.Target{ID: id(rawbtf.KindFunc, "vfs_read")}, ""},
		"function of any module":   {ebpf.AttachModifyReturn, "tunnel_open", extern.Target{ID: first, Module: "tunnel"}, ""},
		"function of a module":     {ebpf.AttachTraceFEntry, "tun:shared", extern.Target{ID: first + 1, Module: "tun"}, ""},
		"kernel before a module":   {ebpf.AttachTraceFEntry, "shared", extern.Target{ID: id(rawbtf.KindFunc, "shared")}, ""},
		"tracepoint":               {ebpf.AttachTraceRawTp, "sched_switch", extern.Target{ID: id(rawbtf.KindTypedef, "btf_trace_sched_switch")}, ""},
		"tracepoint of a module":   {ebpf.AttachTraceRawTp, "tun:tun_open", extern.Target{ID: first + 2, Module: "tun"}, ""},
		"lsm":                      {ebpf.AttachLSMMac, "file_open", extern.Target{ID: id(rawbtf.KindFunc, "bpf_lsm_file_open")}, ""},
		"lsm_cgroup":               {ebpf.AttachLSMCgroup, "file_open", extern.Target{ID: id(rawbtf.KindFunc, "bpf_lsm_file_open")}, ""},
		"iterator":                 {ebpf.AttachTraceIter, "task", extern.Target{ID: id(rawbtf.KindFunc, "bpf_iter_task")}, ""},
		"no function":              {ebpf.AttachTraceFEntry, "vfs_raed", extern.Target{}, `the kernel has no function "vfs_raed"; the nearest name is "vfs_read"`},
		"no tracepoint":            {ebpf.AttachTraceRawTp, "sched_swich", extern.Target{}, `the kernel has no tracepoint "sched_swich"; the nearest name is "sched_switch"`},
		"no hook":                  {ebpf.AttachLSMMac, "file_opem", extern.Target{}, `the kernel has no LSM hook "file_opem"; the nearest name is "file_open"`},
		"no iterator":              {ebpf.AttachTraceIter, "something", extern.Target{}, `the kernel has no iterator "something"`},
		"function as a tracepoint": {ebpf.AttachTraceRawTp, "vfs_read", extern.Target{}, `the kernel has no tracepoint "vfs_read"`},
		"no module":                {ebpf.AttachTraceFEntry, "tum:tun_open", extern.Target{}, `no module "tum" is loaded, or it has no BTF; the nearest name is "tun"`},
		"beginning of a module":    {ebpf.AttachTraceFEntry, "tunn:tunnel_open", extern.Target{}, `no module "tunn" is loaded, or it has no BTF; the nearest name is "tun"`},
		"not in that module":       {ebpf.AttachTraceFEntry, "tun:tunnel_open", extern.Target{}, `tun has no function "tunnel_open"; the nearest name is "tun_open"`},
		"near in that module":      {ebpf.AttachTraceFEntry, "tun:tun_opem", extern.Target{}, `tun has no function "tun_opem"; the nearest name is "tun_open"`},
		"not in the kernel":        {ebpf.AttachTraceFEntry, "vmlinux:tun_open", extern.Target{}, `vmlinux has no function "tun_open"`},
	} {
		t.Run(name, func(t *testing.T) {
			types := typesOf(t, recorded(modules()))
			extern.WantTarget(tc.attach, tc.target, types)
			got, err := extern.FindTarget(tc.attach, tc.target, types)
			if got != tc.want {
				t.Errorf("got %+v, want %+v", got, tc.want)
			}
			switch {
			case tc.says == "" && err != nil, tc.says != "" && !errors.Is(err, extern.ErrMissing):
				t.Errorf("got %v", err)
			case err != nil && err.Error() != tc.says:
				t.Errorf("got  %s\nwant %s", err, tc.says)
			}
		})
	}
}

func TestFindFunction(t *testing.T) {
	program := parse(t, vmlinux().Bytes(false))
	if id, err := extern.FindFunction("vfs_read", program); err != nil || program.Type(id).Name() != "vfs_read" {
		t.Errorf("got %d, %v", id, err)
	}
	_, err := extern.FindFunction("vfs_raed", program)
	if want := `the target program has no function "vfs_raed"; the nearest name is "vfs_read"`; !errors.Is(err, extern.ErrMissing) || err.Error() != want {
		t.Errorf("got %v", err)
	}
}
