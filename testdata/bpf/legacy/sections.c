// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
//
// Section names that loaders of their time understood and libbpf no longer does:
// it used to compare only how a name begins.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#define PROGRAM(section, name) SEC(section) int name(void *ctx) { return 0; }

/* The kernel's samples. */
PROGRAM("socket1", as_socket_1)
PROGRAM("socket_filter", as_socket_filter)
PROGRAM("xdp1", as_xdp_1)
PROGRAM("xdp_sock", as_xdp_sock)
PROGRAM("xdp_prog", as_xdp_prog)
PROGRAM("cgroup/sock1", as_cgroup_sock_1)
PROGRAM("sk_skb1", as_sk_skb_1)
PROGRAM("sk_msg1", as_sk_msg_1)
PROGRAM("perf_event1", as_perf_event_1)
PROGRAM("tracepoint/syscalls/sys_enter_open", as_tracepoint)

/* iproute2. */
PROGRAM("classifier", as_classifier)
PROGRAM("action", as_action)
PROGRAM("prog", as_prog)
PROGRAM("classifier/x", as_classifier_x)
PROGRAM("tc/x", as_tc_x)

/* gobpf and goebpf. */
PROGRAM("sched_cls/x", as_sched_cls_x)
PROGRAM("sched_act/x", as_sched_act_x)
PROGRAM("tc_cls", as_tc_cls)
PROGRAM("tc_act", as_tc_act)

char _license[] SEC("license") = "GPL";
