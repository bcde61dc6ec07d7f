// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
//
// One of four objects with the same bytes in "maps" and four meanings of them
// (quartet_*.c). With BTF the members' names tell; without, only the object as a
// whole can, or nothing.
//
// Amazon's plugin: not pinned (0); the last number is of no consequence.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct bpf_map_def_pvt {
	unsigned int type;
	unsigned int key_size;
	unsigned int value_size;
	unsigned int max_entries;
	unsigned int map_flags;
	unsigned int pinning;
	unsigned int inner_map_fd;
};

struct bpf_map_def_pvt SEC("maps") first = {
	.type = BPF_MAP_TYPE_HASH,
	.key_size = 4,
	.value_size = 8,
	.max_entries = 16,
	.map_flags = 0,
	.pinning = 0,
	.inner_map_fd = 1,
};

struct bpf_map_def_pvt SEC("maps") second = {
	.type = BPF_MAP_TYPE_ARRAY,
	.key_size = 4,
	.value_size = 4,
	.max_entries = 1,
	.map_flags = 0,
	.pinning = 0,
	.inner_map_fd = 0,
};

SEC("classifier")
int look(struct __sk_buff *skb)
{
	__u32 key = 0;

	return bpf_map_lookup_elem(&first, &key) != bpf_map_lookup_elem(&second, &key);
}

char _license[] SEC("license") = "GPL";
