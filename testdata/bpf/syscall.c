// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
//
// A program that runs when asked to (BPF_PROG_RUN), may sleep and may make
// bpf(2) calls of its own: it creates a map and hands its number back.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct args {
	__u32 max_entries;
	__s32 map_fd; /* out */
};

union bpf_attr create;

SEC("syscall")
int make_map(struct args *args)
{
	create.map_type = BPF_MAP_TYPE_HASH;
	create.key_size = 4;
	create.value_size = 8;
	create.max_entries = args->max_entries;
	args->map_fd = bpf_sys_bpf(BPF_MAP_CREATE, &create, sizeof(create));
	return args->map_fd < 0 ? args->map_fd : 0;
}

char _license[] SEC("license") = "GPL";
