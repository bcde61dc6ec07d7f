// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
//
// Compile once, run everywhere. The types below hold only what this program
// uses; where those fields are in the kernel at hand, the loader looks up in the
// kernel's BTF and writes into the instructions. A suffix ___x makes a second
// view of the same kernel type.
#include <stdbool.h>
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_tracing.h>

struct nsproxy;

struct mm_struct {
	unsigned long arg_start, arg_end;
} __attribute__((preserve_access_index));

struct task_struct {
	unsigned int flags;
	int pid;
	int tgid;
	char comm[16];
	struct task_struct *real_parent;
	struct mm_struct *mm;
	unsigned int in_execve : 1;
} __attribute__((preserve_access_index));

/* Until Linux 5.14 the state of a task was a signed field of another name. */
struct task_struct___before_5_14 {
	long state;
} __attribute__((preserve_access_index));

struct task_struct___since_5_14 {
	unsigned int __state;
} __attribute__((preserve_access_index));

struct info {
	__u32 pid, parent_pid;
	__u32 comm_size, task_size;
	__u64 state, arguments;
	bool in_execve, has_mm, is_bpf_lsm_known;
	char parent[16];
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__type(key, __u32);
	__type(value, struct info);
	__uint(max_entries, 1024);
} exits SEC(".maps");

static __always_inline __u64 state_of(struct task_struct *task)
{
	struct task_struct___since_5_14 *now = (void *)task;
	struct task_struct___before_5_14 *then = (void *)task;

	if (bpf_core_field_exists(now->__state))
		return BPF_CORE_READ(now, __state);
	return BPF_CORE_READ(then, state);
}

SEC("raw_tp/sched_process_exit")
int on_exit(struct bpf_raw_tracepoint_args *ctx)
{
	struct task_struct *task = (struct task_struct *)ctx->args[0];
	struct info info = {};

	info.pid = BPF_CORE_READ(task, pid);
	info.parent_pid = BPF_CORE_READ(task, real_parent, tgid);
	BPF_CORE_READ_STR_INTO(&info.parent, task, real_parent, comm);
	info.comm_size = bpf_core_field_size(task->comm);
	info.task_size = bpf_core_type_size(struct task_struct);
	info.state = state_of(task);
	info.in_execve = BPF_CORE_READ_BITFIELD_PROBED(task, in_execve);
	info.has_mm = BPF_CORE_READ(task, mm) != 0;
	if (info.has_mm)
		info.arguments = BPF_CORE_READ(task, mm, arg_end) - BPF_CORE_READ(task, mm, arg_start);
	info.is_bpf_lsm_known = bpf_core_enum_value_exists(enum bpf_attach_type, BPF_LSM_CGROUP);
	bpf_map_update_elem(&exits, &info.pid, &info, BPF_ANY);
	return 0;
}

/* With typed arguments fields are read like any others. */
SEC("tp_btf/sched_process_exit")
int BPF_PROG(typed, struct task_struct *task)
{
	__u32 pid = task->pid;

	if (task->real_parent && task->real_parent->pid == 1)
		bpf_map_delete_elem(&exits, &pid);
	return 0;
}

char _license[] SEC("license") = "GPL";
