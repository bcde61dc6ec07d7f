// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
//
// What happens when the kernel lacks a field. Where a program asks first, the
// instruction that uses the field is never reached, and the program loads; where
// it does not ask, the load fails, and the message has to name type, field and
// source line.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>

struct task_struct___gone {
	struct {
		int depth[4];
	} bpfload_gone;
} __attribute__((preserve_access_index));

struct bpfload_unknown {
	__u64 value;
} __attribute__((preserve_access_index));

__u64 result;

SEC("raw_tp/sched_switch")
int guarded(struct bpf_raw_tracepoint_args *ctx)
{
	struct task_struct___gone *task = (void *)ctx->args[1];
	struct bpfload_unknown *u = (void *)ctx->args[1];

	if (bpf_core_field_exists(task->bpfload_gone))
		result = BPF_CORE_READ(task, bpfload_gone.depth[2]);
	if (bpf_core_type_exists(struct bpfload_unknown))
		result = BPF_CORE_READ(u, value);
	return 0;
}

SEC("?raw_tp/sched_switch")
int unguarded(struct bpf_raw_tracepoint_args *ctx)
{
	struct task_struct___gone *task = (void *)ctx->args[1];

	result = BPF_CORE_READ(task, bpfload_gone.depth[2]);
	return 0;
}

char _license[] SEC("license") = "GPL";
