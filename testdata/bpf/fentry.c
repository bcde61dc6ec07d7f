// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
//
// Programs at the entry and exit of kernel functions, cheaper than probes and
// with typed arguments. The function has to be in the kernel's BTF.
#include <stdbool.h>
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

struct file {
	unsigned int f_flags;
} __attribute__((preserve_access_index));

__u64 reads, failures;

SEC("fentry/vfs_read")
int BPF_PROG(enters, struct file *file)
{
	__sync_fetch_and_add(&reads, file->f_flags != 0);
	return 0;
}

SEC("fexit/vfs_read")
int BPF_PROG(leaves, struct file *file, char *buf, __u64 count, __u64 *pos, long result)
{
	__sync_fetch_and_add(&failures, result < 0);
	return 0;
}

SEC("?fmod_ret/bpf_modify_return_test")
int BPF_PROG(answers, int a, int *b, int result)
{
	return result;
}

/* No kernel has it: the loader's message proposes names that are near. */
SEC("?fentry/vfs_raed")
int BPF_PROG(mistyped)
{
	return 0;
}

char _license[] SEC("license") = "GPL";
