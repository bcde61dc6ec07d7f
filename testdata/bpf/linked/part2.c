// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
//
// The second of two sources that are linked; see part1.c.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct inner {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__type(key, __u32);
	__type(value, __u64);
	__uint(max_entries, 2);
};

struct inner shared SEC(".maps");

int defined_there = 5;
int weak_here = 2;
const volatile int setting2 = 22;

__noinline int verdict(int x)
{
	return x + 200 + (int)bpf_get_prandom_u32();
}

static __noinline int helper(int x)
{
	return x * 5 + (int)bpf_get_prandom_u32();
}

__noinline int function_there(int x)
{
	return helper(x) + setting2;
}

SEC("tc")
int second(struct __sk_buff *skb)
{
	__u32 key = 1;
	__u64 *value = bpf_map_lookup_elem(&shared, &key);

	if (value)
		*value += verdict(skb->len) + helper(skb->len) + weak_here;
	return 0;
}

char _license[] SEC("license") = "Dual BSD/GPL";
