// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
//
// Two arenas, of which a program could only use one.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, 33); /* arena */
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
} first SEC(".maps");

struct {
	__uint(type, 33); /* arena */
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 2);
} second SEC(".maps");

SEC("socket")
int look(struct __sk_buff *skb)
{
	return &first == (void *)&second;
}

char _license[] SEC("license") = "Dual BSD/GPL";
