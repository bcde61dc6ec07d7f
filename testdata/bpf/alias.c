// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
//
// A function with two names: two symbols at one place, called by either.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

__u64 calls;

__noinline int count_one(int n)
{
	return n + (int)bpf_get_prandom_u32();
}

int count_alias(int n) __attribute__((alias("count_one")));

SEC("tc")
int program(struct __sk_buff *skb)
{
	calls += count_one(1);
	return 0;
}

SEC("tc")
int other(struct __sk_buff *skb)
{
	calls += count_alias(2) + count_one(3);
	return 0;
}

char _license[] SEC("license") = "Dual BSD/GPL";
