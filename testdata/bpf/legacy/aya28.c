// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
//
// 28 bytes a record as aya's eBPF library for Rust writes them: the layout of
// iproute2's early one, where the id is always 0 and the pinning either 0 or 1,
// by name. Rust programs bring bytes of their own in .rodata, for messages of
// panics that the verifier has to see never happen.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct bpf_map_def {
	__u32 type;
	__u32 key_size;
	__u32 value_size;
	__u32 max_entries;
	__u32 map_flags;
	__u32 id;
	__u32 pinning;
};

struct bpf_map_def SEC("maps") EVENTS = {
	.type = BPF_MAP_TYPE_PERF_EVENT_ARRAY,
	.key_size = 4,
	.value_size = 4,
	.max_entries = 0,
	.pinning = 1,
};

struct bpf_map_def SEC("maps") BLOCKLIST = {
	.type = BPF_MAP_TYPE_HASH,
	.key_size = 4,
	.value_size = 4,
	.max_entries = 1024,
	.pinning = 1,
};

SEC("xdp")
int firewall(struct xdp_md *ctx)
{
	__u32 key = ctx->ingress_ifindex;

	if (bpf_map_lookup_elem(&BLOCKLIST, &key)) {
		bpf_perf_event_output(ctx, &EVENTS, BPF_F_CURRENT_CPU, &key, sizeof(key));
		return XDP_DROP;
	}
	return XDP_PASS;
}

char _license[] SEC("license") = "Dual MIT/GPL";
