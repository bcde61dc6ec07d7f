// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
//
// A slot of a prog array that names a function, which is no program.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct inner {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__type(key, __u32);
	__type(value, __u64);
	__uint(max_entries, 1);
};

__noinline int function(void *ctx)
{
	return bpf_get_prandom_u32();
}

struct {
	__uint(type, BPF_MAP_TYPE_PROG_ARRAY);
	__type(key, __u32);
	__uint(max_entries, 4);
	__array(values, int(void *));
} m SEC(".maps") = {
	.values = { [1] = &function },
};

SEC("socket")
int look(struct __sk_buff *skb)
{
	__u32 key = 0;

	return bpf_map_lookup_elem(&m, &key) != 0;
}

char _license[] SEC("license") = "Dual BSD/GPL";
