// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
//
// Maps as they were defined before BTF: five numbers in a section "maps". libbpf
// has refused such objects since 1.0. The directory legacy/ has the other record
// layouts that shared this section's name.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct bpf_map_def {
	unsigned int type;
	unsigned int key_size;
	unsigned int value_size;
	unsigned int max_entries;
	unsigned int map_flags;
};

struct bpf_map_def SEC("maps") packets = {
	.type = BPF_MAP_TYPE_ARRAY,
	.key_size = sizeof(__u32),
	.value_size = sizeof(__u64),
	.max_entries = 256,
};

struct bpf_map_def SEC("maps") flows = {
	.type = BPF_MAP_TYPE_HASH,
	.key_size = sizeof(__u32),
	.value_size = sizeof(__u64),
	.max_entries = 1024,
	.map_flags = BPF_F_NO_PREALLOC,
};

SEC("xdp")
int count(struct xdp_md *ctx)
{
	__u32 queue = ctx->rx_queue_index & 255;
	__u64 one = 1, *value = bpf_map_lookup_elem(&packets, &queue);

	if (value)
		__sync_fetch_and_add(value, 1);
	bpf_map_update_elem(&flows, &queue, &one, BPF_NOEXIST);
	return XDP_PASS;
}

char _license[] SEC("license") = "Dual BSD/GPL";
