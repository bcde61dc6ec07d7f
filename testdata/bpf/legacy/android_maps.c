// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
//
// Android since 2026: the maps themselves are in .maps, as everywhere; what only
// Android knows about them is in .android_maps, and about programs in
// .android_progs. <map>_def belongs to <map>, <function>_def to <function>.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#define KVER(a, b, c) (((a) << 24) + ((b) << 16) + (c))

struct android_map {
	unsigned int type, key_size, value_size, max_entries, map_flags;
	unsigned int uid;
	unsigned int gid;
	unsigned int mode;
	int min_api;
	int max_api;
	unsigned int min_kver;
	unsigned int max_kver;
	char create_location[70];
	char pin_location[70];
	unsigned int name_idx;
};

struct android_prog {
	unsigned int prog_type;
	unsigned int attach_type;
	unsigned int uid;
	unsigned int gid;
	unsigned int min_kver;
	unsigned int max_kver;
	unsigned char optional;
	char pad[3];
	int min_api;
	int max_api;
	char create_location[70];
	char pin_location[70];
	unsigned int name_idx;
};

_Static_assert(sizeof(struct android_map) == 192, "as the loader has it");
_Static_assert(sizeof(struct android_prog) == 180, "as the loader has it");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__type(key, __u32);
	__type(value, __u64);
	__uint(max_entries, 1000);
} uid_bytes SEC(".maps");

struct android_map SEC(".android_maps") uid_bytes_def = {
	.type = BPF_MAP_TYPE_HASH,
	.key_size = 4,
	.value_size = 8,
	.max_entries = 1000,
	.gid = 3003,
	.mode = 0660,
	.max_api = 0x7fffffff,
	.min_kver = KVER(5, 4, 0),
	.max_kver = 0xffffffff,
	.pin_location = "/sys/fs/bpf/netd_shared/map_netd_uid_bytes",
};

SEC("cgroup_skb/ingress")
int CGROUP_SKB_on_ingress_0(struct __sk_buff *skb)
{
	__u32 uid = 0;
	__u64 *bytes = bpf_map_lookup_elem(&uid_bytes, &uid);

	if (bytes)
		*bytes += skb->len;
	return 1;
}

struct android_prog SEC(".android_progs") CGROUP_SKB_on_ingress_0_def = {
	.prog_type = BPF_PROG_TYPE_CGROUP_SKB,
	.attach_type = BPF_CGROUP_INET_INGRESS,
	.max_kver = 0xffffffff,
	.gid = 3005,
	.optional = 1,
	.max_api = 0x7fffffff,
	.pin_location = "/sys/fs/bpf/netd_shared/prog_netd_ingress",
	.name_idx = 1,
};

char _license[] SEC("license") = "Apache 2.0";
