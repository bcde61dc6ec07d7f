// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
//
// A variable of the kernel with a type that it does not have. Weak does not help:
// it is there, and reading it as something else would be wrong. The load fails.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct bpfload_wrong {
	int x;
};

extern const struct bpfload_wrong bpf_prog_active __ksym __weak;

__u64 there;

SEC("raw_tp/sys_enter")
int look(void *ctx)
{
	there = &bpf_prog_active != 0;
	return 0;
}

char _license[] SEC("license") = "GPL";
