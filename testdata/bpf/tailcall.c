// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
//
// A chain of tail calls through a prog array that is filled when the object is
// loaded: slots 0 and 2 have a program, slots 1 and 3 stay empty. A tail call
// into an empty slot falls through, which is how unknown protocols are handled.
//
// The kernel empties a prog array when the last descriptor or pin of it goes,
// so a loader that exits has to pin this map.
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

int ipv4(struct xdp_md *ctx);
int ipv6(struct xdp_md *ctx);

enum step {
	STEP_IPV4 = 0,
	STEP_ARP = 1, /* nobody handles ARP yet */
	STEP_IPV6 = 2,
	STEPS = 4,
};

struct {
	__uint(type, BPF_MAP_TYPE_PROG_ARRAY);
	__type(key, __u32);
	__uint(max_entries, STEPS);
	__array(values, int(struct xdp_md *));
} steps SEC(".maps") = {
	.values = {
		[STEP_IPV4] = &ipv4,
		[STEP_IPV6] = &ipv6,
	},
};

/* hits[0] counts packets nobody wanted, hits[1] IPv4 and hits[2] IPv6. */
__u64 hits[3];

SEC("xdp")
int entry(struct xdp_md *ctx)
{
	const void *data = (const void *)(long)ctx->data;
	const void *data_end = (const void *)(long)ctx->data_end;
	const struct ethhdr *eth = data;

	if ((const void *)(eth + 1) <= data_end) {
		switch (eth->h_proto) {
		case bpf_htons(ETH_P_IP):
			bpf_tail_call(ctx, &steps, STEP_IPV4);
			break;
		case bpf_htons(ETH_P_ARP):
			bpf_tail_call(ctx, &steps, STEP_ARP);
			break;
		case bpf_htons(ETH_P_IPV6):
			bpf_tail_call(ctx, &steps, STEP_IPV6);
			break;
		}
	}
	__sync_fetch_and_add(&hits[0], 1);
	return XDP_PASS;
}

SEC("xdp")
int ipv4(struct xdp_md *ctx)
{
	__sync_fetch_and_add(&hits[1], 1);
	return XDP_PASS;
}

SEC("xdp")
int ipv6(struct xdp_md *ctx)
{
	__sync_fetch_and_add(&hits[2], 1);
	return XDP_PASS;
}

char _license[] SEC("license") = "Dual BSD/GPL";
