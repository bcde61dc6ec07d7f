// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
//
// An arena (Linux 6.9): memory that programs and user space share by address.
// Pointers into it live in an address space of their own, and the compiler emits
// a conversion where they are used. Variables may be put there, too: they come
// in the section .addr_space.1 and become the arena's first contents.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#define MAP_TYPE_ARENA 33
#define PAGES 100

#define __arena __attribute__((address_space(1)))
#define __arena_global __attribute__((address_space(1)))

struct {
	__uint(type, MAP_TYPE_ARENA);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, PAGES);
	enum { ARENA_ADDRESS = 0x1ull << 44 } map_extra; /* where user space maps it */
} arena SEC(".maps");

extern void __arena *bpf_arena_alloc_pages(void *map, void __arena *addr, __u32 pages,
					   int node, __u64 flags) __ksym;
extern void bpf_arena_free_pages(void *map, void __arena *addr, __u32 pages) __ksym;

struct item {
	struct item __arena *next;
	__u64 value;
};

int __arena_global version = 3;
__u64 __arena_global pushes;
struct item __arena *__arena_global head;

SEC("syscall")
int push(void *ctx)
{
	struct item __arena *i = bpf_arena_alloc_pages(&arena, 0, 1, -1, 0);

	if (!i)
		return -1;
	i->value = ++pushes + version;
	i->next = head;
	head = i;
	return 0;
}

SEC("syscall")
int pop(void *ctx)
{
	struct item __arena *i = head;

	if (!i)
		return -1;
	head = i->next;
	bpf_arena_free_pages(&arena, i, 1);
	return 0;
}

char _license[] SEC("license") = "GPL";
