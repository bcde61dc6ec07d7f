// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
//
// A global function that takes a program's context as void *, called from
// programs of two types. A decl tag on the argument says what it is; kernels
// before 6.8 do not know the tag and want to see the type they expect, which the
// loader can write into the BTF.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#define __arg_ctx __attribute__((btf_decl_tag("arg:ctx")))

struct {
	__uint(type, BPF_MAP_TYPE_STACK_TRACE);
	__uint(key_size, sizeof(__u32));
	__uint(value_size, 16 * sizeof(__u64));
	__uint(max_entries, 16);
} stacks SEC(".maps");

__weak int stack_of(void *ctx __arg_ctx, int flags)
{
	return bpf_get_stackid(ctx, &stacks, flags);
}

SEC("perf_event")
int sample(struct bpf_perf_event_data *ctx)
{
	return stack_of(ctx, BPF_F_USER_STACK) & 0;
}

SEC("raw_tp/sys_enter")
int enter(void *ctx)
{
	return stack_of(ctx, 0) & 0;
}

char _license[] SEC("license") = "GPL";
