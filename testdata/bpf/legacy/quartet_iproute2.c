// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
//
// One of four objects with the same bytes in "maps" and four meanings of them
// (quartet_*.c). With BTF the members' names tell; without, only the object as a
// whole can, or nothing.
//
// iproute2: no id, and pinned for this object only (1).
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct bpf_elf_map {
	unsigned int type;
	unsigned int size_key;
	unsigned int size_value;
	unsigned int max_elem;
	unsigned int flags;
	unsigned int id;
	unsigned int pinning;
};

struct bpf_elf_map SEC("maps") first = {
	.type = BPF_MAP_TYPE_HASH,
	.size_key = 4,
	.size_value = 8,
	.max_elem = 16,
	.flags = 0,
	.id = 0,
	.pinning = 1,
};

struct bpf_elf_map SEC("maps") second = {
	.type = BPF_MAP_TYPE_ARRAY,
	.size_key = 4,
	.size_value = 4,
	.max_elem = 1,
	.flags = 0,
	.id = 0,
	.pinning = 0,
};

SEC("classifier")
int look(struct __sk_buff *skb)
{
	__u32 key = 0;

	return bpf_map_lookup_elem(&first, &key) != bpf_map_lookup_elem(&second, &key);
}

char _license[] SEC("license") = "GPL";
