// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Socket filters that the recorder loads with CAP_BPF but without CAP_PERFMON. */
#include "common.h"

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct value);
} stats SEC(".maps");

SEC("socket")
naked int pointer_leak(void)
{
	asm volatile("r0 = r10;"
		     "exit;" ::: CLOBBERS);
}

SEC("socket")
int pointer_leak_map(struct __sk_buff *skb)
{
	__u32 key = 0;
	struct value *v = bpf_map_lookup_elem(&stats, &key);

	if (v)
		v->count = (__u64)skb;
	return 0;
}

SEC("socket")
naked int pointer_compare(void)
{
	asm volatile("if r1 > 5 goto +1;"
		     "r1 = 0;"
		     "r0 = 0;"
		     "exit;" ::: CLOBBERS);
}

SEC("socket")
naked int stack_uninit_bpf(void)
{
	asm volatile("r0 = *(u64 *)(r10 - 16);"
		     "exit;" ::: CLOBBERS);
}

SEC("socket")
int stack_uninit_key(struct __sk_buff *skb)
{
	__u32 key[2];

	opaque(skb);
	return bpf_map_lookup_elem(&stats, key) ? 1 : 0;
}

char _license[] SEC("license") = "GPL";
