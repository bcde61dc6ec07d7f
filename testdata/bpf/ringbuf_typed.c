// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
//
// Event maps with a value type. A ring buffer and a perf event array hold no
// such values: the type is there for code generators that want to find it. The
// kernel refuses a ring buffer with a value size, so a loader has to drop it.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct event {
	__u32 len;
	__u32 ifindex;
};

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096);
	__type(value, struct event);
} ring SEC(".maps");

/* max_entries 0, or none, stands for one entry for each possible CPU. */
struct {
	__uint(type, BPF_MAP_TYPE_PERF_EVENT_ARRAY);
	__uint(key_size, sizeof(__u32));
	__uint(value_size, sizeof(__u32));
} perf SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERF_EVENT_ARRAY);
	__type(key, __u32);
	__type(value, struct event);
} perf_typed SEC(".maps");

SEC("tc")
int report(struct __sk_buff *skb)
{
	struct event e = { .len = skb->len, .ifindex = skb->ifindex };

	bpf_ringbuf_output(&ring, &e, sizeof(e), 0);
	bpf_perf_event_output(skb, &perf, BPF_F_CURRENT_CPU, &e, sizeof(e));
	bpf_perf_event_output(skb, &perf_typed, BPF_F_CURRENT_CPU, &e, sizeof(e));
	return 0;
}

char _license[] SEC("license") = "GPL";
