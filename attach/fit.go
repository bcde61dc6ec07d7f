// SPDX-License-Identifier: MIT

package attach

import (
	"fmt"
	"slices"
	"strings"

	"github.com/cilium/ebpf"

	"github.com/bpfload/bpfload/internal/kernel"
	"github.com/bpfload/bpfload/spec"
)

// A version is that of a kernel, as KERNEL_VERSION has it.
type version uint32

func linux(major, minor uint32) version { return version(major<<16 | minor<<8) }

func (v version) String() string { return fmt.Sprintf("%d.%d", v>>16, v>>8&0xff) }

// newer says whether the kind of target is younger than the running kernel.
func (k *kind) newer() bool {
	v, err := kernel.Running().Version()
	return err == nil && uint32(k.since) > v
}

// accepts refuses programs of a type that cannot be attached there.
func (k *kind) accepts(t ebpf.ProgramType) error {
	if len(k.types) == 0 || slices.Contains(k.types, t) {
		return nil
	}
	names := make([]string, len(k.types))
	for i, t := range k.types {
		names[i] = spec.ProgramTypeName(t)
	}
	e := usage("the program is of type %s; a target of kind %s takes %s", spec.ProgramTypeName(t), k.name, strings.Join(names, ", "))
	if fit := kindsFor(t); len(fit) > 0 {
		e.Advice = "targets for it: " + strings.Join(fit, ", ")
	} else if why := unattachable(t); why != "" {
		e.Advice = why
	}
	return e
}

// unattachable says why programs of some types have no targets.
func unattachable(t ebpf.ProgramType) string {
	switch t {
	case ebpf.SocketFilter, ebpf.SkReuseport:
		return "such a program belongs to a socket, which the program that has it attaches with setsockopt(2)"
	case ebpf.LWTIn, ebpf.LWTOut, ebpf.LWTXmit, ebpf.LWTSeg6Local:
		return "such a program belongs to a route: ip route add ... encap bpf"
	case ebpf.SchedACT:
		return "such a program is an action of a filter: tc actions add action bpf object-pinned PIN"
	case ebpf.Syscall:
		return "such a program is not attached but run: bpftool prog run pinned PIN"
	case ebpf.StructOps:
		return "such a program is attached with the struct_ops map that has it"
	case ebpf.LircMode2:
		return "such a program belongs to an infrared receiver: ir-keytable"
	}
	return ""
}
