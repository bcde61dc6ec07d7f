// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
//
// 24 bytes a record: the common five and a number that the loader of that
// project used to find maps again.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct bpf_map_def_extended {
	__u32 type;
	__u32 key_size;
	__u32 value_size;
	__u32 max_entries;
	__u32 map_flags;
	__u32 map_id;
};

struct bpf_map_def_extended SEC("maps") nat = {
	.type = BPF_MAP_TYPE_LRU_HASH,
	.key_size = 16,
	.value_size = 64,
	.max_entries = 510,
	.map_id = 1,
};

struct bpf_map_def_extended SEC("maps") state = {
	.type = BPF_MAP_TYPE_PERCPU_ARRAY,
	.key_size = 4,
	.value_size = 512,
	.max_entries = 2,
	.map_id = 0,
};

SEC("classifier")
int translate(struct __sk_buff *skb)
{
	__u64 key[2] = { skb->hash, skb->len };
	__u32 zero = 0, *s = bpf_map_lookup_elem(&state, &zero);

	if (s)
		*s += bpf_map_lookup_elem(&nat, key) != 0;
	return 0;
}

char _license[] SEC("license") = "Dual BSD/GPL";
