// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
//
// Maps whose values are maps, with slots that are filled when the object is
// loaded. An outer map needs to know what its inner maps look like; it can say
// so with a named struct, a typedef or a struct written on the spot.
#include <linux/bpf.h>
#include <linux/pkt_cls.h>
#include <bpf/bpf_helpers.h>

struct rates {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__type(key, __u32);
	__type(value, __u64);
	__uint(max_entries, 8);
};

typedef const struct rates rates_t;

struct rates rates_lan SEC(".maps");
struct rates rates_wan SEC(".maps");

/* Two slots of five are filled: 1 and 3. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS);
	__type(key, __u32);
	__uint(max_entries, 5);
	__array(values, struct rates);
} by_port SEC(".maps") = {
	.values = {
		[1] = &rates_lan,
		[3] = &rates_wan,
	},
};

/* The same, with the inner definition behind a typedef. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS);
	__type(key, __u32);
	__uint(max_entries, 2);
	__array(values, rates_t);
} by_queue SEC(".maps") = {
	.values = { [1] = &rates_wan },
};

/* In a hash of maps a slot's index is its key: here 0 and 7. The inner maps
 * are hashes of two sizes, which is allowed: only type, key, value and flags
 * have to agree.
 */
struct allow_list {
	__uint(type, BPF_MAP_TYPE_HASH);
	__type(key, __u32);
	__type(value, __u8);
	__uint(max_entries, 1024);
};

struct allow_list allow_default SEC(".maps");
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__type(key, __u32);
	__type(value, __u8);
	__uint(max_entries, 16);
} allow_guests SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH_OF_MAPS);
	__type(key, __u32);
	__uint(max_entries, 8);
	__array(values, struct allow_list);
} by_vlan SEC(".maps") = {
	.values = {
		[0] = &allow_default,
		[7] = (void *)&allow_guests,
	},
};

/* Slots to be filled by somebody else later. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH_OF_MAPS);
	__uint(key_size, 16);
	__uint(max_entries, 64);
	__array(values, struct {
		__uint(type, BPF_MAP_TYPE_LRU_HASH);
		__type(key, __u64);
		__type(value, __u64);
		__uint(max_entries, 4096);
	});
} by_tenant SEC(".maps");

SEC("tc")
int lookup(struct __sk_buff *skb)
{
	__u32 port = skb->ifindex, prio = skb->priority & 7, vlan = skb->vlan_tci;
	__u8 tenant[16] = {};
	__u32 source = skb->hash;
	__u64 flow = source, *rate;
	void *inner;

	inner = bpf_map_lookup_elem(&by_port, &port);
	if (!inner)
		inner = bpf_map_lookup_elem(&by_queue, &prio);
	if (inner) {
		rate = bpf_map_lookup_elem(inner, &prio);
		if (rate)
			__sync_fetch_and_add(rate, skb->len);
	}

	inner = bpf_map_lookup_elem(&by_vlan, &vlan);
	if (inner && !bpf_map_lookup_elem(inner, &source))
		return TC_ACT_SHOT;

	inner = bpf_map_lookup_elem(&by_tenant, tenant);
	if (inner)
		bpf_map_delete_elem(inner, &flow);
	return TC_ACT_OK;
}

char _license[] SEC("license") = "Dual BSD/GPL";
