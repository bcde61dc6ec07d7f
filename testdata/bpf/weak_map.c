// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
//
// A weak map: what a header defines that several objects of one program
// include, of which the linker keeps one copy. Alone it is a map like others.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__type(key, int);
	__type(value, __u64);
	__uint(max_entries, 256);
} specs SEC(".maps") __weak;

SEC("uprobe")
int probe(void *ctx)
{
	int key = 1;
	__u64 *hits = bpf_map_lookup_elem(&specs, &key);

	if (hits)
		__sync_fetch_and_add(hits, 1);
	return 0;
}

char _license[] SEC("license") = "GPL";
