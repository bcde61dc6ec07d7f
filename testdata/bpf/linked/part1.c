// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
//
// The first of two sources that "bpftool gen object" makes one object of: see
// part2.c. It uses a map, a variable and a function of the other; it has a weak
// function and a weak variable that the other replaces, whose code and bytes stay
// behind as a hole; and a static function of the same name as the other's.
//
// In the linked object the BTF of .maps is wrong: a map that was declared before
// it was defined keeps the offset 0 there. The symbols are right.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct inner {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__type(key, __u32);
	__type(value, __u64);
	__uint(max_entries, 2);
};

/* Declared here, defined there: needs the same type in both. */
extern struct inner shared SEC(".maps");

struct inner own SEC(".maps");

struct outer {
	__uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS);
	__type(key, __u32);
	__uint(max_entries, 3);
	__array(values, struct inner);
} outer SEC(".maps") = {
	.values = { [0] = &own, [2] = &shared },
};

extern int defined_there;
__weak int weak_here = 1;
const volatile int setting1 = 11;

extern int function_there(int x);

__weak __noinline int verdict(int x)
{
	return x + 100 + (int)bpf_get_prandom_u32();
}

static __noinline int helper(int x)
{
	return x * 3 + (int)bpf_get_prandom_u32();
}

SEC("tc")
int first(struct __sk_buff *skb)
{
	__u32 key = 0;
	__u64 *value = bpf_map_lookup_elem(&shared, &key);

	if (value)
		*value += defined_there + weak_here + setting1;
	value = bpf_map_lookup_elem(&own, &key);
	if (value)
		*value += function_there(skb->len) + verdict(skb->len) + helper(skb->len);
	return bpf_map_lookup_elem(&outer, &key) != 0;
}

char _license[] SEC("license") = "Dual BSD/GPL";
