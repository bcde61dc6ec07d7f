// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
//
// Functions of every linkage, and functions passed to helpers. All of them live
// in .text; a loader copies behind each program those that it reaches, once, and
// leaves out the rest.
//
//   static    verified together with its caller
//   global    verified on its own, from the types of its arguments alone
//   hidden    global in the object, verified like a static one
//   weak      as global; another object may replace it when linked
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#define PACKETS 8

struct totals {
	__u64 sum;
	__u32 rounds;
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__type(key, __u32);
	__type(value, __u64);
	__uint(max_entries, PACKETS);
} lengths SEC(".maps");

__u64 result;

static __noinline int scale(int x)
{
	/* Only a call keeps the compiler from folding this away. */
	return x * (int)bpf_get_prandom_u32();
}

__noinline int global_sum(int a, int b)
{
	return scale(a) + b;
}

__hidden __noinline int hidden_sum(struct totals *t, int b)
{
	/* A static function may take any pointer; a global one may not. */
	t->sum += b;
	return t->rounds + scale(b);
}

__weak __noinline int weak_sum(int a, int b)
{
	return a - scale(b);
}

/* Nobody calls this one: it is in the object, but in no program. */
__noinline int unused(int a)
{
	return scale(a) + 1;
}

static long add_round(__u32 index, void *context)
{
	struct totals *t = context;

	t->sum += index;
	t->rounds++;
	return 0;
}

static long add_length(void *map, __u32 *key, __u64 *value, void *context)
{
	struct totals *t = context;

	t->sum += *value;
	return 0;
}

SEC("tc")
int calls(struct __sk_buff *skb)
{
	struct totals t = {};

	result = global_sum(skb->len, 1) + hidden_sum(&t, 2) + weak_sum(3, skb->mark);
	return 0;
}

SEC("tc")
int callbacks(struct __sk_buff *skb)
{
	struct totals t = {};

	bpf_loop(PACKETS, add_round, &t, 0);
	bpf_for_each_map_elem(&lengths, add_length, &t, 0);
	result = t.sum + t.rounds;
	return 0;
}

/* Another type of program, and the same functions once more. */
SEC("xdp")
int calls_again(struct xdp_md *ctx)
{
	result = global_sum(ctx->rx_queue_index, 2);
	return XDP_PASS;
}

char _license[] SEC("license") = "Dual BSD/GPL";
