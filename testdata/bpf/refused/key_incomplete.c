// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
//
// A value of a type that is declared and not defined.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct nowhere;

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__type(key, __u32);
	struct nowhere *value;
	__uint(max_entries, 16);
} m SEC(".maps");

SEC("socket")
int look(struct __sk_buff *skb)
{
	__u32 key = 0;

	return bpf_map_lookup_elem(&m, &key) != 0;
}

char _license[] SEC("license") = "Dual BSD/GPL";
