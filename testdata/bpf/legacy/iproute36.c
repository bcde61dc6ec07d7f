// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
//
// 36 bytes a record: iproute2 since 4.14, and Cilium up to 1.13. A map of maps
// names its inner map by id; every map with such an id goes into the outer map at
// the index it says, unless that is -1: then it only shows what inner maps look
// like.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#define PIN_NONE 0
#define PIN_OBJECT_NS 1
#define PIN_GLOBAL_NS 2
#define PIN_CUSTOM 4 /* looked up in the table of pin ids */

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

#define RATES 3
#define TABLES 4
#define CALLS 7

/* Goes into slots 0 and 5 of "outer". */
struct bpf_elf_map SEC("maps") inner = {
	.type = BPF_MAP_TYPE_ARRAY,
	.size_key = sizeof(__u32),
	.size_value = sizeof(__u32),
	.id = RATES,
	.inner_idx = 0,
	.max_elem = 1,
};

struct bpf_elf_map SEC("maps") inner_too = {
	.type = BPF_MAP_TYPE_ARRAY,
	.size_key = sizeof(__u32),
	.size_value = sizeof(__u32),
	.id = RATES,
	.inner_idx = 5,
	.max_elem = 1,
};

struct bpf_elf_map SEC("maps") outer = {
	.type = BPF_MAP_TYPE_ARRAY_OF_MAPS,
	.size_key = sizeof(__u32),
	.size_value = sizeof(__u32),
	.inner_id = RATES,
	.pinning = PIN_GLOBAL_NS,
	.max_elem = 8,
};

/* A pattern only. The outer map's key has two bytes, an index four: it could
 * not be put in anyway.
 */
struct bpf_elf_map SEC("maps") pattern = {
	.type = BPF_MAP_TYPE_ARRAY,
	.size_key = sizeof(__u32),
	.size_value = 4078,
	.id = TABLES,
	.inner_idx = -1,
	.max_elem = 1,
};

struct bpf_elf_map SEC("maps") tables = {
	.type = BPF_MAP_TYPE_HASH_OF_MAPS,
	.size_key = sizeof(__u16),
	.size_value = sizeof(__u32),
	.inner_id = TABLES,
	.pinning = PIN_CUSTOM,
	.flags = BPF_F_NO_PREALLOC,
	.max_elem = 65536,
};

struct bpf_elf_map SEC("maps") calls = {
	.type = BPF_MAP_TYPE_PROG_ARRAY,
	.size_key = sizeof(__u32),
	.size_value = sizeof(__u32),
	.id = CALLS,
	.pinning = PIN_OBJECT_NS,
	.max_elem = 8192,
};

SEC("7/1")
int one(struct __sk_buff *skb)
{
	return 1;
}

SEC("from-container")
int start(struct __sk_buff *skb)
{
	__u32 slot = skb->len & 7;
	__u16 key = slot;
	void *map = bpf_map_lookup_elem(&outer, &slot);

	if (map)
		bpf_map_lookup_elem(map, &slot);
	map = bpf_map_lookup_elem(&tables, &key);
	if (map)
		bpf_map_lookup_elem(map, &slot);
	bpf_map_lookup_elem(&inner, &slot);
	bpf_map_lookup_elem(&inner_too, &slot);
	bpf_map_lookup_elem(&pattern, &slot);
	bpf_tail_call(skb, &calls, 1);
	return 0;
}

char _license[] SEC("license") = "Dual BSD/GPL";
