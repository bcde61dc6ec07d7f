// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
//
// A definition inside another struct, with a number behind it that no dialect
// knows. While it is zero nothing is lost.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct bpf_map_def {
	unsigned int type;
	unsigned int key_size;
	unsigned int value_size;
	unsigned int max_entries;
	unsigned int map_flags;
};

struct wrapped {
	struct bpf_map_def def;
	__u32 dummy;
};

struct wrapped SEC("maps") counts = {
	.def = {
		.type = BPF_MAP_TYPE_HASH,
		.key_size = 4,
		.value_size = 8,
		.max_entries = 16,
	},
};

SEC("socket")
int look(struct __sk_buff *skb)
{
	__u32 key = 0;

	return bpf_map_lookup_elem(&counts, &key) != 0;
}

char _license[] SEC("license") = "Dual BSD/GPL";
