// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
//
// The section names whose programs need a kernel after 6.18. The one for infrared
// receivers is not loaded unless asked for: few kernels have them.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

/* The least that a program can be. 1 allows where a program decides. */
#define PROGRAM(section, name, verdict) \
	SEC(section)                    \
	int name(void *ctx)             \
	{                               \
		return verdict;         \
	}

/* Tracepoints */
PROGRAM("tracepoint.s", as_tracepoint_s, 0)
PROGRAM("tracepoint.s/syscalls/sys_enter_getpid", as_tracepoint_s_target, 0)
PROGRAM("tp.s", as_tp_s, 0)
PROGRAM("tp.s/syscalls/sys_enter_getpid", as_tp_s_target, 0)
PROGRAM("raw_tracepoint.s", as_raw_tracepoint_s, 0)
PROGRAM("raw_tracepoint.s/sys_enter", as_raw_tracepoint_s_target, 0)
PROGRAM("raw_tp.s", as_raw_tp_s, 0)
PROGRAM("raw_tp.s/sys_enter", as_raw_tp_s_target, 0)

/* Functions of the kernel, many at once */
PROGRAM("fsession.multi", as_fsession_multi, 0)
PROGRAM("fsession.multi/vfs_*", as_fsession_multi_target, 0)
PROGRAM("fsession.multi.s", as_fsession_multi_s, 0)
PROGRAM("fsession.multi.s/vfs_*", as_fsession_multi_s_target, 0)
PROGRAM("fentry.multi", as_fentry_multi, 0)
PROGRAM("fentry.multi/vfs_*", as_fentry_multi_target, 0)
PROGRAM("fexit.multi", as_fexit_multi, 0)
PROGRAM("fexit.multi/vfs_*", as_fexit_multi_target, 0)
PROGRAM("fentry.multi.s", as_fentry_multi_s, 0)
PROGRAM("fentry.multi.s/vfs_*", as_fentry_multi_s_target, 0)
PROGRAM("fexit.multi.s", as_fexit_multi_s, 0)
PROGRAM("fexit.multi.s/vfs_*", as_fexit_multi_s_target, 0)

/* Others */
PROGRAM("?lirc_mode2", as_lirc_mode2, 0)

char _license[] SEC("license") = "GPL";
