// SPDX-License-Identifier: MIT

package loader

import (
	"fmt"

	"github.com/cilium/ebpf"
	"golang.org/x/sys/unix"

	"github.com/bpfload/bpfload/internal/sys"
	"github.com/bpfload/bpfload/spec"
)

// builtWith names the option without which a kernel of any version lacks a program
// type.
func builtWith(t ebpf.ProgramType) string {
	switch t {
	case ebpf.LircMode2:
		return "CONFIG_BPF_LIRC_MODE2"
	case ebpf.LWTIn, ebpf.LWTOut, ebpf.LWTXmit:
		return "CONFIG_LWTUNNEL_BPF"
	case ebpf.LWTSeg6Local:
		return "CONFIG_IPV6_SEG6_BPF"
	case ebpf.CGroupSKB, ebpf.CGroupSock, ebpf.CGroupSockAddr, ebpf.CGroupSockopt, ebpf.CGroupDevice, ebpf.CGroupSysctl, ebpf.SockOps:
		return "CONFIG_CGROUP_BPF"
	case ebpf.Kprobe, ebpf.TracePoint, ebpf.PerfEvent, ebpf.RawTracepoint, ebpf.RawTracepointWritable:
		return "CONFIG_BPF_EVENTS"
	case ebpf.Netfilter:
		return "CONFIG_NETFILTER_BPF_LINK"
	}
	return ""
}

// unknownType says, after the kernel refused a program without a word, whether the
// kernel lacks what the program is: the shortest program there is is refused as well.
// Types that are nothing without a target are not asked about.
func (op *loadProgram) unknownType(l *load) bool {
	switch op.spec.Type {
	case ebpf.Tracing, ebpf.LSM, ebpf.Extension, ebpf.StructOps:
		return false
	}
	insns := []byte{0xb7, 0, 0, 0, 0, 0, 0, 0, 0x95, 0, 0, 0, 0, 0, 0, 0} // r0 = 0; exit
	p := op.spec
	a := &sys.ProgLoad{
		ProgType: uint32(p.Type), InsnCnt: 2, Insns: sys.Bytes(insns), License: sys.CString("GPL"),
		KernVersion: l.kernelVersion(p), ProgFlags: p.Flags, ExpectedAttachType: uint32(p.AttachType),
	}
	l.useToken(&a.ProgFlags, &a.ProgTokenFD)
	fd, err := l.k.BPF(a)
	if err == nil {
		l.k.Close(fd)
	}
	return err == unix.EINVAL
}

// misnamedSince returns the first kernel with an attach type for which older ones
// have misleading words; 0 for the others.
func misnamedSince(at ebpf.AttachType) release {
	switch at {
	case spec.AttachTraceFEntryMulti, spec.AttachTraceFExitMulti, spec.AttachTraceFSessionMulti:
		return linux(7, 2)
	}
	return 0
}

// lackType makes an error say what the kernel lacks.
func (op *loadProgram) lackType(e *Error, since release) {
	p := op.spec
	feature := "program type " + spec.ProgramTypeName(p.Type)
	if p.AttachType != 0 {
		feature += " with attach type " + spec.AttachTypeName(p.AttachType)
	}
	if p.Flags != 0 {
		feature += fmt.Sprintf(" and flags %#x", p.Flags)
	}
	e.Class, e.Code = ClassFeature, "feature-missing"
	missing := &FeatureError{Feature: feature, Err: e.Err}
	if since != 0 {
		missing.Since = since.String()
	}
	e.Err = missing
	if option := builtWith(p.Type); option != "" {
		e.Advice = "see whether the kernel was built with it: grep " + option + " /boot/config-$(uname -r)"
	}
}
