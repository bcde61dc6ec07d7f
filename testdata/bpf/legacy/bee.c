// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
//
// Maps with BTF in sections .maps.KIND, where the kind tells the tool bee how to
// show them: counters, gauges, events. Beside .maps.NAME of kv_annotation.c only
// the type of the variable tells them apart: a map has a member "type".
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct event {
	__u32 pid;
	__u32 bytes;
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__type(key, __u32);
	__type(value, __u64);
	__uint(max_entries, 1024);
} connections SEC(".maps.counter");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__type(key, __u32);
	__type(value, __u64);
	__uint(max_entries, 1024);
} open_sockets SEC(".maps.gauge");

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096);
	__type(value, struct event);
} events SEC(".maps.print");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__type(key, __u32);
	__type(value, __u32);
	__uint(max_entries, 1);
} plain SEC(".maps");

SEC("tp/syscalls/sys_enter_connect")
int on_connect(void *ctx)
{
	struct event e = { .pid = bpf_get_current_pid_tgid() >> 32 };
	__u32 zero = 0;

	bpf_map_lookup_elem(&connections, &e.pid);
	bpf_map_lookup_elem(&open_sockets, &e.pid);
	bpf_map_lookup_elem(&plain, &zero);
	bpf_ringbuf_output(&events, &e, sizeof(e), 0);
	return 0;
}

char _license[] SEC("license") = "Dual MIT/GPL";
