// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
//
// The three ways onto a tracepoint: with the record that ftrace would write, with
// the raw arguments as numbers, and with the arguments as typed pointers.
#include <stdbool.h>
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

struct task_struct {
	int pid;
	int prio;
} __attribute__((preserve_access_index));

/* The start of every record of a tracepoint, then what sched_switch adds. */
struct switch_record {
	__u64 common;
	char prev_comm[16];
	int prev_pid;
	int prev_prio;
	long prev_state;
	char next_comm[16];
	int next_pid;
	int next_prio;
};

struct {
	__uint(type, BPF_MAP_TYPE_STACK_TRACE);
	__uint(key_size, sizeof(__u32));
	__uint(value_size, 127 * sizeof(__u64));
	__uint(max_entries, 1024);
} stacks SEC(".maps");

__u64 switches[3];

SEC("tp/sched/sched_switch")
int by_record(struct switch_record *r)
{
	if (r->prev_pid && r->next_pid)
		__sync_fetch_and_add(&switches[0], 1);
	return 0;
}

SEC("raw_tp/sched_switch")
int by_number(struct bpf_raw_tracepoint_args *ctx)
{
	bpf_get_stackid(ctx, &stacks, BPF_F_FAST_STACK_CMP);
	__sync_fetch_and_add(&switches[1], ctx->args[0] != 0 /* preempted */);
	return 0;
}

SEC("tp_btf/sched_switch")
int BPF_PROG(by_type, bool preempt, struct task_struct *prev, struct task_struct *next)
{
	if (prev->prio < next->prio)
		__sync_fetch_and_add(&switches[2], 1);
	return 0;
}

char _license[] SEC("license") = "GPL";
