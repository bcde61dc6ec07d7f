// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Programs that reach beyond the memory they were given. */
#include "common.h"

struct table {
	__u64 slots[8];
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct table);
} tables SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096);
} events SEC(".maps");

static __always_inline struct table *table(void)
{
	__u32 zero = 0;

	return bpf_map_lookup_elem(&tables, &zero);
}

SEC("xdp")
int packet_bounds(struct xdp_md *ctx)
{
	unsigned char *data = (void *)(long)ctx->data;

	return data[12] == 8 ? XDP_PASS : XDP_DROP;
}

SEC("xdp")
int packet_bounds_short(struct xdp_md *ctx)
{
	unsigned char *end = (void *)(long)ctx->data_end;
	unsigned char *data = (void *)(long)ctx->data;

	if (data + 14 > end)
		return XDP_DROP;
	return data[23] == 6 ? XDP_PASS : XDP_DROP;
}

SEC("xdp")
int map_value_bounds(struct xdp_md *ctx)
{
	struct table *t = table();
	__u64 *slot;

	if (!t)
		return XDP_ABORTED;
	slot = (__u64 *)t;
	opaque(slot);
	slot[8] = ctx->ingress_ifindex;
	return XDP_PASS;
}

SEC("xdp")
int map_value_index(struct xdp_md *ctx)
{
	struct table *t = table();

	if (!t)
		return XDP_ABORTED;
	t->slots[ctx->rx_queue_index & 15]++;
	return XDP_PASS;
}

SEC("xdp")
int map_value_unbounded(struct xdp_md *ctx)
{
	struct table *t = table();

	if (!t)
		return XDP_ABORTED;
	t->slots[ctx->rx_queue_index]++;
	return XDP_PASS;
}

SEC("xdp")
int map_value_negative(struct xdp_md *ctx)
{
	struct table *t = table();
	int index = ctx->rx_queue_index;

	if (!t)
		return XDP_ABORTED;
	opaque(index);
	if (index > 7)
		return XDP_DROP;
	t->slots[index]++;
	return XDP_PASS;
}

SEC("xdp")
int memory_bounds(struct xdp_md *ctx)
{
	__u64 *p = bpf_ringbuf_reserve(&events, 16, 0);

	if (!p)
		return XDP_ABORTED;
	p[2] = ctx->ingress_ifindex;
	bpf_ringbuf_submit(p, 0);
	return XDP_PASS;
}

SEC("xdp")
naked int stack_bounds(void)
{
	asm volatile("r1 = 0;"
		     "*(u64 *)(r10 - 520) = r1;"
		     "r0 = 2;"
		     "exit;" ::: CLOBBERS);
}

SEC("xdp")
int stack_uninit(struct xdp_md *ctx)
{
	__u32 key[2];

	opaque(ctx);
	return bpf_map_lookup_elem(&tables, key) ? XDP_PASS : XDP_DROP;
}

SEC("xdp")
naked int stack_uninit_read(void)
{
	asm volatile("r0 = *(u64 *)(r10 - 16);"
		     "exit;" ::: CLOBBERS);
}

SEC("xdp")
naked int misaligned(void)
{
	asm volatile("r1 = 0;"
		     "*(u64 *)(r10 - 12) = r1;"
		     "r0 = 2;"
		     "exit;" ::: CLOBBERS);
}

SEC("tracepoint/syscalls/sys_enter_openat")
int helper_size(void *ctx)
{
	char comm[16];
	__u32 size = bpf_get_prandom_u32();

	bpf_get_current_comm(comm, size);
	return comm[0];
}

SEC("tracepoint/syscalls/sys_enter_openat")
int helper_size_negative(void *ctx)
{
	char comm[16];
	int size = bpf_get_prandom_u32();

	if (size < 16)
		bpf_get_current_comm(comm, size);
	return comm[0];
}

SEC("xdp")
int context_access(struct xdp_md *ctx)
{
	return ((volatile __u32 *)ctx)[20];
}

SEC("tc")
int context_write(struct __sk_buff *skb)
{
	*(volatile __u32 *)&skb->ifindex = 1;
	return 0;
}

SEC("xdp")
naked int context_modified(void)
{
	asm volatile("r2 = *(u32 *)(r1 + 12);"
		     "r2 &= 4;"
		     "r1 += r2;"
		     "r0 = *(u32 *)(r1 + 0);"
		     "exit;" ::: CLOBBERS);
}

char _license[] SEC("license") = "GPL";
