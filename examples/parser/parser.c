// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
//
// A packet parser in which each header has a program of its own. A program reads
// its header, notes where the next one starts, and calls
// the program for it through the prog array "headers", which the loader fills in;
// replacing one slot changes one step of a running parser. A slot that is empty
// ends the parsing, and the packet is counted under the last header understood.
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

int vlan(struct xdp_md *ctx);
int ipv4(struct xdp_md *ctx);
int ipv6(struct xdp_md *ctx);
int tcp(struct xdp_md *ctx);
int udp(struct xdp_md *ctx);
int icmp(struct xdp_md *ctx);

enum header {
	ETHERNET,
	VLAN,
	IPV4,
	IPV6,
	TCP,
	UDP,
	ICMP,
	HEADERS,
};

struct {
	__uint(type, BPF_MAP_TYPE_PROG_ARRAY);
	__uint(max_entries, HEADERS);
	__type(key, __u32);
	__array(values, int(struct xdp_md *));
} headers SEC(".maps") = {
	.values = {
		[VLAN] = &vlan,
		[IPV4] = &ipv4,
		[IPV6] = &ipv6,
		[TCP] = &tcp,
		[UDP] = &udp,
		[ICMP] = &icmp,
	},
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, HEADERS);
	__type(key, __u32); /* an enum header: arrays want plain integers */
	__type(value, __u64);
} packets SEC(".maps");

/* Where the next header starts, for the programs of one packet: they run on one
 * CPU, one after the other. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u32);
} offset SEC(".maps");

#define MAX_OFFSET 512

static __always_inline int done(enum header last)
{
	__u64 *count = bpf_map_lookup_elem(&packets, &last);

	if (count)
		*count += 1;
	return XDP_PASS;
}

/* Copies the header that this program reads. */
static __always_inline int header(struct xdp_md *ctx, void *to, __u32 size, __u32 *at)
{
	__u32 zero = 0, *start = bpf_map_lookup_elem(&offset, &zero);

	if (!start || *start > MAX_OFFSET)
		return -1;
	*at = *start;
	return bpf_xdp_load_bytes(ctx, *at, to, size);
}

static __always_inline void next(struct xdp_md *ctx, enum header which, __u32 at)
{
	__u32 zero = 0, *start = bpf_map_lookup_elem(&offset, &zero);

	if (!start)
		return;
	*start = at;
	bpf_tail_call(ctx, &headers, which);
}

static __always_inline void next_ethertype(struct xdp_md *ctx, __be16 type, __u32 at)
{
	switch (type) {
	case bpf_htons(ETH_P_8021Q):
	case bpf_htons(ETH_P_8021AD):
		next(ctx, VLAN, at);
		break;
	case bpf_htons(ETH_P_IP):
		next(ctx, IPV4, at);
		break;
	case bpf_htons(ETH_P_IPV6):
		next(ctx, IPV6, at);
		break;
	}
}

static __always_inline void next_protocol(struct xdp_md *ctx, __u8 protocol, __u32 at)
{
	switch (protocol) {
	case IPPROTO_TCP:
		next(ctx, TCP, at);
		break;
	case IPPROTO_UDP:
		next(ctx, UDP, at);
		break;
	case IPPROTO_ICMP:
	case IPPROTO_ICMPV6:
		next(ctx, ICMP, at);
		break;
	}
}

SEC("xdp")
int parse(struct xdp_md *ctx)
{
	struct ethhdr eth;

	if (bpf_xdp_load_bytes(ctx, 0, &eth, sizeof(eth)) == 0)
		next_ethertype(ctx, eth.h_proto, sizeof(eth));
	return done(ETHERNET);
}

SEC("xdp")
int vlan(struct xdp_md *ctx)
{
	struct {
		__be16 tag, type;
	} tag;
	__u32 at;

	if (header(ctx, &tag, sizeof(tag), &at) == 0)
		next_ethertype(ctx, tag.type, at + sizeof(tag));
	return done(VLAN);
}

SEC("xdp")
int ipv4(struct xdp_md *ctx)
{
	struct iphdr ip;
	__u32 at;

	if (header(ctx, &ip, sizeof(ip), &at) == 0 && ip.ihl >= 5 && !(ip.frag_off & bpf_htons(0x1fff)))
		next_protocol(ctx, ip.protocol, at + ip.ihl * 4);
	return done(IPV4);
}

SEC("xdp")
int ipv6(struct xdp_md *ctx)
{
	struct ipv6hdr ip;
	__u32 at;

	if (header(ctx, &ip, sizeof(ip), &at) == 0)
		next_protocol(ctx, ip.nexthdr, at + sizeof(ip));
	return done(IPV6);
}

SEC("xdp")
int tcp(struct xdp_md *ctx)
{
	return done(TCP);
}

SEC("xdp")
int udp(struct xdp_md *ctx)
{
	return done(UDP);
}

SEC("xdp")
int icmp(struct xdp_md *ctx)
{
	return done(ICMP);
}

char _license[] SEC("license") = "Dual BSD/GPL";
