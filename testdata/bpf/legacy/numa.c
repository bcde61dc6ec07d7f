// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
//
// The flag for a NUMA node together with node 0, and a node without the flag. Of
// the two only the first asks for anything.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct bpf_map_def {
	unsigned int type;
	unsigned int key_size;
	unsigned int value_size;
	unsigned int max_entries;
	unsigned int map_flags;
	unsigned int inner_map_idx;
	unsigned int numa_node;
};

struct bpf_map_def SEC("maps") asked = {
	.type = BPF_MAP_TYPE_LRU_HASH,
	.key_size = 4,
	.value_size = 8,
	.max_entries = 1000,
	.map_flags = BPF_F_NUMA_NODE,
	.numa_node = 0,
};

struct bpf_map_def SEC("maps") not_asked = {
	.type = BPF_MAP_TYPE_LRU_HASH,
	.key_size = 4,
	.value_size = 8,
	.max_entries = 1000,
	.numa_node = 0,
};

SEC("socket1")
int look(struct __sk_buff *skb)
{
	__u32 key = 0;

	return bpf_map_lookup_elem(&asked, &key) != bpf_map_lookup_elem(&not_asked, &key);
}

char _license[] SEC("license") = "GPL";
