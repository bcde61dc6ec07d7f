// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
//
// A member that the kernel's table lacks and that is not zero.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("struct_ops")
int look(void *ctx)
{
	return 10;
}

SEC("struct_ops")
int undo(void *ctx)
{
	return 10;
}

struct tcp_congestion_ops {
	__u32 (*ssthresh)(void *sk);
	__u32 (*undo_cwnd)(void *sk);
	__u32 bpfload_no_such_setting;
	char name[16];
};

SEC(".struct_ops.link")
struct tcp_congestion_ops table = {
	.ssthresh = (void *)look,
	.undo_cwnd = (void *)undo,
	.bpfload_no_such_setting = 1,
	.name = "bpfload_bad",
};

char _license[] SEC("license") = "Dual BSD/GPL";
