// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
//
// Two layouts in one section: a plain definition and iproute2's. Whoever divides
// the section by the number of maps reads nonsense; the symbols' sizes are right.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct bpf_map_def {
	unsigned int type;
	unsigned int key_size;
	unsigned int value_size;
	unsigned int max_entries;
	unsigned int map_flags;
};

struct bpf_elf_map {
	__u32 type;
	__u32 size_key;
	__u32 size_value;
	__u32 max_elem;
	__u32 flags;
	__u32 id;
	__u32 pinning;
	__u32 inner_id;
	__u32 inner_idx;
};

struct bpf_map_def SEC("maps") plain = {
	.type = BPF_MAP_TYPE_HASH,
	.key_size = 4,
	.value_size = 8,
	.max_entries = 16,
};

struct bpf_elf_map SEC("maps") extended = {
	.type = BPF_MAP_TYPE_HASH,
	.size_key = 4,
	.size_value = 8,
	.max_elem = 32,
	.pinning = 2,
};

SEC("classifier")
int look(struct __sk_buff *skb)
{
	__u32 key = 0;

	return bpf_map_lookup_elem(&plain, &key) != bpf_map_lookup_elem(&extended, &key);
}

char _license[] SEC("license") = "Dual BSD/GPL";
