// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
//
// 28 bytes a record as the kernel's samples had them: for a map of maps the
// index of the map that shows what its inner maps look like, counted in the order
// of the section, and 0 is an index like any other; for maps on a NUMA node that
// node. A digit after the slash of a section's name is the slot that the program
// takes in the last prog array.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct bpf_map_def {
	unsigned int type;
	unsigned int key_size;
	unsigned int value_size;
	unsigned int max_entries;
	unsigned int map_flags;
	unsigned int inner_map_idx;
	unsigned int numa_node;
};

/* Index 0. */
struct bpf_map_def SEC("maps") ports = {
	.type = BPF_MAP_TYPE_ARRAY,
	.key_size = sizeof(__u32),
	.value_size = sizeof(int),
	.max_entries = 64,
};

/* Index 1. */
struct bpf_map_def SEC("maps") hosts = {
	.type = BPF_MAP_TYPE_HASH,
	.key_size = sizeof(__u32),
	.value_size = sizeof(int),
	.max_entries = 128,
};

struct bpf_map_def SEC("maps") array_of_ports = {
	.type = BPF_MAP_TYPE_ARRAY_OF_MAPS,
	.key_size = sizeof(__u32),
	.inner_map_idx = 0,
	.max_entries = 4,
};

struct bpf_map_def SEC("maps") hash_of_hosts = {
	.type = BPF_MAP_TYPE_HASH_OF_MAPS,
	.key_size = sizeof(__u32),
	.inner_map_idx = 1,
	.max_entries = 16,
};

/* The flag counts, not the number: node 0. */
struct bpf_map_def SEC("maps") on_node = {
	.type = BPF_MAP_TYPE_HASH,
	.key_size = sizeof(__u32),
	.value_size = sizeof(long),
	.max_entries = 1000,
	.map_flags = BPF_F_NUMA_NODE,
	.numa_node = 0,
};

struct bpf_map_def SEC("maps") steps = {
	.type = BPF_MAP_TYPE_PROG_ARRAY,
	.key_size = sizeof(__u32),
	.value_size = sizeof(__u32),
	.max_entries = 8,
};

SEC("socket/2")
int second_step(struct __sk_buff *skb)
{
	return skb->len;
}

SEC("socket/5")
int fifth_step(struct __sk_buff *skb)
{
	return 0;
}

SEC("socket1")
int start(struct __sk_buff *skb)
{
	__u32 key = skb->ifindex & 3;
	void *inner = bpf_map_lookup_elem(&array_of_ports, &key);

	if (inner)
		bpf_map_lookup_elem(inner, &key);
	inner = bpf_map_lookup_elem(&hash_of_hosts, &key);
	if (inner)
		bpf_map_lookup_elem(inner, &key);
	bpf_map_delete_elem(&on_node, &key);
	bpf_map_delete_elem(&hosts, &key);
	bpf_map_lookup_elem(&ports, &key);
	bpf_tail_call(skb, &steps, 2);
	bpf_tail_call(skb, &steps, 5);
	return 0;
}

char _license[] SEC("license") = "GPL";
__u32 _version SEC("version") = 0x041100;
