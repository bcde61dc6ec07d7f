// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
//
// Static probes of user programs (USDT). The header brings weak maps, weak hidden
// functions and a fact about the kernel from .kconfig; what attaches the program
// describes the arguments of each place in one of the maps.
#include <linux/bpf.h>
#include <linux/ptrace.h>
#include <stdbool.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include <bpf/usdt.bpf.h>

__u64 hits;
__u64 arguments;
long first, second, third, fourth;

/* The place is to be told by the user. */
SEC("usdt")
int BPF_USDT(hit, int a, int b, long c, short d)
{
	__sync_fetch_and_add(&hits, 1);
	arguments = bpf_usdt_arg_cnt(ctx);
	first = a;
	second = b;
	third = c;
	fourth = d;
	return 0;
}

__u64 jumps;

SEC("?usdt/libc.so.6:libc:setjmp")
int jump(struct pt_regs *ctx)
{
	__sync_fetch_and_add(&jumps, 1);
	return 0;
}

char _license[] SEC("license") = "GPL";
