// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
//
// Values with something in them that the kernel must know about: a timer, a
// lock. It finds them through BTF, and such a map cannot be created without.
// The timer's callback is a function whose address is handed to a helper.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#define CLOCK_MONOTONIC 1
#define SECOND 1000000000ULL

struct job {
	__u64 runs;
	struct bpf_timer timer;
};

struct bucket {
	struct bpf_spin_lock lock;
	__u32 tokens;
	__u64 refilled;
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__type(key, __u32);
	__type(value, struct job);
	__uint(max_entries, 1);
} jobs SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__type(key, __u32);
	__type(value, struct bucket);
	__uint(max_entries, 64);
} buckets SEC(".maps");

static int refill(void *map, __u32 *key, struct job *job)
{
	struct bucket *b = bpf_map_lookup_elem(&buckets, key);

	if (b) {
		bpf_spin_lock(&b->lock);
		b->tokens = 100;
		b->refilled++;
		bpf_spin_unlock(&b->lock);
	}
	job->runs++;
	bpf_timer_start(&job->timer, SECOND, 0);
	return 0;
}

SEC("tc")
int start(struct __sk_buff *skb)
{
	__u32 key = 0;
	struct job *job = bpf_map_lookup_elem(&jobs, &key);

	if (!job || bpf_timer_init(&job->timer, &jobs, CLOCK_MONOTONIC))
		return 0; /* runs already */
	bpf_timer_set_callback(&job->timer, refill);
	bpf_timer_start(&job->timer, 0, 0);
	return 0;
}

SEC("tc")
int take(struct __sk_buff *skb)
{
	__u32 key = skb->ifindex, left = 0;
	struct bucket *b = bpf_map_lookup_elem(&buckets, &key);

	if (!b)
		return 0;
	bpf_spin_lock(&b->lock);
	left = b->tokens;
	if (left)
		b->tokens--;
	bpf_spin_unlock(&b->lock);
	return left ? 0 : 2 /* drop */;
}

char _license[] SEC("license") = "GPL";
