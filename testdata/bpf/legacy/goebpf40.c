// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
//
// 40 bytes a record with two pointers in it: Dropbox's goebpf. The compiler
// leaves a relocation for each, to the definition of the inner map and to the
// text of a path to pin at. Read without relocations the pointers are zero, and
// the record looks like the plain one with padding. The static map and the text
// have no symbols of their own.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct bpf_map_def {
	__u32 map_type;
	__u32 key_size;
	__u32 value_size;
	__u32 max_entries;
	__u32 map_flags;
	void *inner_map_def;
	const char *persistent_path;
};

struct bpf_map_def SEC("maps") pattern = {
	.map_type = BPF_MAP_TYPE_ARRAY,
	.key_size = 4,
	.value_size = 8,
	.max_entries = 16,
};

static struct bpf_map_def SEC("maps") private_pattern = {
	.map_type = BPF_MAP_TYPE_HASH,
	.key_size = 4,
	.value_size = 8,
	.max_entries = 32,
};

struct bpf_map_def SEC("maps") arrays = {
	.map_type = BPF_MAP_TYPE_ARRAY_OF_MAPS,
	.key_size = 4,
	.value_size = 4,
	.max_entries = 2,
	.inner_map_def = &pattern,
};

struct bpf_map_def SEC("maps") hashes = {
	.map_type = BPF_MAP_TYPE_HASH_OF_MAPS,
	.key_size = 4,
	.value_size = 4,
	.max_entries = 2,
	.inner_map_def = &private_pattern,
};

struct bpf_map_def SEC("maps") kept = {
	.map_type = BPF_MAP_TYPE_HASH,
	.key_size = 4,
	.value_size = 4,
	.max_entries = 64,
	.persistent_path = "/sys/fs/bpf/bpfload_kept",
};

const char second_path[] = "/sys/fs/bpf/bpfload_kept_too";

struct bpf_map_def SEC("maps") kept_too = {
	.map_type = BPF_MAP_TYPE_PERCPU_HASH,
	.key_size = 4,
	.value_size = 4,
	.max_entries = 64,
	.persistent_path = second_path,
};

SEC("xdp")
int look(struct xdp_md *ctx)
{
	__u32 key = 1;

	bpf_map_lookup_elem(&arrays, &key);
	bpf_map_lookup_elem(&hashes, &key);
	bpf_map_lookup_elem(&kept, &key);
	return bpf_map_lookup_elem(&kept_too, &key) ? XDP_DROP : XDP_PASS;
}

char _license[] SEC("license") = "GPLv2";
