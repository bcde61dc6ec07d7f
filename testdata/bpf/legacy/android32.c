// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
//
// 32 bytes a record: Android 9 to 11. Who may use the map comes behind the flags.
// Nothing says how long a record is; without a section size_of_bpf_map_def it is
// 32 bytes. A map is pinned as map_<object>_<map>.
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
};

_Static_assert(sizeof(struct bpf_map_def) == 32, "the record's size is its version");

struct bpf_map_def SEC("maps") uid_bytes = {
	.type = BPF_MAP_TYPE_HASH,
	.key_size = sizeof(__u32),
	.value_size = sizeof(__u64),
	.max_entries = 1000,
	.gid = 3003,
	.mode = 0660,
};

struct bpf_map_def SEC("maps") settings = {
	.type = BPF_MAP_TYPE_ARRAY,
	.key_size = sizeof(__u32),
	.value_size = sizeof(__u32),
	.max_entries = 2,
	.gid = 3003,
	.mode = 0440,
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
