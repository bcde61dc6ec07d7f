// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
//
// A firewall in front of the network stack. What comes in over IPv4 has to come
// from a network in "networks" and, over TCP or UDP, go to a port in "ports";
// everything else is dropped and counted. ARP and the rest of Ethernet pass, so
// that a host stays reachable at all. A set that says enforce=0 only counts.
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

const volatile _Bool enforce = 1;

struct network {
	__u32 prefixlen;
	__be32 addr;
};

struct {
	__uint(type, BPF_MAP_TYPE_LPM_TRIE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, 4096);
	__type(key, struct network);
	__type(value, _Bool);
} networks SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1024);
	__type(key, __u16); /* in host order */
	__type(value, _Bool);
} ports SEC(".maps");

enum verdict {
	NOT_IPV4,
	ALLOWED,
	STRANGER,    /* from a network that is not listed */
	CLOSED_PORT, /* to a port that is not listed */
	MALFORMED,
	VERDICTS,
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, VERDICTS);
	__type(key, __u32); /* an enum verdict: arrays want plain integers */
	__type(value, __u64);
} verdicts SEC(".maps");

static enum verdict judge(struct xdp_md *ctx)
{
	const void *data = (const void *)(long)ctx->data;
	const void *end = (const void *)(long)ctx->data_end;
	const struct ethhdr *eth = data;
	const struct iphdr *ip = (const void *)(eth + 1);
	struct network from = { .prefixlen = 32 };
	struct {
		__be16 source, dest;
	} l4;
	__u16 port;

	if ((const void *)(eth + 1) > end)
		return MALFORMED;
	if (eth->h_proto != bpf_htons(ETH_P_IP))
		return NOT_IPV4;
	if ((const void *)(ip + 1) > end || ip->ihl < 5)
		return MALFORMED;
	from.addr = ip->saddr;
	if (!bpf_map_lookup_elem(&networks, &from))
		return STRANGER;
	if (ip->protocol != IPPROTO_TCP && ip->protocol != IPPROTO_UDP)
		return ALLOWED;
	/* Only the first fragment has ports; without it the others are of no use. */
	if (ip->frag_off & bpf_htons(0x1fff))
		return ALLOWED;
	/* A pointer moved by a length from the packet would take CAP_PERFMON. */
	if (bpf_xdp_load_bytes(ctx, sizeof(*eth) + ip->ihl * 4, &l4, sizeof(l4)) < 0)
		return MALFORMED;
	port = bpf_ntohs(l4.dest);
	return bpf_map_lookup_elem(&ports, &port) ? ALLOWED : CLOSED_PORT;
}

SEC("xdp")
int firewall(struct xdp_md *ctx)
{
	enum verdict verdict = judge(ctx);
	__u64 *count = bpf_map_lookup_elem(&verdicts, &verdict);

	if (count)
		*count += 1;
	if (verdict == NOT_IPV4 || verdict == ALLOWED || !enforce)
		return XDP_PASS;
	return XDP_DROP;
}

char _license[] SEC("license") = "Dual BSD/GPL";
