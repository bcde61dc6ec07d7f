// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
//
// A connection tracker at both sides of a device. A flow is kept under one key
// for both of its directions, the one of who spoke first; a TCP flow also has a
// state, which is a small part of what RFC 9293 describes: enough to tell
// connections that were answered from those that were not. The map forgets the
// flows that have been silent longest when it is full.
#include <linux/bpf.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/pkt_cls.h>
#include <linux/if_ether.h>
#include <linux/tcp.h>
#include <linux/udp.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#define TC_NEXT (-1) /* TCX_NEXT, and TC_ACT_UNSPEC of a classic filter */

struct flow {
	__be32 from;
	__be32 to;
	__be16 from_port;
	__be16 to_port;
	__u8 protocol;
	__u8 unused[3];
};

enum state {
	FLOW_NEW,         /* nobody has answered yet */
	FLOW_ESTABLISHED, /* both sides have spoken */
	FLOW_CLOSING,     /* a FIN was seen */
	FLOW_RESET,
};

struct tracked {
	enum state state;
	__u32 unused;
	__u64 packets[2]; /* of who spoke first, and of the other */
	__u64 bytes[2];
	__u64 last_seen;  /* nanoseconds since the machine started */
};

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 65536);
	__type(key, struct flow);
	__type(value, struct tracked);
} flows SEC(".maps");

static __always_inline int parse(struct __sk_buff *skb, struct flow *flow, __u8 *flags)
{
	struct iphdr ip;
	struct udphdr ports; /* TCP begins with the same two */
	__u32 l4;

	if (skb->protocol != bpf_htons(ETH_P_IP))
		return -1;
	if (bpf_skb_load_bytes(skb, ETH_HLEN, &ip, sizeof(ip)) < 0)
		return -1;
	if (ip.protocol != IPPROTO_TCP && ip.protocol != IPPROTO_UDP)
		return -1;
	if (ip.frag_off & bpf_htons(0x1fff))
		return -1;
	l4 = ETH_HLEN + ip.ihl * 4;
	if (bpf_skb_load_bytes(skb, l4, &ports, sizeof(ports)) < 0)
		return -1;
	/* The byte of a TCP header that has FIN, SYN, RST and ACK is its 14th. */
	if (ip.protocol == IPPROTO_TCP && bpf_skb_load_bytes(skb, l4 + 13, flags, 1) < 0)
		return -1;
	flow->from = ip.saddr;
	flow->to = ip.daddr;
	flow->from_port = ports.source;
	flow->to_port = ports.dest;
	flow->protocol = ip.protocol;
	return 0;
}

static __always_inline void track(struct __sk_buff *skb)
{
	struct flow flow = {}, back = {};
	struct tracked *t, fresh = {};
	__u8 flags = 0;
	__u32 side = 0;

	if (parse(skb, &flow, &flags) < 0)
		return;
	t = bpf_map_lookup_elem(&flows, &flow);
	if (!t) {
		back.from = flow.to;
		back.to = flow.from;
		back.from_port = flow.to_port;
		back.to_port = flow.from_port;
		back.protocol = flow.protocol;
		t = bpf_map_lookup_elem(&flows, &back);
		side = 1;
	}
	if (!t) {
		bpf_map_update_elem(&flows, &flow, &fresh, BPF_NOEXIST);
		t = bpf_map_lookup_elem(&flows, &flow);
		side = 0;
		if (!t)
			return;
	}
	if (side) {
		__sync_fetch_and_add(&t->packets[1], 1);
		__sync_fetch_and_add(&t->bytes[1], skb->len);
	} else {
		__sync_fetch_and_add(&t->packets[0], 1);
		__sync_fetch_and_add(&t->bytes[0], skb->len);
	}
	t->last_seen = bpf_ktime_get_ns();
	if (flags & 0x04)
		t->state = FLOW_RESET;
	else if (flags & 0x01)
		t->state = FLOW_CLOSING;
	else if (side && t->state == FLOW_NEW)
		t->state = FLOW_ESTABLISHED;
}

SEC("tcx/ingress")
int track_in(struct __sk_buff *skb)
{
	track(skb);
	return TC_NEXT;
}

SEC("tcx/egress")
int track_out(struct __sk_buff *skb)
{
	track(skb);
	return TC_NEXT;
}

char _license[] SEC("license") = "Dual BSD/GPL";
