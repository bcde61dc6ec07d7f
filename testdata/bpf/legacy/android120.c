// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
//
// 120 bytes a record: Android 14 to 16. An owner at the end. max_entries became
// signed in 2025: a negative one stands for as many entries without
// preallocation.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#define KVER(a, b, c) (((a) << 24) + ((b) << 16) + (c))

struct bpf_map_def {
	unsigned int type;
	unsigned int key_size;
	unsigned int value_size;
	int max_entries; /* has a sign since 2025 */
	unsigned int map_flags;
	unsigned int zero; /* must be */
	unsigned int gid;
	unsigned int mode;
	unsigned int bpfloader_min_ver; /* this one and later */
	unsigned int bpfloader_max_ver; /* before this one */
	unsigned int min_kver; /* this kernel and later */
	unsigned int max_kver; /* before this kernel */
	char selinux_context[32];
	char pin_subdir[32];
	_Bool shared;
	/* On which devices not to load the map; a bit for each of eng, user and
	 * userdebug builds, and of five architectures.
	 */
	unsigned char ignored_on;
	char pad[2];
	unsigned int uid;
};

unsigned long size_of_map_def SEC("size_of_bpf_map_def") = sizeof(struct bpf_map_def);
_Static_assert(sizeof(struct bpf_map_def) == 120, "the record's size is its version");

struct bpf_map_def SEC("maps") uid_bytes = {
	.type = BPF_MAP_TYPE_HASH,
	.key_size = sizeof(__u32),
	.value_size = sizeof(__u64),
	.max_entries = -2000,
	.gid = 3003,
	.mode = 0660,
	.bpfloader_min_ver = 19,
	.bpfloader_max_ver = 0x10000,
	.min_kver = KVER(4, 19, 0),
	.max_kver = 0xffffffff,
	.pin_subdir = "net_private/",
	.uid = 1000,
};

/* For kernels that are long gone: skipped without a word. */
struct bpf_map_def SEC("maps") of_old = {
	.type = BPF_MAP_TYPE_ARRAY,
	.key_size = sizeof(__u32),
	.value_size = sizeof(__u32),
	.max_entries = 1,
	.mode = 0400,
	.bpfloader_max_ver = 0x10000,
	.max_kver = KVER(4, 9, 0),
	.uid = 1000,
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
