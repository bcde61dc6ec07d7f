// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
//
// The first program is right, the second follows a pointer that may be NULL and
// is rejected by the verifier. After a load that failed half-way nothing may be
// left of the first, nor of the map that asks to be pinned.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__type(key, __u32);
	__type(value, __u64);
	__uint(max_entries, 128);
	__uint(pinning, LIBBPF_PIN_BY_NAME);
} rejected_flows SEC(".maps");

SEC("tc")
int right(struct __sk_buff *skb)
{
	__u32 key = skb->hash;
	__u64 *seen = bpf_map_lookup_elem(&rejected_flows, &key);

	if (seen)
		*seen += 1;
	return 0;
}

SEC("tc")
int wrong(struct __sk_buff *skb)
{
	__u32 key = skb->hash;
	__u64 *seen = bpf_map_lookup_elem(&rejected_flows, &key);

	*seen += 1;
	return 0;
}

char _license[] SEC("license") = "Dual BSD/GPL";
