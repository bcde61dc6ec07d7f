// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
//
// A definition as for .maps, pointers and all, in the section "maps". Read as one
// of the old layouts it is 24 bytes of nonsense.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct {
	__u32 type;
	__u32 *key;
	__u64 *value;
} counts SEC("maps") = { .type = BPF_MAP_TYPE_HASH };

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__type(key, __u32);
	__type(value, __u64);
} totals SEC("maps");

SEC("socket")
int look(struct __sk_buff *skb)
{
	__u32 key = 0;

	return bpf_map_lookup_elem(&counts, &key) != bpf_map_lookup_elem(&totals, &key);
}

char _license[] SEC("license") = "Dual BSD/GPL";
