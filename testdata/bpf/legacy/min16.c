// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
//
// 16 bytes a record: the oldest form, without flags. Kernel samples of 4.1, the
// least that iproute2 accepts.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct bpf_map_def {
	unsigned int type;
	unsigned int key_size;
	unsigned int value_size;
	unsigned int max_entries;
};

struct bpf_map_def SEC("maps") counts = {
	.type = BPF_MAP_TYPE_ARRAY,
	.key_size = sizeof(__u32),
	.value_size = sizeof(long),
	.max_entries = 256,
};

struct bpf_map_def SEC("maps") addresses = {
	.type = BPF_MAP_TYPE_HASH,
	.key_size = 4,
	.value_size = 8,
	.max_entries = 32,
};

SEC("socket1")
int count(struct __sk_buff *skb)
{
	__u32 protocol = skb->protocol & 255;
	long *value = bpf_map_lookup_elem(&counts, &protocol);

	if (value)
		__sync_fetch_and_add(value, skb->len);
	bpf_map_delete_elem(&addresses, &protocol);
	return 0;
}

char _license[] SEC("license") = "GPL";
__u32 _version SEC("version") = 0x040100;
