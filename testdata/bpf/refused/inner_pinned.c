// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
//
// An inner map that asks to be pinned.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS);
	__type(key, __u32);
	__uint(max_entries, 4);
	__array(values, struct {
		__uint(type, BPF_MAP_TYPE_ARRAY);
		__type(key, __u32);
		__type(value, __u64);
		__uint(max_entries, 1);
		__uint(pinning, LIBBPF_PIN_NONE);
	});
} m SEC(".maps");

SEC("socket")
int look(struct __sk_buff *skb)
{
	__u32 key = 0;

	return bpf_map_lookup_elem(&m, &key) != 0;
}

char _license[] SEC("license") = "Dual BSD/GPL";
