// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
//
// 28 bytes a record as iproute2 had them from 2015 to 2017: an id, by which
// sections refer to a prog array, and where to pin. A section "1/2" holds the
// program for slot 2 of the prog array with id 1.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#define PIN_NONE 0
#define PIN_OBJECT_NS 1 /* shared by loads of this very object */
#define PIN_GLOBAL_NS 2 /* shared by all */

struct bpf_elf_map {
	__u32 type;
	__u32 size_key;
	__u32 size_value;
	__u32 max_elem;
	__u32 flags;
	__u32 id;
	__u32 pinning;
};

#define JUMPS 1

struct bpf_elf_map SEC("maps") jumps = {
	.type = BPF_MAP_TYPE_PROG_ARRAY,
	.id = JUMPS,
	.size_key = sizeof(__u32),
	.size_value = sizeof(__u32),
	.pinning = PIN_OBJECT_NS,
	.max_elem = 8,
};

struct bpf_elf_map SEC("maps") endpoints = {
	.type = BPF_MAP_TYPE_HASH,
	.id = 2,
	.size_key = 8,
	.size_value = 16,
	.pinning = PIN_GLOBAL_NS,
	.max_elem = 65535,
	.flags = BPF_F_NO_PREALLOC,
};

struct bpf_elf_map SEC("maps") scratch = {
	.type = BPF_MAP_TYPE_ARRAY,
	.size_key = 4,
	.size_value = 4,
	.pinning = PIN_NONE,
	.max_elem = 1,
};

SEC("1/2")
int drop(struct __sk_buff *skb)
{
	return 2;
}

SEC("1/4")
int pass(struct __sk_buff *skb)
{
	return 0;
}

SEC("classifier")
int ingress(struct __sk_buff *skb)
{
	__u64 key = skb->hash;
	__u32 zero = 0;

	bpf_map_lookup_elem(&scratch, &zero);
	if (bpf_map_lookup_elem(&endpoints, &key))
		bpf_tail_call(skb, &jumps, 2);
	bpf_tail_call(skb, &jumps, 4);
	return -1;
}

SEC("action")
int act(struct __sk_buff *skb)
{
	return 0;
}

char _license[] SEC("license") = "GPL";
