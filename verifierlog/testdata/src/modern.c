// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Programs that use kfuncs, dynptrs and iterators: Linux 6.1 and newer. */
#include "common.h"

struct sock {
	__u16 sk_protocol;
} __attribute__((preserve_access_index));

struct task_struct {
	struct task_struct *parent;
} __attribute__((preserve_access_index));

struct bpf_iter_num {
	__u64 opaque[1];
} __attribute__((aligned(8)));

extern struct task_struct *bpf_task_acquire(struct task_struct *p) __ksym;
extern void bpf_task_release(struct task_struct *p) __ksym;
extern __u32 tcp_reno_ssthresh(struct sock *sk) __ksym;
extern void bpf_rcu_read_lock(void) __ksym;
extern void bpf_rcu_read_unlock(void) __ksym;
extern void bpf_preempt_disable(void) __ksym;
extern void bpf_preempt_enable(void) __ksym;
extern int bpf_iter_num_new(struct bpf_iter_num *it, int start, int end) __ksym;
extern int *bpf_iter_num_next(struct bpf_iter_num *it) __ksym;
extern void bpf_iter_num_destroy(struct bpf_iter_num *it) __ksym;

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096);
} events SEC(".maps");

SEC("xdp")
int kfunc_not_allowed(struct xdp_md *ctx)
{
	return tcp_reno_ssthresh((void *)0) ? XDP_PASS : XDP_DROP;
}

SEC("tp_btf/task_newtask")
int untrusted_pointer(__u64 *ctx)
{
	struct task_struct *task = (void *)ctx[0];
	struct task_struct *parent = bpf_task_acquire(task->parent);

	if (parent)
		bpf_task_release(parent);
	return 0;
}

SEC("tp_btf/task_newtask")
int reference_leak_kfunc(__u64 *ctx)
{
	return bpf_task_acquire((void *)ctx[0]) ? 1 : 0;
}

SEC("tp_btf/task_newtask")
int rcu_missing_unlock(__u64 *ctx)
{
	bpf_rcu_read_lock();
	return 0;
}

SEC("tp_btf/task_newtask")
int rcu_unmatched_unlock(__u64 *ctx)
{
	bpf_rcu_read_unlock();
	return 0;
}

SEC("tp_btf/task_newtask")
int preempt_missing_enable(__u64 *ctx)
{
	bpf_preempt_disable();
	return 0;
}

SEC("xdp")
int dynptr_uninit(struct xdp_md *ctx)
{
	struct bpf_dynptr ptr;
	__u64 x = 0;

	bpf_dynptr_read(&x, sizeof(x), &ptr, 0, 0);
	return XDP_PASS;
}

SEC("xdp")
int dynptr_leak(struct xdp_md *ctx)
{
	struct bpf_dynptr ptr;

	bpf_ringbuf_reserve_dynptr(&events, 8, 0, &ptr);
	return XDP_PASS;
}

SEC("tp_btf/task_newtask")
int iterator_uninit(__u64 *ctx)
{
	struct bpf_iter_num it;

	return bpf_iter_num_next(&it) ? 1 : 0;
}

SEC("tp_btf/task_newtask")
int iterator_leak(__u64 *ctx)
{
	struct bpf_iter_num it;

	bpf_iter_num_new(&it, 0, 3);
	return 0;
}

char _license[] SEC("license") = "GPL";
