// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
//
// A table of functions whose type has no name to look up.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct sock;

SEC("struct_ops")
int look(void *ctx)
{
	return 0;
}

SEC(".struct_ops.link")
struct {
	__u32 (*ssthresh)(struct sock *sk);
} table = { .ssthresh = (void *)look };

char _license[] SEC("license") = "Dual BSD/GPL";
