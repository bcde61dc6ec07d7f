// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
//
// Probes on kernel functions: at entry, at return, at an offset, at every
// function that matches a pattern, and at a system call, whose arguments sit in
// another place on kernels that wrap system calls.
#include <stdbool.h>
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>

/* The saved registers as the kernel itself names them; for bpf_tracing.h to use
 * these names it has to believe that they come from vmlinux.h.
 */
#define __VMLINUX_H__
struct pt_regs {
	unsigned long di, si, dx, r10, r8, ax, bp, sp, ip;
} __attribute__((preserve_access_index));

#include <bpf/bpf_tracing.h>

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__type(key, __u64);
	__type(value, __u64);
	__uint(max_entries, 10240);
} started SEC(".maps");

__u64 slowest;

SEC("kprobe/vfs_read")
int BPF_KPROBE(read_starts)
{
	__u64 task = bpf_get_current_pid_tgid(), now = bpf_ktime_get_ns();

	bpf_map_update_elem(&started, &task, &now, BPF_ANY);
	return 0;
}

SEC("kretprobe/vfs_read")
int BPF_KRETPROBE(read_ends, long result)
{
	__u64 task = bpf_get_current_pid_tgid(), *start, took;

	start = bpf_map_lookup_elem(&started, &task);
	if (!start)
		return 0;
	took = bpf_ktime_get_ns() - *start;
	if (result > 0 && took > slowest)
		slowest = took;
	bpf_map_delete_elem(&started, &task);
	return 0;
}

SEC("kprobe/do_unlinkat+0x10")
int inside(struct pt_regs *ctx)
{
	return 0;
}

SEC("?kprobe.multi/tcp_v?_*")
int any_of_tcp(struct pt_regs *ctx)
{
	bpf_printk("%llx", bpf_get_func_ip(ctx));
	return 0;
}

SEC("ksyscall/unlinkat")
int BPF_KSYSCALL(unlink_called, int dir, const char *path)
{
	char name[32];

	bpf_probe_read_user_str(name, sizeof(name), path);
	bpf_printk("%d unlinks %s", dir, name);
	return 0;
}

char _license[] SEC("license") = "GPL";
