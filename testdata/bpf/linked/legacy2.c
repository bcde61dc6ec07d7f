// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
//
// The second of two sources that are linked; see legacy1.c.
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

struct bpf_map_def in_second SEC("maps") = {
	.type = BPF_MAP_TYPE_HASH,
	.key_size = 4,
	.value_size = 4,
	.max_entries = 2,
	.map_flags = BPF_F_NO_PREALLOC,
};

SEC("socket")
int second(struct __sk_buff *skb)
{
	__u32 key = 0;

	return bpf_map_lookup_elem(&in_both, &key) != bpf_map_lookup_elem(&in_second, &key);
}

char _license[] SEC("license") = "Dual BSD/GPL";
