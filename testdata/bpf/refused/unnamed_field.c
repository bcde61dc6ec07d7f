// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
//
// A member without a name: a union, in which a known one hides.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__type(key, __u32);
	__type(value, __u64);
	union {
		__uint(max_entries, 16);
		int also;
	};
} m SEC(".maps");

SEC("socket")
int look(struct __sk_buff *skb)
{
	__u32 key = 0;

	return bpf_map_lookup_elem(&m, &key) != 0;
}

char _license[] SEC("license") = "Dual BSD/GPL";
