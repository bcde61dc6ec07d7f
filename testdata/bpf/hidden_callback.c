// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
//
// Callbacks that are not static. The verifier takes only static functions for
// one; a hidden function counts as static once its BTF says so, which the loader
// has to write there. Its address is taken through a symbol of its own.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

__u64 sum;

__hidden long add(__u32 index, void *context)
{
	*(__u64 *)context += index;
	return 0;
}

static long subtract(__u32 index, void *context)
{
	*(__u64 *)context -= index;
	return 0;
}

SEC("tc")
int loops(struct __sk_buff *skb)
{
	__u64 total = 0;

	bpf_loop(10, add, &total, 0);
	bpf_loop(3, subtract, &total, 0);
	sum = total;
	return 0;
}

char _license[] SEC("license") = "Dual BSD/GPL";
