// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
//
// A record too short for any dialect: 12 bytes.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct bpf_map_def {
	unsigned int type;
	unsigned int key_size;
	unsigned int value_size;
};

struct bpf_map_def SEC("maps") counts = { BPF_MAP_TYPE_ARRAY, 4, 8 };

SEC("socket")
int look(struct __sk_buff *skb)
{
	__u32 key = 0;

	return bpf_map_lookup_elem(&counts, &key) != 0;
}

char _license[] SEC("license") = "Dual BSD/GPL";
