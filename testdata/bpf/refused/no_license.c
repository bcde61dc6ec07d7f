// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
//
// No license: helpers that are for GPL programs only are refused.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("tc")
int look(struct __sk_buff *skb)
{
	char text[] = "packet";

	return bpf_trace_printk(text, sizeof(text)) & 0;
}
