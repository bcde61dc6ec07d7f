// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
//
// A program for a table of functions that is in none.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("struct_ops/ssthresh")
int look(void *ctx)
{
	return 10;
}

char _license[] SEC("license") = "Dual BSD/GPL";
