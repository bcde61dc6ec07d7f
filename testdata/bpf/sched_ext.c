// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
//
// The least that schedules tasks: no callback of a scheduler but those that tell when
// it begins and ends. The kernel then runs all tasks in the order in which they
// become ready.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

struct scx_exit_info;

/* Members are found by name; the kernel's struct has many more. */
struct sched_ext_ops {
	__s32 (*init)(void);
	void (*exit)(struct scx_exit_info *info);
	char name[128];
};

__u32 begun, ended;

SEC("struct_ops.s/init")
int BPF_PROG(begin)
{
	begun++;
	return 0;
}

SEC("struct_ops/exit")
void BPF_PROG(end, struct scx_exit_info *info)
{
	ended++;
}

SEC(".struct_ops.link")
struct sched_ext_ops in_order = {
	.init = (void *)begin,
	.exit = (void *)end,
	.name = "bpfload_in_order",
};

char _license[] SEC("license") = "GPL";
