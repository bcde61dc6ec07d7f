// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
//
// Calls of functions that are nowhere: one by name, and one to memcpy, as
// compilers emit it for a copy they do not unroll. A loader's message names the
// function, who calls it and where.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

extern int nowhere(int x);
extern void *copy(void *to, const void *from, unsigned long len) asm("memcpy");

__u8 from[64], to[64];

SEC("tc")
int calls_nowhere(struct __sk_buff *skb)
{
	return nowhere(skb->len);
}

static __noinline int copies(unsigned int len)
{
	copy(to, from, len & 63);
	return to[0];
}

SEC("tc")
int calls_memcpy(struct __sk_buff *skb)
{
	return copies(skb->len);
}

char _license[] SEC("license") = "Dual BSD/GPL";
