// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
//
// Pointers that are stored in data. The compiler leaves a relocation for each,
// but nobody can apply it: where the kernel puts a map's value is not known to
// user space. A program that loads such a pointer reads NULL, so a loader owes
// its user a warning for every one of them.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

int target = 7;
int zeroed[4];
const int constant = 9;

int *in_data = &target;
int *into_bss = &zeroed[2];
const int *const in_rodata = &constant;

struct node {
	struct node *next;
	__u64 value;
};

struct node tail = { .value = 2 };
struct node head = { .next = &tail, .value = 1 };

static int helper(int x) { return x + 1; }
int (*const callback)(int) = helper;

SEC("socket")
int read_pointers(struct __sk_buff *skb)
{
	/* Only whether a pointer is there is asked: following it cannot be verified. */
	return (*(int *volatile *)&in_data != 0) +
	       (*(int *volatile *)&into_bss != 0) +
	       (*(const int *const volatile *)&in_rodata != 0) +
	       (*(struct node *volatile *)&head.next != 0) +
	       (*(void *const volatile *)&callback != 0);
}

char _license[] SEC("license") = "Dual BSD/GPL";
