// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
//
// A record with something at its end that no dialect explains and that is not
// zero: offset 32, value 7. To drop it would be to load less than was asked for.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct bpf_map_def {
	unsigned int type;
	unsigned int key_size;
	unsigned int value_size;
	unsigned int max_entries;
	unsigned int map_flags;
	unsigned int reserved[3];
	unsigned int color;
	unsigned int shade;
	unsigned int more;
};

struct bpf_map_def SEC("maps") colored = {
	.type = BPF_MAP_TYPE_HASH,
	.key_size = 4,
	.value_size = 8,
	.max_entries = 16,
	.color = 7,
};

SEC("socket")
int look(struct __sk_buff *skb)
{
	__u32 key = 0;

	return bpf_map_lookup_elem(&colored, &key) != 0;
}

char _license[] SEC("license") = "Dual BSD/GPL";
