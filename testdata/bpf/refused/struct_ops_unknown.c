// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
//
// A table of functions that no kernel has.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("struct_ops")
int look(void *ctx)
{
	return 0;
}

struct bpfload_no_such_ops {
	int (*call)(void);
};

SEC(".struct_ops.link")
struct bpfload_no_such_ops table = { .call = (void *)look };

char _license[] SEC("license") = "Dual BSD/GPL";
