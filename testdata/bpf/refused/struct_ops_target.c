// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
//
// A function of a table that is no program of the kind "struct_ops".
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("socket")
int look(void *ctx)
{
	return 10;
}

struct tcp_congestion_ops {
	__u32 (*ssthresh)(void *sk);
	char name[16];
};

SEC(".struct_ops.link")
struct tcp_congestion_ops table = {
	.ssthresh = (void *)look,
	.name = "bpfload_bad",
};

char _license[] SEC("license") = "Dual BSD/GPL";
