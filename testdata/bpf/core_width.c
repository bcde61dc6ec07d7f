// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
//
// Fields that are declared wider or narrower than the kernel has them. Loads
// and stores through memory have a width, and it has to follow the field: a
// loader that only adjusts offsets makes programs read four bytes too many.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

/* The kernel has unsigned int flags. */
struct task_struct {
	__u64 flags;
} __attribute__((preserve_access_index));

struct task_struct___narrow {
	__u8 flags;
} __attribute__((preserve_access_index));

/* A pointer is a pointer, whatever it points to. */
struct task_struct___pointer {
	void *real_parent;
} __attribute__((preserve_access_index));

__u64 wide, narrow, pointer;

SEC("tp_btf/sched_process_exit")
int BPF_PROG(loads, struct task_struct *task)
{
	struct task_struct___narrow *n = (void *)task;
	struct task_struct___pointer *p = (void *)task;

	wide = task->flags;
	narrow = n->flags;
	pointer = (__u64)p->real_parent;
	return 0;
}

/* The same in plain memory, where no verifier notices a wrong width. */
struct iphdr {
	__u64 saddr; /* the kernel: 4 bytes at offset 12 */
} __attribute__((preserve_access_index));

__u8 packet[64] = { [12] = 1, [13] = 2, [14] = 3, [15] = 4, [16] = 0xff, [17] = 0xff, [18] = 0xff, [19] = 0xff };
__u64 source;

SEC("socket")
int plain(struct __sk_buff *ctx)
{
	struct iphdr *ip = (void *)packet;

	source = ip->saddr;
	ip->saddr = 0x05060708;
	return 0;
}

char _license[] SEC("license") = "GPL";
