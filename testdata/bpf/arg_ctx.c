// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
//
// Global functions that take a program's context as void *, called from programs of
// several types. A decl tag on the argument says what it is; kernels before 6.8 do
// not know the tag and want to see the type they expect, which the loader can write
// into the BTF.
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

__weak int length(int least, const void *ctx __arg_ctx)
{
	const struct __sk_buff *skb = ctx;

	return (int)skb->len > least;
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

SEC("tp/syscalls/sys_enter_getpid")
int getpid(void *ctx)
{
	return stack_of(ctx, 0) & 0;
}

SEC("kprobe/do_nanosleep")
int nanosleep(void *ctx)
{
	return stack_of(ctx, 0) & 0;
}

SEC("tc")
int filter(struct __sk_buff *skb)
{
	return length(64, skb) & 0;
}

char _license[] SEC("license") = "GPL";
