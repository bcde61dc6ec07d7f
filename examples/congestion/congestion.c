// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
//
// Scalable TCP (Tom Kelly, 2003) as a congestion control of the kernel: after
// slow start the window grows by one segment for every 50 acknowledged, whatever
// its size, and shrinks by one eighth when a packet is lost. So the time to win
// back what a loss cost does not depend on the speed of the path.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

#define ACKS_PER_SEGMENT 50

/* Defined, if with nothing in it: declared only, it would not be the kernel's
 * struct where the types of kernel functions are compared. */
struct sock {
};

/* What is used of the kernel's; the loader puts the offsets right. */
struct tcp_sock {
	__u32 snd_cwnd;
	__u32 snd_ssthresh;
} __attribute__((preserve_access_index));

struct tcp_congestion_ops {
	char name[16];
	__u32 (*ssthresh)(struct sock *sk);
	void (*cong_avoid)(struct sock *sk, __u32 ack, __u32 acked);
	__u32 (*undo_cwnd)(struct sock *sk);
	void (*init)(struct sock *sk);
};

/* The kernel's own parts of Reno. */
extern __u32 tcp_slow_start(struct tcp_sock *tp, __u32 acked) __ksym;
extern void tcp_cong_avoid_ai(struct tcp_sock *tp, __u32 w, __u32 acked) __ksym;
extern __u32 tcp_reno_undo_cwnd(struct sock *sk) __ksym;

struct events {
	__u64 connections;
	__u64 acks;
	__u64 losses;
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct events);
} seen SEC(".maps");

static __always_inline struct events *events(void)
{
	__u32 zero = 0;

	return bpf_map_lookup_elem(&seen, &zero);
}

SEC("struct_ops")
void BPF_PROG(scalable_init, struct sock *sk)
{
	struct events *e = events();

	if (e)
		__sync_fetch_and_add(&e->connections, 1);
}

SEC("struct_ops")
__u32 BPF_PROG(scalable_ssthresh, struct sock *sk)
{
	__u32 cwnd = ((struct tcp_sock *)sk)->snd_cwnd;
	__u32 less = cwnd - (cwnd >> 3);
	struct events *e = events();

	if (e)
		__sync_fetch_and_add(&e->losses, 1);
	return less > 2 ? less : 2;
}

SEC("struct_ops")
void BPF_PROG(scalable_cong_avoid, struct sock *sk, __u32 ack, __u32 acked)
{
	struct tcp_sock *tp = (struct tcp_sock *)sk;
	__u32 cwnd = tp->snd_cwnd;
	struct events *e = events();

	if (e)
		__sync_fetch_and_add(&e->acks, 1);
	if (cwnd < tp->snd_ssthresh) {
		acked = tcp_slow_start(tp, acked);
		if (!acked)
			return;
	}
	tcp_cong_avoid_ai(tp, cwnd < ACKS_PER_SEGMENT ? cwnd : ACKS_PER_SEGMENT, acked);
}

SEC("struct_ops")
__u32 BPF_PROG(scalable_undo_cwnd, struct sock *sk)
{
	return tcp_reno_undo_cwnd(sk);
}

SEC(".struct_ops.link")
struct tcp_congestion_ops scalable = {
	.name = "bpf_scalable",
	.init = (void *)scalable_init,
	.ssthresh = (void *)scalable_ssthresh,
	.cong_avoid = (void *)scalable_cong_avoid,
	.undo_cwnd = (void *)scalable_undo_cwnd,
};

char _license[] SEC("license") = "GPL";
