// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
//
// Two sources with definitions of the old kind, of which one is in both, weak.
// The linker keeps both copies' bytes and one symbol, so the section has holes:
// its size divided by the number of symbols is not the size of a definition.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct bpf_map_def {
	unsigned int type;
	unsigned int key_size;
	unsigned int value_size;
	unsigned int max_entries;
	unsigned int map_flags;
};

struct bpf_map_def in_both SEC("maps") __weak = {
	.type = BPF_MAP_TYPE_HASH,
	.key_size = 4,
	.value_size = 8,
	.max_entries = 16,
};

struct bpf_map_def in_first SEC("maps") = {
	.type = BPF_MAP_TYPE_ARRAY,
	.key_size = 4,
	.value_size = 8,
	.max_entries = 1,
};

SEC("socket")
int first(struct __sk_buff *skb)
{
	__u32 key = 0;

	return bpf_map_lookup_elem(&in_both, &key) != bpf_map_lookup_elem(&in_first, &key);
}

char _license[] SEC("license") = "Dual BSD/GPL";
