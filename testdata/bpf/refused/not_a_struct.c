// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
//
// A number in .maps.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

int m SEC(".maps") = 3;

SEC("socket")
int look(struct __sk_buff *skb)
{
	__u32 key = 0;

	return bpf_map_lookup_elem(&m, &key) != 0;
}

char _license[] SEC("license") = "Dual BSD/GPL";
