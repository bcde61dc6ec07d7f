// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
//
// Calls between functions outside of .text: a function in a program's section
// that is called by a program there and by one in another section, and a
// program that calls a program.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

__u64 calls;

SEC("tc")
__noinline int helper(struct __sk_buff *skb)
{
	calls++;
	return skb->len & 1;
}

SEC("tc")
int same_section(struct __sk_buff *skb)
{
	return helper(skb);
}

SEC("classifier")
int other_section(struct __sk_buff *skb)
{
	return helper(skb) + same_section(skb);
}

char _license[] SEC("license") = "Dual BSD/GPL";
