// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
//
// A program with two names: two symbols of the same instructions. Both are
// programs, and the relocations of those instructions are for both.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

__u64 calls;

SEC("tc")
int program(struct __sk_buff *skb)
{
	calls++;
	return 0;
}

int program_too(struct __sk_buff *skb) __attribute__((alias("program")));

char _license[] SEC("license") = "Dual BSD/GPL";
