// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
//
// A section for each map, in which the symbol has another name than the section.
// Loaders of that time used the section's; programs in the object use the symbol.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct bpf_map_def {
	unsigned int type;
	unsigned int key_size;
	unsigned int value_size;
	unsigned int max_entries;
	unsigned int map_flags;
};

struct bpf_map_def SEC("maps/flows") flow_table = {
	.type = BPF_MAP_TYPE_HASH,
	.key_size = 4,
	.value_size = 8,
	.max_entries = 16,
};

struct bpf_map_def SEC("maps/same") same = {
	.type = BPF_MAP_TYPE_ARRAY,
	.key_size = 4,
	.value_size = 8,
	.max_entries = 2,
};

SEC("socket")
int look(struct __sk_buff *skb)
{
	__u32 key = 0;

	return bpf_map_lookup_elem(&flow_table, &key) != bpf_map_lookup_elem(&same, &key);
}

char _license[] SEC("license") = "Dual BSD/GPL";
