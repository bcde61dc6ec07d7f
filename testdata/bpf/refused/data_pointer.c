// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
//
// A reference to a section that is none of the known kinds of data.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

int elsewhere SEC("my_section") = 5;

SEC("socket")
int look(struct __sk_buff *skb)
{
	return elsewhere++;
}

char _license[] SEC("license") = "Dual BSD/GPL";
