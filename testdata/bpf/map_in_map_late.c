// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
//
// An inner map that stands after its outer map in .maps. A C compiler puts a
// variable that is referred to before the one that refers to it; asking for its
// address under a second declaration with the same symbol name keeps the order
// of the source, which is otherwise seen only in objects made by a linker.
//
// A loader that fills slots while it creates maps one by one fails on this.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct inner {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__type(key, __u32);
	__type(value, __u32);
	__uint(max_entries, 1);
};

extern const char late_symbol asm("late");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS);
	__type(key, __u32);
	__uint(max_entries, 4);
	__array(values, struct inner);
} outer SEC(".maps") = {
	.values = { [2] = (void *)&late_symbol },
};

struct inner late SEC(".maps");

SEC("xdp")
int lookup(struct xdp_md *ctx)
{
	__u32 key = 2;
	void *inner = bpf_map_lookup_elem(&outer, &key);
	__u32 *value;

	if (!inner)
		return XDP_ABORTED;
	key = 0;
	value = bpf_map_lookup_elem(inner, &key);
	if (value)
		*value = ctx->rx_queue_index;
	return XDP_PASS;
}

char _license[] SEC("license") = "Dual BSD/GPL";
