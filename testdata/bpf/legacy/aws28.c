// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
//
// 28 bytes a record as Amazon's network plugin for Kubernetes has them: pinning
// comes first, and only 2, global, does anything.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#define PIN_GLOBAL_NS 2

struct bpf_map_def_pvt {
	__u32 type;
	__u32 key_size;
	__u32 value_size;
	__u32 max_entries;
	__u32 map_flags;
	__u32 pinning;
	__u32 inner_map_fd;
};

struct bpf_map_def_pvt SEC("maps") ingress_map = {
	.type = BPF_MAP_TYPE_LPM_TRIE,
	.key_size = 8,
	.value_size = 288,
	.max_entries = 65536,
	.map_flags = BPF_F_NO_PREALLOC,
	.pinning = PIN_GLOBAL_NS,
};

struct bpf_map_def_pvt SEC("maps") pod_state = {
	.type = BPF_MAP_TYPE_HASH,
	.key_size = 4,
	.value_size = 4,
	.max_entries = 2,
	.map_flags = BPF_F_NO_PREALLOC,
	.pinning = 0,
};

SEC("tc_cls")
int handle_ingress(struct __sk_buff *skb)
{
	__u32 state = 0;
	__u64 key = 32;

	if (bpf_map_lookup_elem(&pod_state, &state))
		return 0;
	return bpf_map_lookup_elem(&ingress_map, &key) ? 0 : 2;
}

char _license[] SEC("license") = "GPL";
