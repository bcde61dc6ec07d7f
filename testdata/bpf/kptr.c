// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
//
// A map that keeps a reference to a kernel object. The type tag in the value's
// BTF is what tells the kernel so.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#define __kernel_pointer __attribute__((btf_type_tag("kptr")))

struct task_struct {
	int pid;
} __attribute__((preserve_access_index));

extern struct task_struct *bpf_task_from_pid(__s32 pid) __ksym;
extern void bpf_task_release(struct task_struct *p) __ksym;

struct watched {
	struct task_struct __kernel_pointer *task;
	__u64 since;
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__type(key, __u32);
	__type(value, struct watched);
	__uint(max_entries, 4);
} watched SEC(".maps");

SEC("syscall")
int watch(__s32 *pid)
{
	struct task_struct *task;
	struct watched *w;
	__u32 key = 0;

	w = bpf_map_lookup_elem(&watched, &key);
	if (!w)
		return -1;
	task = bpf_task_from_pid(*pid);
	if (!task)
		return -2;
	w->since = bpf_ktime_get_ns();
	task = bpf_kptr_xchg(&w->task, task);
	if (task)
		bpf_task_release(task);
	return 0;
}

char _license[] SEC("license") = "GPL";
