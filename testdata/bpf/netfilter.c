// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
//
// A netfilter hook (Linux 6.4). Family, hook and priority are said when it is
// attached. The context holds pointers into the kernel that the verifier knows.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#define NF_DROP 0
#define NF_ACCEPT 1

/* What is read of the kernel's types; the loader finds out where it is. */
struct sk_buff {
	unsigned int len;
} __attribute__((preserve_access_index));

struct bpf_nf_ctx {
	const void *state;
	struct sk_buff *skb;
};

const volatile __u32 longest = 9000;

SEC("netfilter")
int filter(struct bpf_nf_ctx *ctx)
{
	return ctx->skb->len > longest ? NF_DROP : NF_ACCEPT;
}

char _license[] SEC("license") = "GPL";
