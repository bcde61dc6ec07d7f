// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
//
// 32 bytes a record for a virtual machine in user space, jbpf. Its programs are
// not for a kernel; the sections' names tell.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct jbpf_load_map_def {
	__u32 type;
	__u32 key_size;
	__u32 value_size;
	__u32 max_entries;
	__u32 map_flags;
	__u32 inner_map_idx;
	__u32 numa_node;
	__u32 nb_hash_functions;
};

struct jbpf_load_map_def SEC("maps") filter = {
	.type = 5,
	.key_size = 0,
	.value_size = 4,
	.max_entries = 1000,
	.nb_hash_functions = 3,
};

struct jbpf_load_map_def SEC("maps") counters = {
	.type = 1,
	.key_size = 4,
	.value_size = 8,
	.max_entries = 1,
};

SEC("jbpf_ran_fapi")
int collect(void *ctx)
{
	__u32 zero = 0;

	return bpf_map_lookup_elem(&counters, &zero) != bpf_map_lookup_elem(&filter, &zero);
}

char _license[] SEC("license") = "Dual BSD/GPL";
