// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
//
// Sends an event to user space for every process that starts. The kernel wants
// the size of a ring buffer to be a power of two and a multiple of the page
// size; loaders round sizes up, since the author of an object cannot know the
// page size of the machine that will load it.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct event {
	__u64 time;
	__u32 pid;
	__u32 uid;
	char command[16];
};

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 256 * 1024);
} events SEC(".maps");

/* Becomes one page. */
struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 1);
} tiny SEC(".maps");

/* Becomes 16 KiB, where a page has 4. */
struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 3 * 4096);
} odd SEC(".maps");

__u64 lost;

SEC("tp/sched/sched_process_exec")
int on_exec(void *ctx)
{
	struct event *e = bpf_ringbuf_reserve(&events, sizeof(*e), 0);
	__u8 mark = 1;

	if (!e) {
		__sync_fetch_and_add(&lost, 1);
		bpf_ringbuf_output(&tiny, &mark, sizeof(mark), BPF_RB_NO_WAKEUP);
		return 0;
	}
	e->time = bpf_ktime_get_ns();
	e->pid = bpf_get_current_pid_tgid() >> 32;
	e->uid = bpf_get_current_uid_gid();
	bpf_get_current_comm(e->command, sizeof(e->command));
	bpf_ringbuf_submit(e, 0);
	bpf_ringbuf_output(&odd, &mark, sizeof(mark), 0);
	return 0;
}

char _license[] SEC("license") = "Dual BSD/GPL";
