// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
//
// Compiled without -g, and so without BTF: programs, functions and data are
// still there; types, line numbers and names of variables' types are not. Maps
// in .maps cannot be described this way.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

const volatile __u32 limit = 1500;
__u64 longer;
__u64 shorter = 1;

static __noinline int is_longer(__u32 len)
{
	return len > limit;
}

SEC("socket")
int measure(struct __sk_buff *skb)
{
	if (is_longer(skb->len))
		__sync_fetch_and_add(&longer, 1);
	else
		__sync_fetch_and_add(&shorter, 1);
	return 0;
}

char _license[] SEC("license") = "Dual BSD/GPL";
