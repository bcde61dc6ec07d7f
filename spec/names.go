// SPDX-License-Identifier: MIT

package spec

import (
	"strconv"
	"strings"

	"github.com/cilium/ebpf"
)

// Map types that github.com/cilium/ebpf v0.22 has no name for.
const (
	InsnArray ebpf.MapType = 34 // BPF_MAP_TYPE_INSN_ARRAY
	RHash     ebpf.MapType = 35 // BPF_MAP_TYPE_RHASH
)

// Attach types that github.com/cilium/ebpf v0.22 has no name for.
const (
	AttachTraceUprobeSession ebpf.AttachType = 57 + iota
	AttachTraceFSession
	AttachTraceFEntryMulti
	AttachTraceFExitMulti
	AttachTraceFSessionMulti
)

// The kernel's names in lower case without the prefix, by number, as Linux 7.2's
// include/uapi/linux/bpf.h has them (and without the suffix that marks two of the
// storage maps as deprecated).
var mapTypes = [...]string{
	"unspec", "hash", "array", "prog_array", "perf_event_array", "percpu_hash", "percpu_array",
	"stack_trace", "cgroup_array", "lru_hash", "lru_percpu_hash", "lpm_trie", "array_of_maps",
	"hash_of_maps", "devmap", "sockmap", "cpumap", "xskmap", "sockhash", "cgroup_storage",
	"reuseport_sockarray", "percpu_cgroup_storage", "queue", "stack", "sk_storage", "devmap_hash",
	"struct_ops", "ringbuf", "inode_storage", "task_storage", "bloom_filter", "user_ringbuf",
	"cgrp_storage", "arena", "insn_array", "rhash",
}

var programTypes = [...]string{
	"unspec", "socket_filter", "kprobe", "sched_cls", "sched_act", "tracepoint", "xdp", "perf_event",
	"cgroup_skb", "cgroup_sock", "lwt_in", "lwt_out", "lwt_xmit", "sock_ops", "sk_skb",
	"cgroup_device", "sk_msg", "raw_tracepoint", "cgroup_sock_addr", "lwt_seg6local", "lirc_mode2",
	"sk_reuseport", "flow_dissector", "cgroup_sysctl", "raw_tracepoint_writable", "cgroup_sockopt",
	"tracing", "struct_ops", "ext", "lsm", "sk_lookup", "syscall", "netfilter",
}

var attachTypes = [...]string{
	"cgroup_inet_ingress", "cgroup_inet_egress", "cgroup_inet_sock_create", "cgroup_sock_ops",
	"sk_skb_stream_parser", "sk_skb_stream_verdict", "cgroup_device", "sk_msg_verdict",
	"cgroup_inet4_bind", "cgroup_inet6_bind", "cgroup_inet4_connect", "cgroup_inet6_connect",
	"cgroup_inet4_post_bind", "cgroup_inet6_post_bind", "cgroup_udp4_sendmsg", "cgroup_udp6_sendmsg",
	"lirc_mode2", "flow_dissector", "cgroup_sysctl", "cgroup_udp4_recvmsg", "cgroup_udp6_recvmsg",
	"cgroup_getsockopt", "cgroup_setsockopt", "trace_raw_tp", "trace_fentry", "trace_fexit",
	"modify_return", "lsm_mac", "trace_iter", "cgroup_inet4_getpeername", "cgroup_inet6_getpeername",
	"cgroup_inet4_getsockname", "cgroup_inet6_getsockname", "xdp_devmap", "cgroup_inet_sock_release",
	"xdp_cpumap", "sk_lookup", "xdp", "sk_skb_verdict", "sk_reuseport_select",
	"sk_reuseport_select_or_migrate", "perf_event", "trace_kprobe_multi", "lsm_cgroup", "struct_ops",
	"netfilter", "tcx_ingress", "tcx_egress", "trace_uprobe_multi", "cgroup_unix_connect",
	"cgroup_unix_sendmsg", "cgroup_unix_recvmsg", "cgroup_unix_getpeername",
	"cgroup_unix_getsockname", "netkit_primary", "netkit_peer", "trace_kprobe_session",
	"trace_uprobe_session", "trace_fsession", "trace_fentry_multi", "trace_fexit_multi",
	"trace_fsession_multi",
}

// MapTypeName returns the kernel's name of a map type, such as "array_of_maps";
// the number where Linux 7.2 has no such type.
func MapTypeName(t ebpf.MapType) string { return name(mapTypes[:], uint32(t)) }

// ProgramTypeName returns the kernel's name of a program type, such as
// "sched_cls"; the number where Linux 7.2 has no such type.
func ProgramTypeName(t ebpf.ProgramType) string { return name(programTypes[:], uint32(t)) }

// AttachTypeName returns the kernel's name of an attach type, such as
// "trace_fentry"; the number where Linux 7.2 has no such type. It names 0
// "cgroup_inet_ingress", which is also what a program without an attach type has.
func AttachTypeName(t ebpf.AttachType) string { return name(attachTypes[:], uint32(t)) }

// ParseMapType is the inverse of [MapTypeName]. It also takes numbers and the
// kernel's spelling, BPF_MAP_TYPE_HASH.
func ParseMapType(s string) (ebpf.MapType, bool) {
	n, ok := parse(mapTypes[:], "bpf_map_type_", s)
	return ebpf.MapType(n), ok
}

// ParseProgramType is the inverse of [ProgramTypeName]. It also takes numbers
// and the kernel's spelling, BPF_PROG_TYPE_XDP.
func ParseProgramType(s string) (ebpf.ProgramType, bool) {
	n, ok := parse(programTypes[:], "bpf_prog_type_", s)
	return ebpf.ProgramType(n), ok
}

// ParseAttachType is the inverse of [AttachTypeName]. It also takes numbers and
// the kernel's spelling, BPF_TRACE_FENTRY.
func ParseAttachType(s string) (ebpf.AttachType, bool) {
	n, ok := parse(attachTypes[:], "bpf_", s)
	return ebpf.AttachType(n), ok
}

// ProgramTypeNames returns the names of all program types but "unspec", by
// number: what a command can offer.
func ProgramTypeNames() []string { return programTypes[1:] }

// MapTypeNames returns the names of all map types but "unspec", by number.
func MapTypeNames() []string { return mapTypes[1:] }

func name(names []string, n uint32) string {
	if n < uint32(len(names)) {
		return names[n]
	}
	return strconv.FormatUint(uint64(n), 10)
}

func parse(names []string, prefix, s string) (uint32, bool) {
	s = strings.ToLower(s)
	for _, s := range [2]string{s, strings.TrimPrefix(s, prefix)} {
		for i, name := range names {
			if name == s {
				return uint32(i), true
			}
		}
	}
	n, err := strconv.ParseUint(s, 10, 28)
	return uint32(n), err == nil
}
