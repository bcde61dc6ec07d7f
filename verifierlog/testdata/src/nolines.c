// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Built without .BTF.ext: the log of such a program has no source lines. */
#include "common.h"

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 16);
	__type(key, __u32);
	__type(value, struct value);
} flows SEC(".maps");

SEC("xdp")
int nolines(struct xdp_md *ctx)
{
	__u32 key = ctx->ingress_ifindex;
	struct value *v = bpf_map_lookup_elem(&flows, &key);

	return v->count == 3 ? XDP_PASS : XDP_DROP;
}

char _license[] SEC("license") = "GPL";
