// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
//
// Sections that libbpf of old took for a program, and a section "maps" for both:
// programs of several functions, calls in .text, a version.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct bpf_map_def {
	unsigned int type;
	unsigned int key_size;
	unsigned int value_size;
	unsigned int max_entries;
	unsigned int map_flags;
};

struct bpf_map_def SEC("maps") counts = {
	.type = BPF_MAP_TYPE_PERCPU_HASH,
	.key_size = 4,
	.value_size = 8,
	.max_entries = 16,
};

static __noinline int count(__u32 key)
{
	__u64 first = 1, *n = bpf_map_lookup_elem(&counts, &key);

	if (n)
		return ++*n > 1;
	return bpf_map_update_elem(&counts, &key, &first, BPF_NOEXIST);
}

SEC("kprobe/vfs_read")
int on_read(void *ctx)
{
	return count(1);
}

SEC("kprobe/vfs_write")
int on_write(void *ctx)
{
	return count(2);
}

__u32 _version SEC("version") = 0x050a00;

char _license[] SEC("license") = "GPL";
