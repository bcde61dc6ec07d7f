// SPDX-License-Identifier: MIT

// Package probe says what the running kernel can do, and what an object needs that
// it lacks. It asks by trying, through github.com/cilium/ebpf/features, so it needs
// the privileges that loading needs; [loader] itself never probes up front.
package probe

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/cilium/ebpf"
	"github.com/cilium/ebpf/asm"
	"github.com/cilium/ebpf/features"
	"golang.org/x/sys/unix"

	"github.com/bpfload/bpfload/internal/kernel"
	"github.com/bpfload/bpfload/internal/sys"
	"github.com/bpfload/bpfload/spec"
)

// Schema identifies the form of a [Report].
const Schema = "bpfload/probe/v1"

// A Verdict is what the kernel answered.
type Verdict string

// The verdicts.
const (
	Yes     Verdict = "yes"
	No      Verdict = "no"
	Unknown Verdict = "unknown" // the answer allows no conclusion
)

// A Report is what a kernel can do.
type Report struct {
	Schema       string    `json:"schema"`
	Kernel       string    `json:"kernel"` // release, as uname prints it
	BTF          Verdict   `json:"btf"`
	JIT          string    `json:"jit"`          // net.core.bpf_jit_enable
	Unprivileged string    `json:"unprivileged"` // kernel.unprivileged_bpf_disabled
	BPFFS        Verdict   `json:"bpffs"`        // mounted at /sys/fs/bpf
	Features     []Feature `json:"features"`
	MapTypes     []Feature `json:"map_types"`
	ProgramTypes []Feature `json:"program_types"`
	// Needs is about one object; nil where none was given.
	Needs []Need `json:"needs,omitempty"`
}

// A Feature is one thing that was tried.
type Feature struct {
	Name      string  `json:"name"`
	Supported Verdict `json:"supported"`
	Reason    string  `json:"reason,omitempty"` // why the answer is not known
}

// A Need is something an object cannot be loaded without.
type Need struct {
	Kind      string   `json:"kind"` // "map type", "program type", "helper", "kernel BTF", ...
	Name      string   `json:"name"`
	By        []string `json:"by"` // the maps or programs that need it
	Supported Verdict  `json:"supported"`
	Reason    string   `json:"reason,omitempty"`
}

// Kernel tries everything that the features package and the lists of spec know.
func Kernel() (*Report, error) {
	raiseMemlock()
	r := &Report{Schema: Schema, Kernel: release(), BTF: No, BPFFS: No}
	if _, err := os.Stat("/sys/kernel/btf/vmlinux"); err == nil {
		r.BTF = Yes
	}
	var st unix.Statfs_t
	if unix.Statfs("/sys/fs/bpf", &st) == nil && uint32(st.Type) == 0xcafe4a11 {
		r.BPFFS = Yes
	}
	r.JIT, r.Unprivileged = sysctl("net/core/bpf_jit_enable"), sysctl("kernel/unprivileged_bpf_disabled")
	for _, f := range []struct {
		name string
		try  func() error
	}{
		{"large programs", features.HaveLargeInstructions},
		{"bounded loops", features.HaveBoundedLoops},
		{"instructions v2", features.HaveV2ISA},
		{"instructions v3", features.HaveV3ISA},
		{"instructions v4", haveV4},
		{"kprobe.multi", features.HaveBPFLinkKprobeMulti},
		{"kprobe.session", features.HaveBPFLinkKprobeSession},
		{"uprobe.multi", features.HaveBPFLinkUprobeMulti},
	} {
		feature, err := ask(f.name, f.try())
		if err != nil {
			return nil, err
		}
		r.Features = append(r.Features, feature)
	}
	for i, name := range spec.MapTypeNames() {
		feature, err := ask(name, features.HaveMapType(ebpf.MapType(i+1)))
		if err != nil {
			return nil, err
		}
		r.MapTypes = append(r.MapTypes, feature)
	}
	for i, name := range spec.ProgramTypeNames() {
		feature, err := ask(name, features.HaveProgramType(ebpf.ProgramType(i+1)))
		if err != nil {
			return nil, err
		}
		r.ProgramTypes = append(r.ProgramTypes, feature)
	}
	return r, nil
}

// ask turns the outcome of a trial into a feature. A lack of privileges says
// nothing about the kernel and ends the probing.
func ask(name string, err error) (Feature, error) {
	switch {
	case err == nil:
		return Feature{Name: name, Supported: Yes}, nil
	case errors.Is(err, ebpf.ErrNotSupported):
		return Feature{Name: name, Supported: No}, nil
	case errors.Is(err, unix.EPERM) && os.Geteuid() != 0:
		return Feature{}, fmt.Errorf("probing for %s: %w", name, err)
	}
	return Feature{Name: name, Supported: Unknown, Reason: err.Error()}, nil
}

// raiseMemlock lifts the limit that kernels before 5.11 charge maps and programs to:
// what it refuses says nothing about the kernel.
func raiseMemlock() {
	if v, err := kernel.Running().Version(); err == nil && v < 5<<16|11<<8 {
		sys.Host{}.RaiseMemlock() // without the right to, the trials say so
	}
}

// haveHelper asks for a helper function of a program type.
func haveHelper(t ebpf.ProgramType, id int32) error {
	return features.HaveProgramHelper(t, asm.BuiltinFunc(id))
}

func release() string {
	b, err := os.ReadFile("/proc/sys/kernel/osrelease")
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(b))
}

func sysctl(name string) string {
	b, err := os.ReadFile("/proc/sys/" + name)
	if err != nil {
		return "unknown"
	}
	return strings.TrimSpace(string(b))
}

// types returns the kernel's types, nil where it has none.
func types() *kernel.Types {
	t, err := kernel.Running().Types()
	if err != nil {
		return nil
	}
	return t
}
