// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Calls that this program, this kernel or this moment does not allow. */
#include "common.h"

struct value_locked {
	struct bpf_spin_lock lock;
	__u64 count;
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 16);
	__type(key, __u32);
	__type(value, struct value_locked);
} locked SEC(".maps");

/* The recorder takes away the BTF types of maps with this name. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 16);
	__type(key, __u32);
	__type(value, struct value_locked);
} untyped SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 16);
	__type(key, __u32);
	__type(value, __u32);
} ports SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096);
} events SEC(".maps");

SEC("xdp")
int helper_not_allowed(struct xdp_md *ctx)
{
	return bpf_skb_load_bytes(ctx, 0, (void *)0, 0);
}

SEC("xdp")
naked int unknown_helper(void)
{
	asm volatile("call 9999;"
		     "exit;" ::: CLOBBERS);
}

SEC("tc")
int reference_leak(struct __sk_buff *skb)
{
	struct bpf_sock_tuple tuple = {};
	struct bpf_sock *sk;

	sk = bpf_sk_lookup_tcp(skb, &tuple, sizeof(tuple.ipv4), BPF_F_CURRENT_NETNS, 0);
	return sk ? 1 : 0;
}

SEC("xdp")
int reference_leak_ringbuf(struct xdp_md *ctx)
{
	__u64 *p = bpf_ringbuf_reserve(&events, 8, 0);

	if (!p)
		return XDP_ABORTED;
	*p = ctx->ingress_ifindex;
	if (ctx->rx_queue_index)
		return XDP_DROP;
	bpf_ringbuf_submit(p, 0);
	return XDP_PASS;
}

SEC("tc")
int not_acquired(struct __sk_buff *skb)
{
	struct bpf_sock *sk = skb->sk;

	if (!sk)
		return 0;
	sk = bpf_sk_fullsock(sk);
	if (!sk)
		return 0;
	bpf_sk_release(sk);
	return 0;
}

SEC("tc")
int double_release(struct __sk_buff *skb)
{
	struct bpf_sock_tuple tuple = {};
	struct bpf_sock *sk;

	sk = bpf_sk_lookup_tcp(skb, &tuple, sizeof(tuple.ipv4), BPF_F_CURRENT_NETNS, 0);
	if (!sk)
		return 0;
	bpf_sk_release(sk);
	bpf_sk_release(sk);
	return 0;
}

SEC("tc")
int lock_missing_unlock(struct __sk_buff *skb)
{
	__u32 key = 1;
	struct value_locked *v = bpf_map_lookup_elem(&locked, &key);

	if (!v)
		return 0;
	bpf_spin_lock(&v->lock);
	v->count++;
	return 0;
}

SEC("tc")
int lock_call(struct __sk_buff *skb)
{
	__u32 key = 1;
	struct value_locked *v = bpf_map_lookup_elem(&locked, &key);

	if (!v)
		return 0;
	bpf_spin_lock(&v->lock);
	v->count = bpf_ktime_get_ns();
	bpf_spin_unlock(&v->lock);
	return 0;
}

SEC("tc")
int lock_access(struct __sk_buff *skb)
{
	__u32 key = 1;
	struct value_locked *v = bpf_map_lookup_elem(&locked, &key);

	if (!v)
		return 0;
	*(volatile __u32 *)&v->lock = 0;
	return 0;
}

SEC("tracepoint/syscalls/sys_enter_openat")
int lock_tracing(void *ctx)
{
	__u32 key = 1;
	struct value_locked *v = bpf_map_lookup_elem(&locked, &key);

	if (!v)
		return 0;
	bpf_spin_lock(&v->lock);
	v->count++;
	bpf_spin_unlock(&v->lock);
	return 0;
}

SEC("tc")
int map_needs_btf(struct __sk_buff *skb)
{
	__u32 key = 1;
	struct value_locked *v = bpf_map_lookup_elem(&untyped, &key);

	if (!v)
		return 0;
	bpf_spin_lock(&v->lock);
	v->count++;
	bpf_spin_unlock(&v->lock);
	return 0;
}

SEC("xdp")
int map_type(struct xdp_md *ctx)
{
	return bpf_redirect_map(&ports, ctx->ingress_ifindex, 0);
}

__noinline int visible_step(__u32 index, void *data)
{
	return index > 5;
}

SEC("xdp")
int callback_not_static(struct xdp_md *ctx)
{
	bpf_loop(10, visible_step, (void *)0, 0);
	return XDP_PASS;
}

static int step_seven(__u32 index, void *data)
{
	return 7;
}

SEC("xdp")
int callback_return(struct xdp_md *ctx)
{
	bpf_loop(10, step_seven, (void *)0, 0);
	return XDP_PASS;
}

__noinline int visible_sum(__u64 *pair)
{
	if (!pair)
		return 0;
	return pair[0] + pair[1];
}

SEC("xdp")
naked int global_function(void)
{
	asm volatile("r1 = 5;"
		     "call visible_sum;"
		     "r0 = 2;"
		     "exit;" ::: CLOBBERS);
}

__noinline int visible_count(struct value *v)
{
	return v->count;
}

SEC("xdp")
int global_function_null(struct xdp_md *ctx)
{
	struct value v = { .count = ctx->ingress_ifindex };

	return visible_count(&v) ? XDP_PASS : XDP_DROP;
}

SEC("fentry/bpf_fentry_test1")
int sleepable_helper(__u64 *ctx)
{
	__u64 x = 0;

	bpf_copy_from_user(&x, sizeof(x), (void *)ctx[0]);
	return 0;
}

struct task_struct;

SEC("tp_btf/task_newtask")
int struct_access(__u64 *ctx)
{
	const char *task = (const char *)ctx[0];

	return *(const volatile __u64 *)(task + (1 << 20));
}

SEC("tp_btf/task_newtask")
int struct_write(__u64 *ctx)
{
	char *task = (char *)ctx[0];

	*(volatile __u64 *)(task + 16) = 1;
	return 0;
}

char _license[] SEC("license") = "GPL";
