// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
//
// Security decisions: an error code refuses, 0 leaves it to the next. The kernel
// has to be started with bpf among its security modules. An LSM program of a
// cgroup returns 1 to allow.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

#define EPERM 1

struct file;
struct linux_binprm;
struct socket;

/* Of which process to refuse what; 0: none. */
const volatile __u32 guarded_pid;

SEC("lsm/file_open")
int BPF_PROG(file_open, struct file *file)
{
	if (guarded_pid && bpf_get_current_pid_tgid() >> 32 == guarded_pid)
		return -EPERM;
	return 0;
}

SEC("lsm.s/bprm_committed_creds")
int BPF_PROG(committed, struct linux_binprm *bprm)
{
	return 0;
}

SEC("?lsm_cgroup/socket_bind")
int BPF_PROG(socket_bind, struct socket *sock)
{
	return 1;
}

char _license[] SEC("license") = "GPL";
