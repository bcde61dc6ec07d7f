// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
//
// 116 bytes a record: Android 13. Where to pin, under which label, and whether
// objects share the map, which leaves the object out of the pin's name. "critical"
// names what the device cannot do without: then a failure stops it.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct bpf_prog_def {
	unsigned int uid;
	unsigned int gid;
	unsigned int min_kver;
	unsigned int max_kver;
	_Bool optional;
	unsigned char ignored_on; /* bits as in a map's record */
	char pad[2];
	unsigned int bpfloader_min_ver;
	unsigned int bpfloader_max_ver;
	char selinux_context[32];
	char pin_subdir[32];
};

unsigned long size_of_prog_def SEC("size_of_bpf_prog_def") = sizeof(struct bpf_prog_def);
_Static_assert(sizeof(struct bpf_prog_def) == 92, "the record's size is its version");

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
};

unsigned long size_of_map_def SEC("size_of_bpf_map_def") = sizeof(struct bpf_map_def);
_Static_assert(sizeof(struct bpf_map_def) == 116, "the record's size is its version");

char _critical[] SEC("critical") = "tethering";
unsigned int min_loader SEC("bpfloader_min_ver") = 2;
unsigned int max_loader SEC("bpfloader_max_ver") = 0x10000;

struct bpf_map_def SEC("maps") uid_bytes = {
	.type = BPF_MAP_TYPE_HASH,
	.key_size = sizeof(__u32),
	.value_size = sizeof(__u64),
	.max_entries = 1000,
	.gid = 3003,
	.mode = 0660,
	.bpfloader_min_ver = 2,
	.bpfloader_max_ver = 0x10000,
	.max_kver = 0xffffffff,
	.selinux_context = "fs_bpf_net_shared",
	.pin_subdir = "netd_shared/",
	.shared = 1,
};

struct bpf_map_def SEC("maps") not_on_32_bit = {
	.type = BPF_MAP_TYPE_ARRAY,
	.key_size = sizeof(__u32),
	.value_size = sizeof(__u64),
	.max_entries = 1,
	.mode = 0400,
	.bpfloader_max_ver = 0x10000,
	.max_kver = 0xffffffff,
	.pin_subdir = "tethering/",
	.ignored_on = 1 << 3 | 1 << 5, /* 32 bits of arm, of x86 */
};

SEC("cgroupskb/ingress/stats")
int on_ingress(struct __sk_buff *skb)
{
	__u32 uid = 0;
	__u64 *bytes = bpf_map_lookup_elem(&uid_bytes, &uid);

	if (bytes)
		*bytes += skb->len;
	bpf_map_lookup_elem(&not_on_32_bit, &uid);
	return 1;
}

struct bpf_prog_def SEC("progs") on_ingress_def = {
	.max_kver = 0xffffffff,
	.bpfloader_max_ver = 0x10000,
	.selinux_context = "fs_bpf_netd_readonly",
	.pin_subdir = "netd_readonly/",
};

char _license[] SEC("license") = "Apache 2.0";
