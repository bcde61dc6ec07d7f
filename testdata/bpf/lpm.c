// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
//
// Longest prefix match. The key of such a trie starts with the number of bits
// that count; the kernel insists on BPF_F_NO_PREALLOC.
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

struct prefix4 {
	__u32 bits;
	__be32 address;
};

struct prefix6 {
	__u32 bits;
	struct in6_addr address;
};

struct verdict {
	__u32 action;
	__u64 hits;
};

struct {
	__uint(type, BPF_MAP_TYPE_LPM_TRIE);
	__type(key, struct prefix4);
	__type(value, struct verdict);
	__uint(max_entries, 10000);
	__uint(map_flags, BPF_F_NO_PREALLOC);
} rules4 SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_LPM_TRIE);
	__type(key, struct prefix6);
	__type(value, struct verdict);
	__uint(max_entries, 10000);
	__uint(map_flags, BPF_F_NO_PREALLOC);
} rules6 SEC(".maps");

static __always_inline int apply(struct verdict *v)
{
	if (!v)
		return XDP_PASS;
	__sync_fetch_and_add(&v->hits, 1);
	return v->action;
}

SEC("xdp")
int filter(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	struct ethhdr *eth = data;

	if ((void *)(eth + 1) > end)
		return XDP_DROP;

	if (eth->h_proto == bpf_htons(ETH_P_IP)) {
		struct prefix4 key = { .bits = 32 };
		struct iphdr *ip = (void *)(eth + 1);

		if ((void *)(ip + 1) > end)
			return XDP_DROP;
		key.address = ip->saddr;
		return apply(bpf_map_lookup_elem(&rules4, &key));
	}
	if (eth->h_proto == bpf_htons(ETH_P_IPV6)) {
		struct prefix6 key = { .bits = 128 };
		struct ipv6hdr *ip = (void *)(eth + 1);

		if ((void *)(ip + 1) > end)
			return XDP_DROP;
		key.address = ip->saddr;
		return apply(bpf_map_lookup_elem(&rules6, &key));
	}
	return XDP_PASS;
}

char _license[] SEC("license") = "Dual BSD/GPL";
