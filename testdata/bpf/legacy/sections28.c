// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
//
// A section for each map and the kernel samples' record: the index of the inner
// map counts over all of these sections, in their order in the file.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct ebpf_map {
	__u32 type;
	__u32 key_size;
	__u32 value_size;
	__u32 max_entries;
	__u32 map_flags;
	__u32 inner_map_idx;
	__u32 numa_node;
};

struct ebpf_map SEC("maps/array_of_maps") array_of_maps = {
	.type = BPF_MAP_TYPE_ARRAY_OF_MAPS,
	.key_size = sizeof(__u32),
	.max_entries = 1,
	.inner_map_idx = 1,
};

struct ebpf_map SEC("maps/inner_map") inner_map = {
	.type = BPF_MAP_TYPE_ARRAY,
	.key_size = sizeof(__u32),
	.value_size = sizeof(__u32),
	.max_entries = 1,
};

SEC("xdp")
int look(struct xdp_md *ctx)
{
	__u32 key = 0;
	void *inner = bpf_map_lookup_elem(&array_of_maps, &key);

	if (inner)
		bpf_map_lookup_elem(inner, &key);
	bpf_map_lookup_elem(&inner_map, &key);
	return XDP_PASS;
}

char _license[] SEC("license") = "Dual BSD/GPL";
