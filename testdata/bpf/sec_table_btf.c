// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
//
// The section names whose text after the slash is part of the program: a function
// or tracepoint that has to be found in the kernel's BTF before the program can
// be loaded. None is loaded unless asked for.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#define PROGRAM(section, name, verdict) \
	SEC("?" section)                \
	int name(void *ctx)             \
	{                               \
		return verdict;         \
	}

PROGRAM("tp_btf/sched_switch", as_tp_btf, 0)
PROGRAM("tp_btf.s/sys_enter", as_tp_btf_s, 0)
PROGRAM("fentry/vfs_read", as_fentry, 0)
PROGRAM("fentry.s/bpf_fentry_test1", as_fentry_s, 0)
PROGRAM("fexit/vfs_read", as_fexit, 0)
PROGRAM("fexit.s/bpf_fentry_test1", as_fexit_s, 0)
PROGRAM("fsession/vfs_read", as_fsession, 0)
PROGRAM("fsession.s/bpf_fentry_test1", as_fsession_s, 0)
PROGRAM("fmod_ret/bpf_modify_return_test", as_fmod_ret, 0)
PROGRAM("fmod_ret.s/bpf_modify_return_test", as_fmod_ret_s, 0)
PROGRAM("fentry/nf_conntrack:nf_conntrack_in", as_fentry_module, 0)
PROGRAM("lsm/file_open", as_lsm, 0)
PROGRAM("lsm.s/file_open", as_lsm_s, 0)
PROGRAM("lsm_cgroup/socket_bind", as_lsm_cgroup, 1)
PROGRAM("iter/bpf_map", as_iter, 0)
PROGRAM("iter.s/bpf_map", as_iter_s, 0)
PROGRAM("freplace/decide", as_freplace, 0)

/* Without a target the program can be described, but not loaded. */
PROGRAM("fentry", as_fentry_nowhere, 0)
PROGRAM("lsm", as_lsm_nowhere, 0)
PROGRAM("iter", as_iter_nowhere, 0)
PROGRAM("tp_btf", as_tp_btf_nowhere, 0)
PROGRAM("freplace", as_freplace_nowhere, 0)
PROGRAM("struct_ops", as_struct_ops, 0)
PROGRAM("struct_ops.s/open", as_struct_ops_s, 0)

char _license[] SEC("license") = "GPL";
