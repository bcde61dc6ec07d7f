// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* A licence that the kernel does not count as GPL. */
#include "common.h"

SEC("tracepoint/syscalls/sys_enter_openat")
int gpl_only(void *ctx)
{
	char path[8];

	bpf_probe_read_kernel(path, sizeof(path), (void *)64);
	return path[0];
}

char _license[] SEC("license") = "Proprietary";
