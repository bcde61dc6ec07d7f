// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
//
// Calls of kernel functions. Like a helper each is checked by the verifier, but
// it is found by name in the kernel's BTF and may be missing. A declaration may
// carry a suffix ___x, so that one object can know several signatures.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct task_struct {
	int pid, prio;
} __attribute__((preserve_access_index));

struct args {
	__s32 pid;
	__s32 priority; /* out */
};

extern struct task_struct *bpf_task_from_pid(__s32 pid) __ksym;
extern void bpf_task_release(struct task_struct *p) __ksym;

/* By another name, with the same types. */
extern void bpf_task_release___again(struct task_struct *p) __ksym;

/* No kernel has this one; a program asks before it calls. */
extern int bpf_bpfload_missing(struct task_struct *p) __ksym __weak;

/* Nor this signature, which is weak and so as good as missing. */
extern struct task_struct *bpf_task_from_pid___old(__u64 pid, int flags) __ksym __weak;

SEC("syscall")
int priority(struct args *args)
{
	struct task_struct *task = bpf_task_from_pid(args->pid);

	if (!task)
		return -1;
	args->priority = task->prio;
	if (bpf_bpfload_missing)
		args->priority = bpf_bpfload_missing(task);
	bpf_task_release(task);
	return 0;
}

SEC("syscall")
int priority_again(struct args *args)
{
	struct task_struct *task;

	if (bpf_task_from_pid___old)
		task = bpf_task_from_pid___old(args->pid, 0);
	else
		task = bpf_task_from_pid(args->pid);
	if (!task)
		return -1;
	args->priority = task->prio;
	bpf_task_release___again(task);
	return 0;
}

char _license[] SEC("license") = "GPL";
