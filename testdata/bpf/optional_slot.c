// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
//
// A slot of a prog array that names a program which is not loaded unless asked
// for. The slot stays empty then, and a loader says so.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

int always(struct xdp_md *ctx);
int perhaps(struct xdp_md *ctx);

struct {
	__uint(type, BPF_MAP_TYPE_PROG_ARRAY);
	__type(key, __u32);
	__uint(max_entries, 2);
	__array(values, int(struct xdp_md *));
} jumps SEC(".maps") = {
	.values = { &always, &perhaps },
};

SEC("xdp")
int entry(struct xdp_md *ctx)
{
	bpf_tail_call(ctx, &jumps, ctx->rx_queue_index & 1);
	return XDP_PASS;
}

SEC("xdp")
int always(struct xdp_md *ctx)
{
	return XDP_DROP;
}

SEC("?xdp")
int perhaps(struct xdp_md *ctx)
{
	return XDP_TX;
}

char _license[] SEC("license") = "Dual BSD/GPL";
