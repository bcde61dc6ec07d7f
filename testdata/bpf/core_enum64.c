// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
//
// Values of enums that do not fit into 32 bits, which BTF has a kind of its own
// for. The numbers written here are not the kernel's.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>

enum perf_callchain_context___core {
	PERF_CONTEXT_HV___core = 0x100000001ULL,
	PERF_CONTEXT_KERNEL___core = 0x200000002ULL,
	PERF_CONTEXT_BPFLOAD___core = 0x300000003ULL,
};

__u64 hypervisor, kernel;
int missing = -1;

SEC("socket")
int look(struct __sk_buff *skb)
{
	hypervisor = bpf_core_enum_value(enum perf_callchain_context___core, PERF_CONTEXT_HV___core);
	kernel = bpf_core_enum_value(enum perf_callchain_context___core, PERF_CONTEXT_KERNEL___core);
	missing = bpf_core_enum_value_exists(enum perf_callchain_context___core, PERF_CONTEXT_BPFLOAD___core);
	return 0;
}

char _license[] SEC("license") = "GPL";
