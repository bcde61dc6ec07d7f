// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
//
// Counts system calls by process name and number. With "only" set to a process
// id, those of that process alone.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

const volatile __u32 only;

struct call {
	char comm[16];
	__u64 number;
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_HASH);
	__uint(max_entries, 16384);
	__type(key, struct call);
	__type(value, __u64);
} calls SEC(".maps");

/* Calls that found no room in the map. */
__u64 missed;

SEC("raw_tp/sys_enter")
int count(struct bpf_raw_tracepoint_args *ctx)
{
	struct call call = { .number = ctx->args[1] };
	__u64 one = 1, *n;

	if (only && bpf_get_current_pid_tgid() >> 32 != only)
		return 0;
	bpf_get_current_comm(call.comm, sizeof(call.comm));
	n = bpf_map_lookup_elem(&calls, &call);
	if (n)
		*n += 1;
	else if (bpf_map_update_elem(&calls, &call, &one, BPF_NOEXIST) != 0)
		__sync_fetch_and_add(&missed, 1);
	return 0;
}

char _license[] SEC("license") = "Dual BSD/GPL";
