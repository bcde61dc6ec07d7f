// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
//
// 280 bytes a record and a section for each map: gobpf, and what Weave, early
// Tracee and others built on it. The map's name is that of the section. A
// namespace says under which directory to pin. The version 0xFFFFFFFE stands for
// that of the running kernel.
#include <linux/bpf.h>
#include <linux/ptrace.h>
#include <bpf/bpf_helpers.h>

#define PIN_NONE 0
#define PIN_OBJECT_NS 1
#define PIN_GLOBAL_NS 2
#define PIN_CUSTOM_NS 3

struct bpf_map_def {
	unsigned int type;
	unsigned int key_size;
	unsigned int value_size;
	unsigned int max_entries;
	unsigned int map_flags;
	unsigned int pinning;
	char namespace[256];
};

struct bpf_map_def SEC("maps/events") events = {
	.type = BPF_MAP_TYPE_PERF_EVENT_ARRAY,
	.key_size = sizeof(int),
	.value_size = sizeof(__u32),
	.max_entries = 1024,
};

struct bpf_map_def SEC("maps/connections") connections = {
	.type = BPF_MAP_TYPE_HASH,
	.key_size = 8,
	.value_size = 8,
	.max_entries = 128,
	.pinning = PIN_GLOBAL_NS,
	.namespace = "tracer",
};

struct bpf_map_def SEC("maps/settings") settings = {
	.type = BPF_MAP_TYPE_ARRAY,
	.key_size = 4,
	.value_size = 8,
	.max_entries = 4,
	.pinning = PIN_CUSTOM_NS,
};

SEC("kprobe/tcp_v4_connect")
int on_connect(struct pt_regs *ctx)
{
	__u64 task = bpf_get_current_pid_tgid(), now = bpf_ktime_get_ns();
	__u32 zero = 0;

	if (!bpf_map_lookup_elem(&settings, &zero))
		return 0;
	bpf_map_update_elem(&connections, &task, &now, BPF_ANY);
	return 0;
}

SEC("kretprobe/tcp_v4_connect")
int connected(struct pt_regs *ctx)
{
	__u64 task = bpf_get_current_pid_tgid(), *start;

	start = bpf_map_lookup_elem(&connections, &task);
	if (start)
		bpf_perf_event_output(ctx, &events, BPF_F_CURRENT_CPU, start, sizeof(*start));
	return 0;
}

char _license[] SEC("license") = "GPL";
__u32 _version SEC("version") = 0xFFFFFFFE;
