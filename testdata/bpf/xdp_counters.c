// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
//
// Counts packets and bytes by protocol. Every CPU has counters of its own, so
// no packet waits for another; whoever reads the map adds the columns up.
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

enum protocol {
	PROTOCOL_OTHER,
	PROTOCOL_ARP,
	PROTOCOL_IPV4,
	PROTOCOL_IPV6,
	PROTOCOLS,
};

struct counter {
	__u64 packets;
	__u64 bytes;
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__type(key, __u32);
	__type(value, struct counter);
	__uint(max_entries, PROTOCOLS);
} counters SEC(".maps");

static __always_inline enum protocol classify(const void *data, const void *data_end)
{
	const struct ethhdr *eth = data;

	if ((const void *)(eth + 1) > data_end)
		return PROTOCOL_OTHER;
	switch (eth->h_proto) {
	case bpf_htons(ETH_P_ARP):
		return PROTOCOL_ARP;
	case bpf_htons(ETH_P_IP):
		return PROTOCOL_IPV4;
	case bpf_htons(ETH_P_IPV6):
		return PROTOCOL_IPV6;
	}
	return PROTOCOL_OTHER;
}

SEC("xdp")
int count(struct xdp_md *ctx)
{
	const void *data = (const void *)(long)ctx->data;
	const void *data_end = (const void *)(long)ctx->data_end;
	__u32 key = classify(data, data_end);
	struct counter *c = bpf_map_lookup_elem(&counters, &key);

	if (!c)
		return XDP_ABORTED;
	c->packets++;
	c->bytes += data_end - data;
	return XDP_PASS;
}

char _license[] SEC("license") = "Dual BSD/GPL";
