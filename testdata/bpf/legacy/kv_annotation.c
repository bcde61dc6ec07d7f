// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
//
// Linux 4.18 to 5.2: key and value types for a map of the old kind. The section
// .maps.NAME holds no map, only a variable whose type has the two; only its BTF
// is of use.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct bpf_map_def {
	unsigned int type;
	unsigned int key_size;
	unsigned int value_size;
	unsigned int max_entries;
	unsigned int map_flags;
};

#define KEY_VALUE(map, key_type, value_type)                               \
	struct ____btf_map_##map {                                         \
		key_type key;                                              \
		value_type value;                                          \
	};                                                                 \
	struct ____btf_map_##map __attribute__((section(".maps." #map), used)) \
		____btf_map_##map = {}

struct address {
	__u32 ip;
	__u16 port;
	__u16 protocol;
};

struct traffic {
	__u64 packets;
	__u64 bytes;
};

struct bpf_map_def SEC("maps") by_address = {
	.type = BPF_MAP_TYPE_HASH,
	.key_size = sizeof(struct address),
	.value_size = sizeof(struct traffic),
	.max_entries = 512,
};

KEY_VALUE(by_address, struct address, struct traffic);

struct bpf_map_def SEC("maps") untyped = {
	.type = BPF_MAP_TYPE_ARRAY,
	.key_size = 4,
	.value_size = 4,
	.max_entries = 1,
};

SEC("socket")
int count(struct __sk_buff *skb)
{
	struct address a = { .ip = skb->hash };
	struct traffic *t = bpf_map_lookup_elem(&by_address, &a);
	__u32 zero = 0;

	if (t)
		t->packets++;
	bpf_map_lookup_elem(&untyped, &zero);
	return 0;
}

char _license[] SEC("license") = "GPL";
