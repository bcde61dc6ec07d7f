// SPDX-License-Identifier: MIT

package attach

import (
	"strings"

	"github.com/bpfload/bpfload/internal/kernel"
	"github.com/bpfload/bpfload/internal/sys"
	"github.com/bpfload/bpfload/rawbtf"
)

// functionOf returns the name of the kernel function that a program was loaded for, ""
// where that is not one of the kernel's own.
func functionOf(program uint32) string {
	k := sys.Host{}
	fd, err := k.BPF(&sys.ProgByID{ID: sys.ID{ID: program}})
	if err != nil {
		return ""
	}
	defer k.Close(fd)
	var info sys.ProgInfo
	if err := sys.Info(k, fd, &info); err != nil || info.AttachBTFID == 0 || !isVmlinux(k, info.AttachBTFObjID) {
		return ""
	}
	types, err := kernel.Running().Types()
	if err != nil {
		return ""
	}
	vmlinux := types.Vmlinux()
	if vmlinux == nil || rawbtf.ID(info.AttachBTFID) >= vmlinux.NumTypes() {
		return ""
	}
	return vmlinux.Type(rawbtf.ID(info.AttachBTFID)).Name()
}

// isVmlinux says whether an id is that of the kernel's own types.
func isVmlinux(k sys.Kernel, id uint32) bool {
	fd, err := k.BPF(&sys.BTFByID{ID: sys.ID{ID: id}})
	if err != nil {
		return false
	}
	defer k.Close(fd)
	name := make([]byte, 64)
	info := sys.BTFInfo{Name: sys.Bytes(name), NameLen: uint32(len(name))}
	if err := sys.Info(k, fd, &info); err != nil {
		return false
	}
	return info.KernelBTF != 0 && strings.TrimRight(string(name), "\x00") == "vmlinux"
}

var tracingHooks = map[string]string{
	"trace_fentry": "fentry", "trace_fexit": "fexit", "modify_return": "fmod_ret", "lsm_mac": "lsm", "trace_fsession": "fsession",
}

// tracing says for which function a program traces, in the words of its section.
func (a *Attachment) tracing() {
	name := tracingHooks[a.Hook]
	if name == "" {
		name = a.Hook
	}
	a.Target = name
	if f := functionOf(a.Program); f != "" {
		a.Target += "/" + strings.TrimPrefix(f, "bpf_lsm_")
	}
}
