// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
//
// Queues and stacks have no keys; a bloom filter has none either, and can only
// say "perhaps" or "certainly not". Its map_extra is the number of hashes.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_QUEUE);
	__type(value, __u32);
	__uint(max_entries, 16);
} oldest_first SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_STACK);
	__uint(value_size, sizeof(__u32));
	__uint(max_entries, 16);
} newest_first SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_BLOOM_FILTER);
	__type(value, __u32);
	__uint(max_entries, 1000);
	__uint(map_extra, 3);
} met_before SEC(".maps");

__u64 newcomers;

SEC("tc")
int remember(struct __sk_buff *skb)
{
	__u32 hash = skb->hash, dropped;

	if (bpf_map_peek_elem(&met_before, &hash)) {
		bpf_map_push_elem(&met_before, &hash, 0);
		newcomers++;
	}
	if (bpf_map_push_elem(&oldest_first, &hash, 0)) {
		/* Full: make room. A push with BPF_EXIST would do both at once. */
		bpf_map_pop_elem(&oldest_first, &dropped);
		bpf_map_push_elem(&oldest_first, &hash, 0);
	}
	bpf_map_push_elem(&newest_first, &hash, BPF_EXIST);
	return 0;
}

char _license[] SEC("license") = "Dual BSD/GPL";
