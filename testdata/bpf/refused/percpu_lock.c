// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
//
// A lock in a value that each CPU has for itself. The kernel refuses the map; what
// it does not like is the type, and a loader that tries again without types gets a
// map that its program cannot use.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct value {
	struct bpf_spin_lock lock;
	__u32 count;
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_HASH);
	__type(key, __u32);
	__type(value, struct value);
	__uint(max_entries, 16);
} m SEC(".maps");

SEC("socket")
int look(struct __sk_buff *skb)
{
	__u32 key = 0;

	struct value *v = bpf_map_lookup_elem(&m, &key);

	if (!v)
		return 0;
	bpf_spin_lock(&v->lock);
	v->count++;
	bpf_spin_unlock(&v->lock);
	return 0;
}

char _license[] SEC("license") = "Dual BSD/GPL";
