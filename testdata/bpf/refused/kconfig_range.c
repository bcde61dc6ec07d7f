// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
//
// A setting that is larger than the variable for it.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

extern signed char CONFIG_HZ __kconfig;
extern __u8 CONFIG_NR_CPUS __kconfig;

SEC("socket")
int look(struct __sk_buff *skb)
{
	return CONFIG_HZ + CONFIG_NR_CPUS;
}

char _license[] SEC("license") = "Dual BSD/GPL";
