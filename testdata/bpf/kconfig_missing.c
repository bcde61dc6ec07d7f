// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
//
// Asks for a setting that no kernel has, without saying that zero will do. The
// load fails and names it.
#include <stdbool.h>
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

extern bool CONFIG_BPFLOAD_REQUIRED __kconfig;

SEC("socket")
int look(struct __sk_buff *skb)
{
	return CONFIG_BPFLOAD_REQUIRED;
}

char _license[] SEC("license") = "Dual BSD/GPL";
