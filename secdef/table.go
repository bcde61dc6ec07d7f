// SPDX-License-Identifier: MIT

package secdef

import (
	"github.com/cilium/ebpf"

	"github.com/bpfload/bpfload/spec"
)

// A row is one name that SEC() may hold.
type row struct {
	pattern string // the name, with "+" where "/" and anything may follow
	typ     ebpf.ProgramType
	attach  ebpf.AttachType
	flags   uint8
}

// name returns the pattern without its "+".
func (r *row) name() string {
	if r.flags&more != 0 {
		return r.pattern[:len(r.pattern)-1]
	}
	return r.pattern
}

// Flags of a row.
const (
	more      = 1 << iota // the pattern ends in "+"
	target                // what follows is a kernel function or type, needed as a BTF id
	sleepable             // BPF_F_SLEEPABLE
	frags                 // BPF_F_XDP_HAS_FRAGS
	optional              // kernels without expected_attach_type do without it
	usdt                  // attached through uprobes found by name
)

// table holds the 116 names of libbpf 1.8, sorted by name. No name is a prefix of another
// at a "/" where both could match, so that libbpf's order makes no difference.
var table = [...]row{
	{"action", ebpf.SchedACT, 0, 0},
	{"cgroup/bind4", ebpf.CGroupSockAddr, ebpf.AttachCGroupInet4Bind, 0},
	{"cgroup/bind6", ebpf.CGroupSockAddr, ebpf.AttachCGroupInet6Bind, 0},
	{"cgroup/connect4", ebpf.CGroupSockAddr, ebpf.AttachCGroupInet4Connect, 0},
	{"cgroup/connect6", ebpf.CGroupSockAddr, ebpf.AttachCGroupInet6Connect, 0},
	{"cgroup/connect_unix", ebpf.CGroupSockAddr, ebpf.AttachCgroupUnixConnect, 0},
	{"cgroup/dev", ebpf.CGroupDevice, ebpf.AttachCGroupDevice, optional},
	{"cgroup/getpeername4", ebpf.CGroupSockAddr, ebpf.AttachCgroupInet4GetPeername, 0},
	{"cgroup/getpeername6", ebpf.CGroupSockAddr, ebpf.AttachCgroupInet6GetPeername, 0},
	{"cgroup/getpeername_unix", ebpf.CGroupSockAddr, ebpf.AttachCgroupUnixGetpeername, 0},
	{"cgroup/getsockname4", ebpf.CGroupSockAddr, ebpf.AttachCgroupInet4GetSockname, 0},
	{"cgroup/getsockname6", ebpf.CGroupSockAddr, ebpf.AttachCgroupInet6GetSockname, 0},
	{"cgroup/getsockname_unix", ebpf.CGroupSockAddr, ebpf.AttachCgroupUnixGetsockname, 0},
	{"cgroup/getsockopt", ebpf.CGroupSockopt, ebpf.AttachCGroupGetsockopt, 0},
	{"cgroup/post_bind4", ebpf.CGroupSock, ebpf.AttachCGroupInet4PostBind, 0},
	{"cgroup/post_bind6", ebpf.CGroupSock, ebpf.AttachCGroupInet6PostBind, 0},
	{"cgroup/recvmsg4", ebpf.CGroupSockAddr, ebpf.AttachCGroupUDP4Recvmsg, 0},
	{"cgroup/recvmsg6", ebpf.CGroupSockAddr, ebpf.AttachCGroupUDP6Recvmsg, 0},
	{"cgroup/recvmsg_unix", ebpf.CGroupSockAddr, ebpf.AttachCgroupUnixRecvmsg, 0},
	{"cgroup/sendmsg4", ebpf.CGroupSockAddr, ebpf.AttachCGroupUDP4Sendmsg, 0},
	{"cgroup/sendmsg6", ebpf.CGroupSockAddr, ebpf.AttachCGroupUDP6Sendmsg, 0},
	{"cgroup/sendmsg_unix", ebpf.CGroupSockAddr, ebpf.AttachCgroupUnixSendmsg, 0},
	{"cgroup/setsockopt", ebpf.CGroupSockopt, ebpf.AttachCGroupSetsockopt, 0},
	{"cgroup/skb", ebpf.CGroupSKB, 0, 0},
	{"cgroup/sock", ebpf.CGroupSock, ebpf.AttachCGroupInetSockCreate, optional},
	{"cgroup/sock_create", ebpf.CGroupSock, ebpf.AttachCGroupInetSockCreate, 0},
	{"cgroup/sock_release", ebpf.CGroupSock, ebpf.AttachCgroupInetSockRelease, 0},
	{"cgroup/sysctl", ebpf.CGroupSysctl, ebpf.AttachCGroupSysctl, 0},
	{"cgroup_skb/egress", ebpf.CGroupSKB, ebpf.AttachCGroupInetEgress, optional},
	{"cgroup_skb/ingress", ebpf.CGroupSKB, ebpf.AttachCGroupInetIngress, optional},
	{"classifier", ebpf.SchedCLS, 0, 0},
	{"fentry+", ebpf.Tracing, ebpf.AttachTraceFEntry, more | target},
	{"fentry.multi+", ebpf.Tracing, spec.AttachTraceFEntryMulti, more},
	{"fentry.multi.s+", ebpf.Tracing, spec.AttachTraceFEntryMulti, more | sleepable},
	{"fentry.s+", ebpf.Tracing, ebpf.AttachTraceFEntry, more | target | sleepable},
	{"fexit+", ebpf.Tracing, ebpf.AttachTraceFExit, more | target},
	{"fexit.multi+", ebpf.Tracing, spec.AttachTraceFExitMulti, more},
	{"fexit.multi.s+", ebpf.Tracing, spec.AttachTraceFExitMulti, more | sleepable},
	{"fexit.s+", ebpf.Tracing, ebpf.AttachTraceFExit, more | target | sleepable},
	{"flow_dissector", ebpf.FlowDissector, ebpf.AttachFlowDissector, optional},
	{"fmod_ret+", ebpf.Tracing, ebpf.AttachModifyReturn, more | target},
	{"fmod_ret.s+", ebpf.Tracing, ebpf.AttachModifyReturn, more | target | sleepable},
	{"freplace+", ebpf.Extension, 0, more | target},
	{"fsession+", ebpf.Tracing, spec.AttachTraceFSession, more | target},
	{"fsession.multi+", ebpf.Tracing, spec.AttachTraceFSessionMulti, more},
	{"fsession.multi.s+", ebpf.Tracing, spec.AttachTraceFSessionMulti, more | sleepable},
	{"fsession.s+", ebpf.Tracing, spec.AttachTraceFSession, more | target | sleepable},
	{"iter+", ebpf.Tracing, ebpf.AttachTraceIter, more | target},
	{"iter.s+", ebpf.Tracing, ebpf.AttachTraceIter, more | target | sleepable},
	{"kprobe+", ebpf.Kprobe, 0, more},
	{"kprobe.multi+", ebpf.Kprobe, ebpf.AttachTraceKprobeMulti, more},
	{"kprobe.session+", ebpf.Kprobe, ebpf.AttachTraceKprobeSession, more},
	{"kretprobe+", ebpf.Kprobe, 0, more},
	{"kretprobe.multi+", ebpf.Kprobe, ebpf.AttachTraceKprobeMulti, more},
	{"kretsyscall+", ebpf.Kprobe, 0, more},
	{"ksyscall+", ebpf.Kprobe, 0, more},
	{"lirc_mode2", ebpf.LircMode2, ebpf.AttachLircMode2, optional},
	{"lsm+", ebpf.LSM, ebpf.AttachLSMMac, more | target},
	{"lsm.s+", ebpf.LSM, ebpf.AttachLSMMac, more | target | sleepable},
	{"lsm_cgroup+", ebpf.LSM, ebpf.AttachLSMCgroup, more | target},
	{"lwt_in", ebpf.LWTIn, 0, 0},
	{"lwt_out", ebpf.LWTOut, 0, 0},
	{"lwt_seg6local", ebpf.LWTSeg6Local, 0, 0},
	{"lwt_xmit", ebpf.LWTXmit, 0, 0},
	{"netfilter", ebpf.Netfilter, ebpf.AttachNetfilter, 0},
	{"netkit/peer", ebpf.SchedCLS, ebpf.AttachNetkitPeer, 0},
	{"netkit/primary", ebpf.SchedCLS, ebpf.AttachNetkitPrimary, 0},
	{"perf_event", ebpf.PerfEvent, 0, 0},
	{"raw_tp+", ebpf.RawTracepoint, 0, more},
	{"raw_tp.s+", ebpf.RawTracepoint, 0, more | sleepable},
	{"raw_tp.w+", ebpf.RawTracepointWritable, 0, more},
	{"raw_tracepoint+", ebpf.RawTracepoint, 0, more},
	{"raw_tracepoint.s+", ebpf.RawTracepoint, 0, more | sleepable},
	{"raw_tracepoint.w+", ebpf.RawTracepointWritable, 0, more},
	{"sk_lookup", ebpf.SkLookup, ebpf.AttachSkLookup, 0},
	{"sk_msg", ebpf.SkMsg, ebpf.AttachSkMsgVerdict, optional},
	{"sk_reuseport", ebpf.SkReuseport, ebpf.AttachSkReuseportSelect, 0},
	{"sk_reuseport/migrate", ebpf.SkReuseport, ebpf.AttachSkReuseportSelectOrMigrate, 0},
	{"sk_skb", ebpf.SkSKB, 0, 0},
	{"sk_skb/stream_parser", ebpf.SkSKB, ebpf.AttachSkSKBStreamParser, optional},
	{"sk_skb/stream_verdict", ebpf.SkSKB, ebpf.AttachSkSKBStreamVerdict, optional},
	{"sk_skb/verdict", ebpf.SkSKB, ebpf.AttachSkSKBVerdict, optional},
	{"socket", ebpf.SocketFilter, 0, 0},
	{"sockops", ebpf.SockOps, ebpf.AttachCGroupSockOps, optional},
	{"struct_ops+", ebpf.StructOps, 0, more},
	{"struct_ops.s+", ebpf.StructOps, 0, more | sleepable},
	{"syscall", ebpf.Syscall, 0, sleepable},
	{"tc", ebpf.SchedCLS, 0, 0},
	{"tc/egress", ebpf.SchedCLS, ebpf.AttachTCXEgress, 0},
	{"tc/ingress", ebpf.SchedCLS, ebpf.AttachTCXIngress, 0},
	{"tcx/egress", ebpf.SchedCLS, ebpf.AttachTCXEgress, 0},
	{"tcx/ingress", ebpf.SchedCLS, ebpf.AttachTCXIngress, 0},
	{"tp+", ebpf.TracePoint, 0, more},
	{"tp.s+", ebpf.TracePoint, 0, more | sleepable},
	{"tp_btf+", ebpf.Tracing, ebpf.AttachTraceRawTp, more | target},
	{"tp_btf.s+", ebpf.Tracing, ebpf.AttachTraceRawTp, more | target | sleepable},
	{"tracepoint+", ebpf.TracePoint, 0, more},
	{"tracepoint.s+", ebpf.TracePoint, 0, more | sleepable},
	{"uprobe+", ebpf.Kprobe, 0, more},
	{"uprobe.multi+", ebpf.Kprobe, ebpf.AttachTraceUprobeMulti, more},
	{"uprobe.multi.s+", ebpf.Kprobe, ebpf.AttachTraceUprobeMulti, more | sleepable},
	{"uprobe.s+", ebpf.Kprobe, 0, more | sleepable},
	{"uprobe.session+", ebpf.Kprobe, spec.AttachTraceUprobeSession, more},
	{"uprobe.session.s+", ebpf.Kprobe, spec.AttachTraceUprobeSession, more | sleepable},
	{"uretprobe+", ebpf.Kprobe, 0, more},
	{"uretprobe.multi+", ebpf.Kprobe, ebpf.AttachTraceUprobeMulti, more},
	{"uretprobe.multi.s+", ebpf.Kprobe, ebpf.AttachTraceUprobeMulti, more | sleepable},
	{"uretprobe.s+", ebpf.Kprobe, 0, more | sleepable},
	{"usdt+", ebpf.Kprobe, 0, more | usdt},
	{"usdt.s+", ebpf.Kprobe, 0, more | sleepable | usdt},
	{"xdp", ebpf.XDP, ebpf.AttachXDP, optional},
	{"xdp.frags", ebpf.XDP, ebpf.AttachXDP, frags},
	{"xdp.frags/cpumap", ebpf.XDP, ebpf.AttachXDPCPUMap, frags},
	{"xdp.frags/devmap", ebpf.XDP, ebpf.AttachXDPDevMap, frags},
	{"xdp/cpumap", ebpf.XDP, ebpf.AttachXDPCPUMap, 0},
	{"xdp/devmap", ebpf.XDP, ebpf.AttachXDPDevMap, 0},
}
