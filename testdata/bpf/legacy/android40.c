// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
//
// 40 bytes a record: with the versions of the loader that the map is for. A
// section says how long a record is.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct bpf_map_def {
	unsigned int type;
	unsigned int key_size;
	unsigned int value_size;
	unsigned int max_entries;
	unsigned int map_flags;
	unsigned int zero; /* must be */
	unsigned int gid;
	unsigned int mode;
	unsigned int bpfloader_min_ver; /* this one and later */
	unsigned int bpfloader_max_ver; /* before this one */
};

unsigned long size_of_map_def SEC("size_of_bpf_map_def") = sizeof(struct bpf_map_def);
_Static_assert(sizeof(struct bpf_map_def) == 40, "the record's size is its version");

struct bpf_map_def SEC("maps") uid_bytes = {
	.type = BPF_MAP_TYPE_PERCPU_HASH,
	.key_size = sizeof(__u32),
	.value_size = sizeof(__u64),
	.max_entries = 1000,
	.mode = 0600,
	.bpfloader_max_ver = 0x10000,
};

SEC("cgroupskb/ingress/stats")
int on_ingress(struct __sk_buff *skb)
{
	__u32 uid = 0;
	__u64 *bytes = bpf_map_lookup_elem(&uid_bytes, &uid);

	if (bytes)
		*bytes += skb->len;
	return 1;
}

char _license[] SEC("license") = "Apache 2.0";
