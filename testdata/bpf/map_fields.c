// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
//
// Every field that a map definition in .maps may have, in the forms that C
// allows for it. Only the order of "values", which must be last, matters.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#ifndef __ulong
/* For values that do not fit into an array's length: the name of an enum. */
#define ulong_name2(a, b) a##b
#define ulong_name(a, b) ulong_name2(a, b)
#define __ulong(name, val) enum { ulong_name(ulong_value_, __LINE__) = val } name
#endif

struct key {
	__u32 a, b;
};

typedef struct key key_alias;

/* Sizes only. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(key_size, 6);
	__uint(value_size, 10);
	__uint(max_entries, 3);
	__uint(map_flags, BPF_F_NO_PREALLOC);
} sized SEC(".maps");

/* A type and its size: agreed twice. */
struct {
	__uint(key_size, sizeof(struct key));
	__type(key, const key_alias);
	__type(value, __u64[4]);
	__uint(value_size, 32);
	__uint(max_entries, 4);
	__uint(type, BPF_MAP_TYPE_HASH);
} twice SEC(".maps");

/* The map's memory comes from NUMA node 0, which also is what 0 without the
 * flag would look like.
 */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__type(key, __u32);
	__type(value, enum bpf_map_type);
	__uint(max_entries, 5);
	__uint(map_flags, BPF_F_NUMA_NODE | BPF_F_MMAPABLE);
	__uint(numa_node, 0);
} on_node SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_BLOOM_FILTER);
	__type(value, __u32);
	__uint(max_entries, 6);
	__ulong(map_extra, 9);
} extra SEC(".maps");

/* Members may have a typedef's name, and a definition may have one, too. */
typedef int (*as_uint)[BPF_MAP_TYPE_LRU_HASH];
typedef struct {
	as_uint type;
	__type(key, void *);
	__type(value, char[3]);
	__uint(max_entries, 7);
} definition;

definition by_typedef SEC(".maps");

/* Decl tags are for tools; a loader passes them on. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__type(key, __u32);
	__type(value, __u32);
	__uint(max_entries, 8);
} tagged SEC(".maps") __attribute__((btf_decl_tag("example:tagged")));

/* Read-only for programs, and another one for user space. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__type(key, __u32);
	__type(value, __u32);
	__uint(max_entries, 9);
	__uint(map_flags, BPF_F_RDONLY_PROG | BPF_F_WRONLY);
} one_way SEC(".maps");

SEC("socket")
int use_all(struct __sk_buff *skb)
{
	struct key k = { skb->hash, skb->len };
	__u64 sized_key = 0;
	__u32 zero = 0, *v;

	v = bpf_map_lookup_elem(&on_node, &zero);
	if (v)
		*v = skb->len;
	v = bpf_map_lookup_elem(&one_way, &zero);
	if (v && bpf_map_lookup_elem(&tagged, v))
		bpf_map_delete_elem(&twice, &k);
	bpf_map_peek_elem(&extra, &zero);
	bpf_map_delete_elem(&sized, &sized_key);
	bpf_map_delete_elem(&by_typedef, &sized_key);
	return 0;
}

char _license[] SEC("license") = "Dual BSD/GPL";
