// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
//
// One program for each section name that says all there is to know about a
// program's kind, and that Linux 6.18 loads. Names that may carry a target come
// twice, without and with one.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

/* The least that a program can be. 1 allows where a program decides. */
#define PROGRAM(section, name, verdict) \
	SEC(section)                    \
	int name(void *ctx)             \
	{                               \
		return verdict;         \
	}

/* Sockets */
PROGRAM("socket", as_socket, 0)
PROGRAM("sk_reuseport/migrate", as_sk_reuseport_migrate, 1)
PROGRAM("sk_reuseport", as_sk_reuseport, 1)
PROGRAM("sockops", as_sockops, 0)
PROGRAM("sk_skb/stream_parser", as_sk_skb_stream_parser, 0)
PROGRAM("sk_skb/stream_verdict", as_sk_skb_stream_verdict, 0)
PROGRAM("sk_skb/verdict", as_sk_skb_verdict, 0)
PROGRAM("sk_skb", as_sk_skb, 0)
PROGRAM("sk_msg", as_sk_msg, 1)
PROGRAM("flow_dissector", as_flow_dissector, 0)
PROGRAM("sk_lookup", as_sk_lookup, 1)

/* Probes */
PROGRAM("kprobe", as_kprobe, 0)
PROGRAM("kprobe/vfs_read", as_kprobe_target, 0)
PROGRAM("uprobe", as_uprobe, 0)
PROGRAM("uprobe/libc.so.6:malloc", as_uprobe_target, 0)
PROGRAM("uprobe.s", as_uprobe_s, 0)
PROGRAM("uprobe.s/libc.so.6:malloc", as_uprobe_s_target, 0)
PROGRAM("kretprobe", as_kretprobe, 0)
PROGRAM("kretprobe/vfs_read", as_kretprobe_target, 0)
PROGRAM("uretprobe", as_uretprobe, 0)
PROGRAM("uretprobe/libc.so.6:malloc", as_uretprobe_target, 0)
PROGRAM("uretprobe.s", as_uretprobe_s, 0)
PROGRAM("uretprobe.s/libc.so.6:malloc", as_uretprobe_s_target, 0)
PROGRAM("kprobe.multi", as_kprobe_multi, 0)
PROGRAM("kprobe.multi/vfs_*", as_kprobe_multi_target, 0)
PROGRAM("kretprobe.multi", as_kretprobe_multi, 0)
PROGRAM("kretprobe.multi/vfs_*", as_kretprobe_multi_target, 0)
PROGRAM("kprobe.session", as_kprobe_session, 0)
PROGRAM("kprobe.session/vfs_*", as_kprobe_session_target, 0)
PROGRAM("uprobe.multi", as_uprobe_multi, 0)
PROGRAM("uprobe.multi/libc.so.6:mall*", as_uprobe_multi_target, 0)
PROGRAM("uretprobe.multi", as_uretprobe_multi, 0)
PROGRAM("uretprobe.multi/libc.so.6:mall*", as_uretprobe_multi_target, 0)
PROGRAM("uprobe.session", as_uprobe_session, 0)
PROGRAM("uprobe.session/libc.so.6:mall*", as_uprobe_session_target, 0)
PROGRAM("uprobe.multi.s", as_uprobe_multi_s, 0)
PROGRAM("uprobe.multi.s/libc.so.6:mall*", as_uprobe_multi_s_target, 0)
PROGRAM("uretprobe.multi.s", as_uretprobe_multi_s, 0)
PROGRAM("uretprobe.multi.s/libc.so.6:mall*", as_uretprobe_multi_s_target, 0)
PROGRAM("uprobe.session.s", as_uprobe_session_s, 0)
PROGRAM("uprobe.session.s/libc.so.6:mall*", as_uprobe_session_s_target, 0)
PROGRAM("ksyscall", as_ksyscall, 0)
PROGRAM("ksyscall/getpid", as_ksyscall_target, 0)
PROGRAM("kretsyscall", as_kretsyscall, 0)
PROGRAM("kretsyscall/getpid", as_kretsyscall_target, 0)
PROGRAM("usdt", as_usdt, 0)
PROGRAM("usdt/libc.so.6:libc:setjmp", as_usdt_target, 0)
PROGRAM("usdt.s", as_usdt_s, 0)
PROGRAM("usdt.s/libc.so.6:libc:setjmp", as_usdt_s_target, 0)

/* Traffic control */
PROGRAM("tc/ingress", as_tc_ingress, 0)
PROGRAM("tc/egress", as_tc_egress, 0)
PROGRAM("tcx/ingress", as_tcx_ingress, 0)
PROGRAM("tcx/egress", as_tcx_egress, 0)
PROGRAM("tc", as_tc, 0)
PROGRAM("classifier", as_classifier, 0)
PROGRAM("action", as_action, 0)
PROGRAM("netkit/primary", as_netkit_primary, 0)
PROGRAM("netkit/peer", as_netkit_peer, 0)

/* Tracepoints */
PROGRAM("tracepoint", as_tracepoint, 0)
PROGRAM("tracepoint/sched/sched_switch", as_tracepoint_target, 0)
PROGRAM("tp", as_tp, 0)
PROGRAM("tp/sched/sched_switch", as_tp_target, 0)
PROGRAM("raw_tracepoint", as_raw_tracepoint, 0)
PROGRAM("raw_tracepoint/sched_switch", as_raw_tracepoint_target, 0)
PROGRAM("raw_tp", as_raw_tp, 0)
PROGRAM("raw_tp/sched_switch", as_raw_tp_target, 0)
PROGRAM("raw_tracepoint.w", as_raw_tracepoint_w, 0)
PROGRAM("raw_tracepoint.w/nbd_send_request", as_raw_tracepoint_w_target, 0)
PROGRAM("raw_tp.w", as_raw_tp_w, 0)
PROGRAM("raw_tp.w/nbd_send_request", as_raw_tp_w_target, 0)
PROGRAM("perf_event", as_perf_event, 0)

/* XDP */
PROGRAM("xdp.frags/devmap", as_xdp_frags_devmap, XDP_PASS)
PROGRAM("xdp/devmap", as_xdp_devmap, XDP_PASS)
PROGRAM("xdp.frags/cpumap", as_xdp_frags_cpumap, XDP_PASS)
PROGRAM("xdp/cpumap", as_xdp_cpumap, XDP_PASS)
PROGRAM("xdp.frags", as_xdp_frags, XDP_PASS)
PROGRAM("xdp", as_xdp, XDP_PASS)

/* Lightweight tunnels */
PROGRAM("lwt_in", as_lwt_in, 0)
PROGRAM("lwt_out", as_lwt_out, 0)
PROGRAM("lwt_xmit", as_lwt_xmit, 0)
PROGRAM("lwt_seg6local", as_lwt_seg6local, 0)

/* Control groups */
PROGRAM("cgroup_skb/ingress", as_cgroup_skb_ingress, 1)
PROGRAM("cgroup_skb/egress", as_cgroup_skb_egress, 1)
PROGRAM("cgroup/skb", as_cgroup_skb, 1)
PROGRAM("cgroup/sock_create", as_cgroup_sock_create, 1)
PROGRAM("cgroup/sock_release", as_cgroup_sock_release, 1)
PROGRAM("cgroup/sock", as_cgroup_sock, 1)
PROGRAM("cgroup/post_bind4", as_cgroup_post_bind4, 1)
PROGRAM("cgroup/post_bind6", as_cgroup_post_bind6, 1)
PROGRAM("cgroup/bind4", as_cgroup_bind4, 1)
PROGRAM("cgroup/bind6", as_cgroup_bind6, 1)
PROGRAM("cgroup/connect4", as_cgroup_connect4, 1)
PROGRAM("cgroup/connect6", as_cgroup_connect6, 1)
PROGRAM("cgroup/connect_unix", as_cgroup_connect_unix, 1)
PROGRAM("cgroup/sendmsg4", as_cgroup_sendmsg4, 1)
PROGRAM("cgroup/sendmsg6", as_cgroup_sendmsg6, 1)
PROGRAM("cgroup/sendmsg_unix", as_cgroup_sendmsg_unix, 1)
PROGRAM("cgroup/recvmsg4", as_cgroup_recvmsg4, 1)
PROGRAM("cgroup/recvmsg6", as_cgroup_recvmsg6, 1)
PROGRAM("cgroup/recvmsg_unix", as_cgroup_recvmsg_unix, 1)
PROGRAM("cgroup/getpeername4", as_cgroup_getpeername4, 1)
PROGRAM("cgroup/getpeername6", as_cgroup_getpeername6, 1)
PROGRAM("cgroup/getpeername_unix", as_cgroup_getpeername_unix, 1)
PROGRAM("cgroup/getsockname4", as_cgroup_getsockname4, 1)
PROGRAM("cgroup/getsockname6", as_cgroup_getsockname6, 1)
PROGRAM("cgroup/getsockname_unix", as_cgroup_getsockname_unix, 1)
PROGRAM("cgroup/sysctl", as_cgroup_sysctl, 1)
PROGRAM("cgroup/getsockopt", as_cgroup_getsockopt, 1)
PROGRAM("cgroup/setsockopt", as_cgroup_setsockopt, 1)
PROGRAM("cgroup/dev", as_cgroup_dev, 1)

/* Others */
PROGRAM("syscall", as_syscall, 0)
PROGRAM("netfilter", as_netfilter, 1)

char _license[] SEC("license") = "GPL";
