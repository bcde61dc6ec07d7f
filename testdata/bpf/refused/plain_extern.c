// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
//
// A variable of nowhere: not of the kernel, not of its configuration.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

extern int nowhere;

SEC("socket")
int look(struct __sk_buff *skb)
{
	return nowhere;
}

char _license[] SEC("license") = "Dual BSD/GPL";
