// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
//
// Open vSwitch's datapath was compiled before BPF had a machine number, types of
// relocations or symbols for functions: ovs-aged.o is this source in that form.
// There a section is a program and lends it its name, and what a relocation means
// only its target can tell.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct bpf_elf_map {
	__u32 type;
	__u32 size_key;
	__u32 size_value;
	__u32 max_elem;
	__u32 flags;
	__u32 id;
	__u32 pinning;
};

struct bpf_elf_map SEC("maps") flow_table = {
	.type = BPF_MAP_TYPE_HASH,
	.size_key = 16,
	.size_value = 128,
	.max_elem = 1000,
	.pinning = 2,
};

struct bpf_elf_map SEC("maps") tailcalls = {
	.type = BPF_MAP_TYPE_PROG_ARRAY,
	.size_key = 4,
	.size_value = 4,
	.id = 1,
	.max_elem = 64,
	.pinning = 2,
};

SEC("tail-0")
int prog_drop(struct __sk_buff *skb)
{
	return 2;
}

SEC("ingress")
int prog_ingress(struct __sk_buff *skb)
{
	__u64 key[2] = { skb->ifindex, skb->hash };

	if (!bpf_map_lookup_elem(&flow_table, key))
		bpf_tail_call(skb, &tailcalls, 0);
	return 0;
}

SEC("xdp")
int prog_xdp(struct xdp_md *ctx)
{
	return XDP_PASS;
}

char _license[] SEC("license") = "GPL";
