// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
//
// 48 bytes a record: Android 12. A map may be for some kernels only. Programs have
// records, too, in a section "progs": <function>_def. What follows a "$" in the
// name of a program's section makes variants of one program, of which a device
// loads the one that its kernel is right for, and pins all under one name.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#define KVER(a, b, c) (((a) << 24) + ((b) << 16) + (c))

struct bpf_prog_def {
	unsigned int uid;
	unsigned int gid;
	unsigned int min_kver;
	unsigned int max_kver;
	_Bool optional;
	char pad[3];
	unsigned int bpfloader_min_ver;
	unsigned int bpfloader_max_ver;
};

unsigned long size_of_prog_def SEC("size_of_bpf_prog_def") = sizeof(struct bpf_prog_def);
_Static_assert(sizeof(struct bpf_prog_def) == 28, "the record's size is its version");

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
};

unsigned long size_of_map_def SEC("size_of_bpf_map_def") = sizeof(struct bpf_map_def);
_Static_assert(sizeof(struct bpf_map_def) == 48, "the record's size is its version");

struct bpf_map_def SEC("maps") uid_bytes = {
	.type = BPF_MAP_TYPE_HASH,
	.key_size = sizeof(__u32),
	.value_size = sizeof(__u64),
	.max_entries = 1000,
	.gid = 3003,
	.mode = 0660,
	.bpfloader_max_ver = 0x10000,
	.min_kver = KVER(4, 14, 0),
	.max_kver = 0xffffffff,
};

struct bpf_map_def SEC("maps") events = {
	.type = BPF_MAP_TYPE_RINGBUF,
	.max_entries = 4096,
	.mode = 0660,
	.bpfloader_max_ver = 0x10000,
	.min_kver = KVER(5, 10, 0),
	.max_kver = 0xffffffff,
};

SEC("schedcls/ingress6/clat_rawip$5_10")
int ingress_new(struct __sk_buff *skb)
{
	__u64 len = skb->len;
	__u32 uid = 0;

	bpf_ringbuf_output(&events, &len, sizeof(len), 0);
	return bpf_map_lookup_elem(&uid_bytes, &uid) ? 0 : 2;
}

struct bpf_prog_def SEC("progs") ingress_new_def = {
	.min_kver = KVER(5, 10, 0),
	.max_kver = 0xffffffff,
	.bpfloader_max_ver = 0x10000,
};

SEC("schedcls/ingress6/clat_rawip$4_14")
int ingress_old(struct __sk_buff *skb)
{
	__u32 uid = 0;

	return bpf_map_lookup_elem(&uid_bytes, &uid) ? 0 : 2;
}

struct bpf_prog_def SEC("progs") ingress_old_def = {
	.min_kver = KVER(4, 14, 0),
	.max_kver = KVER(5, 10, 0),
	.optional = 1,
	.bpfloader_max_ver = 0x10000,
};

char _license[] SEC("license") = "Apache 2.0";
