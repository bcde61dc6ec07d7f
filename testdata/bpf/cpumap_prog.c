// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
//
// Spreads packets over CPUs. An entry of a CPU map is a queue length and, as
// here, a program that runs on that CPU; user space fills it in with a program
// from section "xdp/cpumap".
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_CPUMAP);
	__type(key, __u32);
	__type(value, struct bpf_cpumap_val);
	__uint(max_entries, 4);
} workers SEC(".maps");

SEC("xdp")
int spread(struct xdp_md *ctx)
{
	return bpf_redirect_map(&workers, ctx->rx_queue_index & 3, XDP_PASS);
}

SEC("xdp/cpumap")
int on_worker(struct xdp_md *ctx)
{
	return ctx->data == ctx->data_end ? XDP_DROP : XDP_PASS;
}

char _license[] SEC("license") = "Dual BSD/GPL";
