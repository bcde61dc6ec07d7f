// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Programs whose pointers are not what they should be. */
#include "common.h"

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 16);
	__type(key, __u32);
	__type(value, struct value);
} flows SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096);
} events SEC(".maps");

volatile const __u64 limit = 3;

SEC("xdp")
int null_pointer(struct xdp_md *ctx)
{
	__u32 key = ctx->ingress_ifindex;
	struct value *v = bpf_map_lookup_elem(&flows, &key);

	v->count++;
	return XDP_PASS;
}

SEC("xdp")
int null_pointer_branch(struct xdp_md *ctx)
{
	__u32 key = ctx->ingress_ifindex;
	struct value *v;

	v = bpf_map_lookup_elem(&flows, &key);
	if (v)
		v->count++;
	key++;
	v = bpf_map_lookup_elem(&flows, &key);
	if (ctx->rx_queue_index > 2)
		v->bytes = 1;
	return XDP_PASS;
}

static __noinline __u64 read_count(struct value *v)
{
	return v->count;
}

SEC("xdp")
int null_pointer_subprog(struct xdp_md *ctx)
{
	__u32 key = ctx->ingress_ifindex;
	struct value *v = bpf_map_lookup_elem(&flows, &key);

	return read_count(v) > limit ? XDP_DROP : XDP_PASS;
}

SEC("xdp")
int null_ringbuf(struct xdp_md *ctx)
{
	struct value *v = bpf_ringbuf_reserve(&events, sizeof(*v), 0);

	v->count = ctx->ingress_ifindex;
	bpf_ringbuf_submit(v, 0);
	return XDP_PASS;
}

SEC("xdp")
int null_argument(struct xdp_md *ctx)
{
	__u32 key = ctx->ingress_ifindex;
	struct value *v = bpf_map_lookup_elem(&flows, &key);

	bpf_map_update_elem(&flows, &key, v, BPF_ANY);
	return XDP_PASS;
}

SEC("xdp")
naked int null_arithmetic(void)
{
	asm volatile("r1 = 0;"
		     "*(u32 *)(r10 - 4) = r1;"
		     "r2 = r10;"
		     "r2 += -4;"
		     "r1 = %[flows] ll;"
		     "call %[lookup];"
		     "r0 += 8;"
		     "if r0 == 0 goto 1f;"
		     "r0 = *(u64 *)(r0 + 0);"
		     "1: r0 = 2;"
		     "exit;" ::[lookup] "i"(BPF_FUNC_map_lookup_elem),
		     [flows] "i"(&flows)
		     : CLOBBERS);
}

SEC("raw_tracepoint/sys_enter")
int scalar_pointer(struct bpf_raw_tracepoint_args *ctx)
{
	const __u64 *regs = (const __u64 *)ctx->args[0];

	return regs[14] == limit;
}

SEC("xdp")
naked int pointer_arithmetic(void)
{
	asm volatile("r2 = r10;"
		     "r2 *= 2;"
		     "r0 = 2;"
		     "exit;" ::: CLOBBERS);
}

SEC("xdp")
naked int pointer_arithmetic_unbounded(void)
{
	asm volatile("r2 = *(u32 *)(r1 + 12);"
		     "r2 <<= 40;"
		     "r3 = r10;"
		     "r3 += r2;"
		     "r0 = *(u64 *)(r3 - 8);"
		     "exit;" ::: CLOBBERS);
}

SEC("xdp")
naked int mixed_pointers(void)
{
	asm volatile("r6 = r1;"
		     "call %[random];"
		     "if r0 == 0 goto 1f;"
		     "r7 = r6;"
		     "goto 2f;"
		     "1: r7 = r10;"
		     "r7 += -8;"
		     "r1 = 0;"
		     "*(u64 *)(r10 - 8) = r1;"
		     "2: r0 = *(u32 *)(r7 + 0);"
		     "r0 = 2;"
		     "exit;" ::[random] "i"(BPF_FUNC_get_prandom_u32)
		     : CLOBBERS);
}

SEC("xdp")
int readonly_write(struct xdp_md *ctx)
{
	__u64 *p = (__u64 *)&limit;

	opaque(p);
	*p = ctx->ingress_ifindex;
	return XDP_PASS;
}

SEC("xdp")
naked int frame_pointer_write(void)
{
	asm volatile("r10 = 0;"
		     "r0 = 2;"
		     "exit;" ::: CLOBBERS);
}

SEC("xdp")
naked int uninit_register(void)
{
	asm volatile("r0 = r7;"
		     "exit;" ::: CLOBBERS);
}

SEC("xdp")
naked int uninit_return(void)
{
	asm volatile("exit;" ::: CLOBBERS);
}

SEC("xdp")
naked int argument_type(void)
{
	asm volatile("r2 = 1;"
		     "r1 = %[flows] ll;"
		     "call %[lookup];"
		     "r0 = 2;"
		     "exit;" ::[lookup] "i"(BPF_FUNC_map_lookup_elem),
		     [flows] "i"(&flows)
		     : CLOBBERS);
}

SEC("xdp")
naked int argument_clobbered(void)
{
	asm volatile("r6 = r1;"
		     "call %[random];"
		     "r0 = *(u32 *)(r1 + 0);"
		     "exit;" ::[random] "i"(BPF_FUNC_get_prandom_u32)
		     : CLOBBERS);
}

char _license[] SEC("license") = "GPL";
