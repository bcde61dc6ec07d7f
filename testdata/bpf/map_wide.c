// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
//
// Map definitions that mean exactly one thing and that other loaders refuse
// nevertheless: a max_entries that is written as an enum, a definition with
// wider alignment, hidden and weak maps.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__type(key, __u32);
	__type(value, __u32);
	enum { MANY = 70000 } max_entries;
} enum_entries SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__type(key, __u32);
	__type(value, __u32);
	__uint(max_entries, 1);
} wide SEC(".maps") __attribute__((aligned(64)));

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__type(key, __u32);
	__type(value, __u32);
	__uint(max_entries, 2);
} hidden SEC(".maps") __hidden;

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__type(key, __u32);
	__type(value, __u32);
	__uint(max_entries, 3);
} weak SEC(".maps") __weak;

int also(struct __sk_buff *skb);

/* With slots that start at 16 in a section aligned to 64. No max_entries: as
 * many as slots are written.
 */
struct {
	__uint(type, BPF_MAP_TYPE_PROG_ARRAY);
	__type(key, __u32);
	__array(values, int(struct __sk_buff *));
} jumps SEC(".maps") = {
	.values = { [1] = &also, [2] = &also },
};

SEC("socket")
int use(struct __sk_buff *skb)
{
	__u32 key = 0, *value;

	bpf_map_delete_elem(&enum_entries, &key);
	value = bpf_map_lookup_elem(&wide, &key);
	if (value)
		*value = skb->len;
	value = bpf_map_lookup_elem(&hidden, &key);
	if (value)
		*value = skb->len;
	value = bpf_map_lookup_elem(&weak, &key);
	if (value)
		*value = skb->len;
	bpf_tail_call(skb, &jumps, 1);
	return 0;
}

SEC("socket")
int also(struct __sk_buff *skb)
{
	return skb->len;
}

char _license[] SEC("license") = "Dual BSD/GPL";
