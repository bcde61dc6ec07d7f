// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
//
// The maps that hold one value for each CPU. User space reads and writes all of
// them at once, each rounded up to 8 bytes: the 12 bytes of struct flow_bytes
// take 16 there.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct flow_bytes {
	__u32 packets;
	__u32 low;
	__u32 high;
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__type(key, __u32);
	__type(value, __u32);
	__uint(max_entries, 4);
} by_class SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_HASH);
	__type(key, __u32);
	__type(value, struct flow_bytes);
	__uint(max_entries, 128);
	__uint(map_flags, BPF_F_NO_PREALLOC);
} by_flow SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_LRU_PERCPU_HASH);
	__type(key, __u32);
	__type(value, __u64);
	__uint(max_entries, 256);
} recent SEC(".maps");

SEC("tc")
int account(struct __sk_buff *skb)
{
	__u32 class = skb->priority & 3, flow = skb->hash;
	__u64 now = bpf_ktime_get_ns();
	__u32 *count = bpf_map_lookup_elem(&by_class, &class);
	struct flow_bytes *bytes = bpf_map_lookup_elem(&by_flow, &flow);

	if (count)
		*count += 1;
	if (bytes) {
		bytes->packets++;
		bytes->low += skb->len;
		if (bytes->low < skb->len)
			bytes->high++;
	} else {
		struct flow_bytes first = { .packets = 1, .low = skb->len };

		bpf_map_update_elem(&by_flow, &flow, &first, BPF_NOEXIST);
	}
	bpf_map_update_elem(&recent, &flow, &now, BPF_ANY);
	return 0;
}

char _license[] SEC("license") = "Dual BSD/GPL";
