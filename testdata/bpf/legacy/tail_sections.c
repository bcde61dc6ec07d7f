// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
//
// Sections that name a slot of a prog array are read like numbers in C: decimal,
// hexadecimal and octal. One names an array that does not exist.
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

struct bpf_elf_map SEC("maps") first = {
	.type = BPF_MAP_TYPE_PROG_ARRAY,
	.size_key = 4,
	.size_value = 4,
	.id = 1,
	.max_elem = 0x2000,
};

struct bpf_elf_map SEC("maps") eighth = {
	.type = BPF_MAP_TYPE_PROG_ARRAY,
	.size_key = 4,
	.size_value = 4,
	.id = 8,
	.max_elem = 32,
};

SEC("1/0x1010")
int hexadecimal(struct __sk_buff *skb)
{
	bpf_tail_call(skb, &eighth, 8);
	return 1;
}

SEC("010/8")
int octal(struct __sk_buff *skb)
{
	bpf_tail_call(skb, &eighth, 017);
	return 2;
}

SEC("0x8/017")
int both(struct __sk_buff *skb)
{
	return 3;
}

SEC("9/1")
int nowhere(struct __sk_buff *skb)
{
	return 4;
}

SEC("classifier")
int start(struct __sk_buff *skb)
{
	bpf_tail_call(skb, &first, 0x1010);
	return 0;
}

char _license[] SEC("license") = "GPL";
