// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
//
// Refers to functions that are nowhere, but in ways that do no harm: from a
// function that nobody calls, from a program with "?", and weakly, after asking
// whether the function is there. The object loads.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

extern int nowhere(int x);
extern int perhaps(int x) __weak;

__noinline int uncalled(int x)
{
	return nowhere(x) + 1;
}

SEC("tc")
int loads(struct __sk_buff *skb)
{
	return skb->len & 1;
}

SEC("?tc")
int does_not(struct __sk_buff *skb)
{
	return nowhere(skb->len);
}

SEC("tc")
int might(struct __sk_buff *skb)
{
	if (perhaps)
		return perhaps(skb->len);
	return 0;
}

char _license[] SEC("license") = "Dual BSD/GPL";
