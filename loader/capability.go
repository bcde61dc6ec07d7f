// SPDX-License-Identifier: MIT

package loader

import (
	"github.com/cilium/ebpf"
	"golang.org/x/sys/unix"

	"github.com/bpfload/bpfload/spec"
)

// Names of the capabilities that bpf(2) asks for, in the order in which they are
// named when several are missing.
var capabilities = []struct {
	name string
	bit  uint
}{
	{"CAP_BPF", unix.CAP_BPF},
	{"CAP_PERFMON", unix.CAP_PERFMON},
	{"CAP_NET_ADMIN", unix.CAP_NET_ADMIN},
}

// Capabilities returns the names of the capabilities that loading the object needs
// on Linux 5.8 and later, where CAP_SYS_ADMIN stands for all of them. A kernel with
// kernel.unprivileged_bpf_disabled=0 asks for less. CAP_PERFMON is also named where
// the instructions make it likely; only the verifier knows.
func (o *Object) Capabilities() []string {
	need := o.neededCapabilities()
	for _, p := range o.Programs {
		if need&(1<<unix.CAP_PERFMON) == 0 && o.wants(p) && o.likelyPerfmon(p) {
			need |= 1 << unix.CAP_PERFMON
		}
	}
	var names []string
	for _, c := range capabilities {
		if need&(1<<c.bit) != 0 {
			names = append(names, c.name)
		}
	}
	return names
}

// neededCapabilities are those without which the kernel refuses a map or program
// of the object whatever is in it.
func (o *Object) neededCapabilities() uint64 {
	need := uint64(1) << unix.CAP_BPF
	for _, m := range o.Maps {
		if !m.NoCreate {
			need |= mapCapabilities(m)
		}
	}
	for _, p := range o.Programs {
		if o.wants(p) {
			need |= programCapabilities(p.Type)
		}
	}
	return need
}

func mapCapabilities(m *spec.Map) uint64 {
	switch m.Type {
	case ebpf.SockMap, ebpf.SockHash, ebpf.DevMap, ebpf.DevMapHash, ebpf.XSKMap:
		return 1 << unix.CAP_NET_ADMIN
	}
	return 0
}

func programCapabilities(t ebpf.ProgramType) uint64 {
	switch t {
	case ebpf.SchedCLS, ebpf.SchedACT, ebpf.XDP, ebpf.LWTIn, ebpf.LWTOut, ebpf.LWTXmit, ebpf.LWTSeg6Local,
		ebpf.SkSKB, ebpf.SkMsg, ebpf.LircMode2, ebpf.FlowDissector, ebpf.CGroupDevice, ebpf.CGroupSock,
		ebpf.CGroupSockAddr, ebpf.CGroupSockopt, ebpf.CGroupSysctl, ebpf.SockOps, ebpf.SkLookup, ebpf.Netfilter:
		return 1 << unix.CAP_NET_ADMIN
	case ebpf.Kprobe, ebpf.TracePoint, ebpf.PerfEvent, ebpf.RawTracepoint, ebpf.RawTracepointWritable,
		ebpf.Tracing, ebpf.LSM, ebpf.StructOps:
		return 1 << unix.CAP_PERFMON
	case ebpf.Extension:
		return 1<<unix.CAP_NET_ADMIN | 1<<unix.CAP_PERFMON
	}
	return 0
}

// missingCapability names the first capability of need that the process lacks, ""
// for none.
func (l *load) missingCapability(need uint64) string {
	have, err := l.k.Capabilities()
	if err != nil || have&(1<<unix.CAP_SYS_ADMIN) != 0 {
		return ""
	}
	for _, c := range capabilities {
		if need&(1<<c.bit) != 0 && have&(1<<c.bit) == 0 {
			return c.name
		}
	}
	return ""
}
