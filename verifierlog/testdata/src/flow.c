// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Programs that do not end, are too big, or jump where there is nothing. */
#include "common.h"

SEC("xdp")
naked int infinite_loop(void)
{
	asm volatile("r0 = 0;"
		     "1: r0 += 1;"
		     "r0 &= 1;"
		     "if r0 < 5 goto 1b;"
		     "exit;" ::: CLOBBERS);
}

SEC("xdp")
int infinite_loop_c(struct xdp_md *ctx)
{
	volatile __u32 *queue = &ctx->rx_queue_index;

	while (*queue != 3)
		;
	return XDP_PASS;
}

SEC("xdp")
int too_complex(struct xdp_md *ctx)
{
	__u64 i = 0, sum = 0;

	for (i = 0; i < 10000000; i++) {
		opaque(i);
		sum += i;
	}
	return sum > 5;
}

/* Loaded with log level 4: a reason and statistics, but no instructions. */
SEC("xdp")
int too_complex_stats(struct xdp_md *ctx)
{
	return too_complex(ctx);
}

SEC("xdp")
naked int too_many_jumps(void)
{
	asm volatile("r6 = 0;"
		     "1: call %[random];"
		     "if r0 > 7 goto 2f;"
		     "r6 += 1;"
		     "if r6 < 100000 goto 1b;"
		     "2: r0 = 2;"
		     "exit;" ::[random] "i"(BPF_FUNC_get_prandom_u32)
		     : CLOBBERS);
}

SEC("xdp")
naked int unreachable_code(void)
{
	asm volatile("r0 = 2;"
		     "exit;"
		     "r0 = 1;"
		     "exit;" ::: CLOBBERS);
}

SEC("xdp")
naked int jump_range(void)
{
	asm volatile("r0 = 2;"
		     "if r0 == 0 goto +100;"
		     "exit;" ::: CLOBBERS);
}

SEC("xdp")
naked int no_exit(void)
{
	asm volatile("r0 = 2;" ::: CLOBBERS);
}

static __noinline __attribute__((used)) naked int again(void)
{
	asm volatile("if r1 == 0 goto 1f;"
		     "r1 += -1;"
		     "call again;"
		     "1: r0 = 2;"
		     "exit;" ::: CLOBBERS);
}

SEC("xdp")
naked int recursion(void)
{
	asm volatile("r1 = 3;"
		     "call again;"
		     "exit;" ::: CLOBBERS);
}

static __noinline __u64 deep(__u64 x)
{
	__u64 buf[40], *p = buf;

	opaque(p);
	p[0] = x;
	return p[0];
}

SEC("xdp")
int stack_size(struct xdp_md *ctx)
{
	__u64 buf[40], *p = buf;

	opaque(p);
	p[0] = deep(ctx->ingress_ifindex);
	return p[0] == 7;
}

#define FRAME(name, next)                              \
	static __noinline __attribute__((used)) naked int name(void)  \
	{                                              \
		asm volatile("call " #next ";"         \
			     "r0 = 2;"                 \
			     "exit;" ::: CLOBBERS);    \
	}

static __noinline __attribute__((used)) naked int frame8(void)
{
	asm volatile("r0 = 2;"
		     "exit;" ::: CLOBBERS);
}
FRAME(frame7, frame8)
FRAME(frame6, frame7)
FRAME(frame5, frame6)
FRAME(frame4, frame5)
FRAME(frame3, frame4)
FRAME(frame2, frame3)
FRAME(frame1, frame2)

SEC("xdp")
naked int call_depth(void)
{
	asm volatile("call frame1;"
		     "exit;" ::: CLOBBERS);
}

SEC("cgroup_skb/egress")
int return_value(struct __sk_buff *skb)
{
	return 7;
}

SEC("cgroup_skb/egress")
int return_value_unknown(struct __sk_buff *skb)
{
	return skb->len;
}

SEC("xdp")
naked int bad_instruction(void)
{
	asm volatile("r0 = 2;"
		     "r0 /= 0;"
		     "exit;" ::: CLOBBERS);
}

SEC("xdp")
naked int legacy_packet_load(void)
{
	asm volatile("r6 = r1;"
		     "r0 = *(u8 *)skb[0];"
		     "exit;" ::: CLOBBERS);
}

char _license[] SEC("license") = "GPL";
