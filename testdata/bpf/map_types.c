// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
//
// One map of every type, as small as it may be. Types that the headers of this
// machine may not know are given by number.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#define MAP(name, map_type, key_bytes, value_bytes, entries, flags) \
	struct {                                                     \
		__uint(type, map_type);                              \
		__uint(key_size, key_bytes);                         \
		__uint(value_size, value_bytes);                     \
		__uint(max_entries, entries);                        \
		__uint(map_flags, flags);                            \
	} name SEC(".maps")

MAP(hash, BPF_MAP_TYPE_HASH, 4, 8, 2, 0);
MAP(array, BPF_MAP_TYPE_ARRAY, 4, 8, 2, 0);
MAP(prog_array, BPF_MAP_TYPE_PROG_ARRAY, 4, 4, 2, 0);
MAP(perf_event_array, BPF_MAP_TYPE_PERF_EVENT_ARRAY, 4, 4, 2, 0);
MAP(percpu_hash, BPF_MAP_TYPE_PERCPU_HASH, 4, 8, 2, 0);
MAP(percpu_array, BPF_MAP_TYPE_PERCPU_ARRAY, 4, 8, 2, 0);
MAP(stack_trace, BPF_MAP_TYPE_STACK_TRACE, 4, 8, 2, 0);
MAP(cgroup_array, BPF_MAP_TYPE_CGROUP_ARRAY, 4, 4, 2, 0);
MAP(lru_hash, BPF_MAP_TYPE_LRU_HASH, 4, 8, 2, 0);
MAP(lru_percpu_hash, BPF_MAP_TYPE_LRU_PERCPU_HASH, 4, 8, 1024, BPF_F_NO_COMMON_LRU);
MAP(lpm_trie, BPF_MAP_TYPE_LPM_TRIE, 8, 8, 2, BPF_F_NO_PREALLOC);
MAP(devmap, BPF_MAP_TYPE_DEVMAP, 4, 4, 2, 0);
MAP(sockmap, BPF_MAP_TYPE_SOCKMAP, 4, 8, 2, 0);
MAP(cpumap, BPF_MAP_TYPE_CPUMAP, 4, 8, 2, 0);
MAP(xskmap, BPF_MAP_TYPE_XSKMAP, 4, 4, 2, 0);
MAP(sockhash, BPF_MAP_TYPE_SOCKHASH, 4, 4, 2, 0);
MAP(cgroup_storage, BPF_MAP_TYPE_CGROUP_STORAGE, sizeof(struct bpf_cgroup_storage_key), 8, 0, 0);
MAP(reuseport_sockarray, BPF_MAP_TYPE_REUSEPORT_SOCKARRAY, 4, 8, 2, 0);
MAP(percpu_cgroup_storage, BPF_MAP_TYPE_PERCPU_CGROUP_STORAGE, 8, 8, 0, 0);
MAP(queue, BPF_MAP_TYPE_QUEUE, 0, 8, 2, 0);
MAP(stack, BPF_MAP_TYPE_STACK, 0, 8, 2, 0);
MAP(devmap_hash, BPF_MAP_TYPE_DEVMAP_HASH, 4, 4, 2, 0);
MAP(ringbuf, BPF_MAP_TYPE_RINGBUF, 0, 0, 4096, 0);
MAP(bloom_filter, BPF_MAP_TYPE_BLOOM_FILTER, 0, 8, 2, 0);
MAP(user_ringbuf, 31 /* BPF_MAP_TYPE_USER_RINGBUF, 6.1 */, 0, 0, 4096, 0);

/* Storage of sockets and the like is found by type; sizes alone are refused. */
#define STORAGE(name, map_type)                           \
	struct {                                          \
		__uint(type, map_type);                   \
		__type(key, int);                         \
		__type(value, __u64);                     \
		__uint(map_flags, BPF_F_NO_PREALLOC);     \
	} name SEC(".maps")

STORAGE(sk_storage, BPF_MAP_TYPE_SK_STORAGE);
STORAGE(inode_storage, BPF_MAP_TYPE_INODE_STORAGE);
STORAGE(task_storage, BPF_MAP_TYPE_TASK_STORAGE);
STORAGE(cgrp_storage, 32 /* BPF_MAP_TYPE_CGRP_STORAGE, 6.2 */);

#define OF_MAPS(name, map_type)                                   \
	struct {                                                  \
		__uint(type, map_type);                           \
		__uint(key_size, 4);                              \
		__uint(max_entries, 2);                           \
		__array(values, struct {                          \
			__uint(type, BPF_MAP_TYPE_ARRAY);         \
			__uint(key_size, 4);                      \
			__uint(value_size, 8);                    \
			__uint(max_entries, 1);                   \
		});                                               \
	} name SEC(".maps")

OF_MAPS(array_of_maps, BPF_MAP_TYPE_ARRAY_OF_MAPS);
OF_MAPS(hash_of_maps, BPF_MAP_TYPE_HASH_OF_MAPS);

struct {
	__uint(type, 33 /* BPF_MAP_TYPE_ARENA, 6.9 */);
	__uint(max_entries, 1);
	__uint(map_flags, BPF_F_MMAPABLE);
} arena SEC(".maps");

/* Some program has to be there; it uses none of them. */
SEC("socket")
int nothing(struct __sk_buff *skb)
{
	return 0;
}

char _license[] SEC("license") = "Dual BSD/GPL";
