// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
//
// Traffic control: the section says on which hook a program wants to sit, and
// from the name "tc" on that the user will say. tcx (Linux 6.6) attaches without
// a qdisc, and several programs one after the other.
#include <linux/bpf.h>
#include <linux/pkt_cls.h>
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__type(key, __u32);
	__type(value, __u64);
	__uint(max_entries, 4096);
} bytes SEC(".maps");

static __always_inline int account(struct __sk_buff *skb)
{
	__u32 flow = bpf_get_hash_recalc(skb);
	__u64 first = skb->len, *sum = bpf_map_lookup_elem(&bytes, &flow);

	if (sum)
		__sync_fetch_and_add(sum, skb->len);
	else
		bpf_map_update_elem(&bytes, &flow, &first, BPF_NOEXIST);
	return TC_ACT_UNSPEC; /* TCX_NEXT: whoever comes next decides */
}

SEC("tcx/ingress")
int ingress(struct __sk_buff *skb)
{
	return account(skb);
}

SEC("tcx/egress")
int egress(struct __sk_buff *skb)
{
	return account(skb);
}

SEC("tc/ingress")
int old_name(struct __sk_buff *skb)
{
	return account(skb);
}

SEC("classifier")
int older_name(struct __sk_buff *skb)
{
	return account(skb);
}

SEC("action")
int mark(struct __sk_buff *skb)
{
	skb->mark = 1;
	return TC_ACT_PIPE;
}

char _license[] SEC("license") = "Dual BSD/GPL";
