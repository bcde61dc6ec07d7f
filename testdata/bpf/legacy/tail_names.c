// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
//
// Three more ways to say that a program belongs into a slot of a prog array: by a
// section "tail-N", "bind/N", or by a tag on the function, tail:<map>/<slot>.
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
	__u32 inner_id;
	__u32 inner_idx;
};

struct bpf_elf_map SEC("maps") tailcalls = {
	.type = BPF_MAP_TYPE_PROG_ARRAY,
	.size_key = 4,
	.size_value = 4,
	.id = 1,
	.max_elem = 64,
};

SEC("tail-32")
int by_dash(struct __sk_buff *skb)
{
	return 1;
}

SEC("bind/3")
int by_bind(struct __sk_buff *skb)
{
	return 2;
}

__attribute__((btf_decl_tag("tail:tailcalls/5"))) SEC("tc")
int by_tag(struct __sk_buff *skb)
{
	return 3;
}

SEC("ingress")
int start(struct __sk_buff *skb)
{
	bpf_tail_call(skb, &tailcalls, 32);
	bpf_tail_call(skb, &tailcalls, 3);
	bpf_tail_call(skb, &tailcalls, 5);
	return 0;
}

char _license[] SEC("license") = "GPL";
