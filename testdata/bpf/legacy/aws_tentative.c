// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
//
// Two maps that another object defines. In C a definition without a value is a
// definition all the same, and so these are 28 zero bytes each in .bss that look
// like a variable; the loader they were written for put its own maps of the same
// names in their place. Read as variables they make programs that look into
// nothing.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct bpf_map_def_pvt {
	__u32 type;
	__u32 key_size;
	__u32 value_size;
	__u32 max_entries;
	__u32 map_flags;
	__u32 pinning;
	__u32 inner_map_fd;
};

struct bpf_map_def_pvt conntrack_map;
struct bpf_map_def_pvt policy_events;

struct bpf_map_def_pvt SEC("maps") egress_map = {
	.type = BPF_MAP_TYPE_HASH,
	.key_size = 8,
	.value_size = 4,
	.max_entries = 64,
	.pinning = 2,
};

SEC("tc_cls")
int handle_egress(struct __sk_buff *skb)
{
	__u64 key = skb->hash;

	if (bpf_map_lookup_elem(&conntrack_map, &key))
		return 0;
	bpf_ringbuf_output(&policy_events, &key, sizeof(key), 0);
	return bpf_map_lookup_elem(&egress_map, &key) ? 0 : 2;
}

char _license[] SEC("license") = "GPL";
