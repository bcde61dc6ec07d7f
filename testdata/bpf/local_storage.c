// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
//
// Storage that lives as long as the thing it belongs to: a task, a socket, an
// inode, a cgroup. Key types and flags are fixed, max_entries is none. The two
// maps at the end are the older kind, one value for each cgroup a program is
// attached to.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

struct visits {
	__u64 count;
	__u64 last;
};

struct {
	__uint(type, BPF_MAP_TYPE_TASK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, struct visits);
} of_task SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_SK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC | BPF_F_CLONE);
	__type(key, int);
	__type(value, struct visits);
} of_socket SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_INODE_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, struct visits);
} of_inode SEC(".maps");

struct {
	__uint(type, 32); /* BPF_MAP_TYPE_CGRP_STORAGE, Linux 6.2 */
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, struct visits);
} of_cgroup SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_CGROUP_STORAGE);
	__type(key, struct bpf_cgroup_storage_key);
	__type(value, struct visits);
} of_attachment SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_CGROUP_STORAGE);
	__type(key, __u64); /* the cgroup's id alone: one value for all programs */
	__type(value, __u64);
} of_attachment_percpu SEC(".maps");

static __always_inline void visit(struct visits *v)
{
	if (!v)
		return;
	v->count++;
	v->last = bpf_ktime_get_ns();
}

struct task_struct;

SEC("tp_btf/sched_process_exit")
int BPF_PROG(on_exit, struct task_struct *task)
{
	visit(bpf_task_storage_get(&of_task, task, 0, BPF_LOCAL_STORAGE_GET_F_CREATE));
	return 0;
}

SEC("cgroup_skb/egress")
int on_egress(struct __sk_buff *skb)
{
	struct visits *v = bpf_get_local_storage(&of_attachment, 0);
	__u64 *bytes = bpf_get_local_storage(&of_attachment_percpu, 0);
	struct bpf_sock *sk = skb->sk;

	visit(v);
	*bytes += skb->len;
	if (sk)
		sk = bpf_sk_fullsock(sk);
	if (sk)
		visit(bpf_sk_storage_get(&of_socket, sk, 0, BPF_SK_STORAGE_GET_F_CREATE));
	return 1;
}

char _license[] SEC("license") = "GPL";
