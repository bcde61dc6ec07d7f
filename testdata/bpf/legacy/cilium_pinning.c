// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
//
// Values of "pinning" that only their project knows: 16 in Cilium's .maps and
// "maps" means to replace what is pinned. Both kinds of maps are in one object.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#define CILIUM_PIN_REPLACE 16

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

struct bpf_elf_map SEC("maps") old_kind = {
	.type = BPF_MAP_TYPE_HASH,
	.size_key = 4,
	.size_value = 8,
	.max_elem = 64,
	.pinning = CILIUM_PIN_REPLACE,
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__type(key, __u32);
	__type(value, __u64);
	__uint(max_entries, 64);
	__uint(pinning, CILIUM_PIN_REPLACE);
} new_kind SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__type(key, __u32);
	__type(value, __u64);
	__uint(max_entries, 1);
	__uint(pinning, LIBBPF_PIN_BY_NAME);
} by_name SEC(".maps");

SEC("tc")
int look(struct __sk_buff *skb)
{
	__u32 key = 0;

	bpf_map_lookup_elem(&by_name, &key);
	return bpf_map_lookup_elem(&old_kind, &key) == bpf_map_lookup_elem(&new_kind, &key);
}

char _license[] SEC("license") = "Dual BSD/GPL";
