// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
//
// 32 bytes a record, and none of them flags: eBPF for Windows. The numbers of map
// types are its own, so that such an object must not be loaded on Linux.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct _ebpf_map_definition_in_file {
	__u32 type;
	__u32 key_size;
	__u32 value_size;
	__u32 max_entries;
	__u32 inner_map_idx;
	__u32 pinning;
	__u32 id;
	__u32 inner_id;
};

struct _ebpf_map_definition_in_file SEC("maps") dropped = {
	.type = 2,
	.key_size = 4,
	.value_size = 8,
	.max_entries = 1,
	.id = 1,
};

struct _ebpf_map_definition_in_file SEC("maps") interfaces = {
	.type = 12,
	.key_size = 4,
	.value_size = 4,
	.max_entries = 8,
	.pinning = 1,
	.id = 2,
	.inner_id = 1,
};

SEC("xdp")
int drop(struct xdp_md *ctx)
{
	__u32 zero = 0;
	__u64 *n = bpf_map_lookup_elem(&dropped, &zero);

	if (n)
		*n += bpf_map_lookup_elem(&interfaces, &zero) != 0;
	return XDP_DROP;
}

char _license[] SEC("license") = "Dual BSD/GPL";
