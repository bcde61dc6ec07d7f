// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
//
// A program with a function to be replaced while it runs; see freplace.c. The
// function is global, so that it is verified alone, and not inlined.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

__noinline int decide(struct xdp_md *ctx)
{
	volatile int verdict = XDP_PASS;

	return ctx ? verdict : XDP_ABORTED;
}

SEC("xdp")
int dispatch(struct xdp_md *ctx)
{
	return decide(ctx);
}

char _license[] SEC("license") = "GPL";
