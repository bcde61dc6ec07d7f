// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
//
// What BCC's table macros make: a section for each kind of table, in it a struct
// with key, leaf and functions that the compiler replaces. It is never meant to
// be in a file, and no loader but BCC can make sense of it.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct table_counts {
	__u32 key;
	__u64 leaf;
	__u64 *(*lookup)(__u32 *);
	int (*update)(__u32 *, __u64 *);
	int (*delete)(__u32 *);
	__u32 max_entries;
	int flags;
};

struct table_counts SEC("maps/hash") counts = { .max_entries = 10240 };
struct table_counts SEC("maps/percpu_array") totals = { .max_entries = 1 };

SEC("kprobe/vfs_read")
int count(void *ctx)
{
	__u32 key = 0;

	return bpf_map_lookup_elem(&counts, &key) != bpf_map_lookup_elem(&totals, &key);
}

char _license[] SEC("license") = "GPL";
