// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
//
// A variable in .kconfig that is neither CONFIG_ nor LINUX_.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

extern int HOSTNAME __kconfig;

SEC("socket")
int look(struct __sk_buff *skb)
{
	return HOSTNAME;
}

char _license[] SEC("license") = "Dual BSD/GPL";
