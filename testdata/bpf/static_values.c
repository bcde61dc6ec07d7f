// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
//
// Slots that name static functions and static maps. Such a reference has no
// symbol of its own: the relocation points at the section, and where in it lies
// in the slot's own bytes.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct inner {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__type(key, __u32);
	__type(value, __u32);
	__uint(max_entries, 2);
};

static struct inner first SEC(".maps");
static struct inner second SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS);
	__type(key, __u32);
	__uint(max_entries, 3);
	__array(values, struct inner);
} outer SEC(".maps") = {
	.values = { [0] = &first, [2] = &second },
};

SEC("tc")
static int on_even(struct __sk_buff *skb)
{
	return skb->len & 2;
}

SEC("tc")
static int on_odd(struct __sk_buff *skb)
{
	return skb->len & 4;
}

struct {
	__uint(type, BPF_MAP_TYPE_PROG_ARRAY);
	__type(key, __u32);
	__uint(max_entries, 2);
	__array(values, int(struct __sk_buff *));
} jumps SEC(".maps") = {
	.values = { &on_even, &on_odd },
};

SEC("tc")
int entry(struct __sk_buff *skb)
{
	__u32 slot = skb->ifindex & 3, key = 0, *value;
	void *inner = bpf_map_lookup_elem(&outer, &slot);

	if (inner) {
		value = bpf_map_lookup_elem(inner, &key);
		if (value)
			*value = skb->len;
	}
	value = bpf_map_lookup_elem(&second, &key);
	if (value)
		*value += 1;
	bpf_tail_call(skb, &jumps, skb->len & 1);
	return 0;
}

char _license[] SEC("license") = "Dual BSD/GPL";
