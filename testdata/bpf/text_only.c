// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
//
// No section name at all: the one function is in .text. Programs for the
// kernel's traffic control used to be written like this.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

int main_program(struct __sk_buff *skb)
{
	return skb->len & 1;
}

char _license[] SEC("license") = "GPL";
