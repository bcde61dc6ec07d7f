// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
//
// An array of definitions under one name. The loaders that ever met this took
// only the first, or stopped.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct bpf_map_def {
	unsigned int type;
	unsigned int key_size;
	unsigned int value_size;
	unsigned int max_entries;
	unsigned int map_flags;
};

struct bpf_map_def SEC("maps") tables[3] = {
	{ BPF_MAP_TYPE_HASH, 4, 8, 16, 0 },
	{ BPF_MAP_TYPE_HASH, 4, 8, 32, 0 },
	{ BPF_MAP_TYPE_HASH, 4, 8, 64, 0 },
};

struct bpf_map_def SEC("maps") one = { BPF_MAP_TYPE_ARRAY, 4, 4, 1, 0 };

SEC("socket")
int look(struct __sk_buff *skb)
{
	__u32 key = 0;

	bpf_map_lookup_elem(&tables[0], &key);
	bpf_map_lookup_elem(&tables[2], &key);
	return bpf_map_lookup_elem(&one, &key) != 0;
}

char _license[] SEC("license") = "Dual BSD/GPL";
