// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
//
// Replaces the function "decide" of a program that is loaded already, here that
// of freplace_target.c. Which program, the user says.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("freplace/decide")
int drop_all(struct xdp_md *ctx)
{
	return XDP_DROP;
}

char _license[] SEC("license") = "GPL";
