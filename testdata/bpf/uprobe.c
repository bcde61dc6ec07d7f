// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
//
// Probes on functions of user programs; the section may name file and function.
#include <linux/bpf.h>
#include <linux/ptrace.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

__u64 calls;
__u64 bytes;

SEC("uprobe/libc.so.6:malloc")
int BPF_KPROBE(on_malloc, unsigned long size)
{
	__sync_fetch_and_add(&calls, 1);
	__sync_fetch_and_add(&bytes, size);
	return 0;
}

SEC("uretprobe/libc.so.6:malloc")
int BPF_KRETPROBE(on_return, void *memory)
{
	if (!memory)
		bpf_printk("out of memory");
	return 0;
}

/* To be told by the user; may sleep, and so may read memory that is paged out. */
SEC("uprobe.s")
int anywhere(struct pt_regs *ctx)
{
	char text[16];

	bpf_copy_from_user(text, sizeof(text), (void *)PT_REGS_PARM1(ctx));
	return 0;
}

char _license[] SEC("license") = "GPL";
