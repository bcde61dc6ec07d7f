// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
//
// Functions that do not follow each other closely: alignment leaves bytes
// between them that belong to none. Line numbers and CO-RE relocations are given
// by their place in the section, so a reader that only counts instructions puts
// them on the wrong ones.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>

#define __apart __attribute__((aligned(128)))

struct task_struct {
	int pid;
	int tgid;
	char comm[16];
} __attribute__((preserve_access_index));

int pid, tgid;
__u64 comm;

static __noinline __apart int read_pid(struct task_struct *task)
{
	return BPF_CORE_READ(task, pid);
}

static __noinline __apart int read_tgid(struct task_struct *task)
{
	return BPF_CORE_READ(task, tgid);
}

SEC("raw_tp/sched_process_exit")
__apart int first(struct bpf_raw_tracepoint_args *ctx)
{
	pid = read_pid((void *)ctx->args[0]);
	return 0;
}

SEC("raw_tp/sched_process_exit")
__apart int second(struct bpf_raw_tracepoint_args *ctx)
{
	struct task_struct *task = (void *)ctx->args[0];

	tgid = read_tgid(task);
	bpf_core_read(&comm, sizeof(comm), &task->comm);
	return 0;
}

char _license[] SEC("license") = "GPL";
