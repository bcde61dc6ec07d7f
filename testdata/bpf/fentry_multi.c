// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
//
// Programs for many functions at once, given by a pattern: at their beginning, at
// their end, and both. Linux 7.2 has them.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

__u64 entered, left, both;

SEC("fentry.multi/vfs_rea?")
int at_start(__u64 *ctx)
{
	__sync_fetch_and_add(&entered, 1);
	return 0;
}

SEC("fexit.multi/vfs_rea?")
int at_end(__u64 *ctx)
{
	__sync_fetch_and_add(&left, 1);
	return 0;
}

SEC("fsession.multi/vfs_writ?")
int at_both(__u64 *ctx)
{
	__sync_fetch_and_add(&both, 1);
	return 0;
}

char _license[] SEC("license") = "GPL";
