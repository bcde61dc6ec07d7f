// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
//
// A map that asks to be pinned under its own name, so that the next load of the
// object, or another object, finds it again with its contents.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct session {
	__u64 since;
	__u32 user;
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__type(key, __u32);
	__type(value, struct session);
	__uint(max_entries, 1024);
	__uint(pinning, LIBBPF_PIN_BY_NAME);
} bpfload_sessions SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__type(key, __u32);
	__type(value, __u32);
	__uint(max_entries, 1);
	__uint(pinning, LIBBPF_PIN_NONE);
} scratch SEC(".maps");

SEC("cgroup/sock_create")
int on_socket(struct bpf_sock *sk)
{
	struct session s = { .since = bpf_ktime_get_ns(), .user = bpf_get_current_uid_gid() };
	__u32 pid = bpf_get_current_pid_tgid() >> 32, zero = 0;
	__u32 *last = bpf_map_lookup_elem(&scratch, &zero);

	if (last)
		*last = pid;
	bpf_map_update_elem(&bpfload_sessions, &pid, &s, BPF_NOEXIST);
	return 1;
}

char _license[] SEC("license") = "Dual BSD/GPL";
