// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
//
// max_entries 0: as many as there are CPUs, which the loader finds out. Such maps
// are not only of the kind for which every loader does.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct bpf_map_def {
	unsigned int type;
	unsigned int key_size;
	unsigned int value_size;
	unsigned int max_entries;
	unsigned int map_flags;
};

struct bpf_map_def SEC("maps") perf_map = {
	.type = BPF_MAP_TYPE_PERF_EVENT_ARRAY,
	.key_size = sizeof(__u32),
	.value_size = sizeof(__u32),
	.max_entries = 0,
};

struct bpf_map_def SEC("maps") scratch = {
	.type = BPF_MAP_TYPE_ARRAY,
	.key_size = sizeof(__u32),
	.value_size = 256,
	.max_entries = 0,
};

struct bpf_map_def SEC("maps") calls = {
	.type = BPF_MAP_TYPE_PROG_ARRAY,
	.key_size = sizeof(__u32),
	.value_size = sizeof(__u32),
	.max_entries = 4,
};

SEC("raw_tracepoint/sys_enter")
int enter(struct bpf_raw_tracepoint_args *ctx)
{
	__u32 cpu = bpf_get_smp_processor_id();
	__u64 *buffer = bpf_map_lookup_elem(&scratch, &cpu);

	if (buffer) {
		*buffer = ctx->args[1];
		bpf_perf_event_output(ctx, &perf_map, BPF_F_CURRENT_CPU, buffer, sizeof(*buffer));
	}
	bpf_tail_call(ctx, &calls, 1);
	return 0;
}

/* The name's place in a table of the loader is the slot. */
SEC("raw_tracepoint/filler/sys_open")
int filler(struct bpf_raw_tracepoint_args *ctx)
{
	return 0;
}

char _license[] SEC("license") = "GPL";
