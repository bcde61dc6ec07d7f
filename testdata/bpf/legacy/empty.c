// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
//
// A section "maps" with nothing in it that is a map, and a program beside it. To
// be without maps is no reason to be refused.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

/* No symbol: only bytes that say how the section is aligned. */
asm(".section maps,\"aw\",@progbits\n.p2align 2\n.text");

SEC("socket")
int look(struct __sk_buff *skb)
{
	return skb->len & 1;
}

char _license[] SEC("license") = "Dual BSD/GPL";
