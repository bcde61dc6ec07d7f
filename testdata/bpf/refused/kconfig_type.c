// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
//
// A setting as a type that settings do not have.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct pair {
	int a, b;
};

extern struct pair CONFIG_HZ __kconfig;

SEC("socket")
int look(struct __sk_buff *skb)
{
	return CONFIG_HZ.a;
}

char _license[] SEC("license") = "Dual BSD/GPL";
