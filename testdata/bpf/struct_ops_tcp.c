// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
//
// A TCP congestion control: the kernel's table of functions, with programs in
// it. It is plain Reno, one segment more for each round trip, half of the window
// when a packet is lost. .struct_ops.link registers it for as long as a link to
// it lives, .struct_ops until somebody unregisters it.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

struct sock;

struct tcp_sock {
	__u32 snd_cwnd;
	__u32 snd_cwnd_cnt;
	__u32 snd_cwnd_clamp;
	__u32 snd_ssthresh;
	__u32 prior_cwnd;
	__u8 is_cwnd_limited : 1;
} __attribute__((preserve_access_index));

/* The members that are given; the loader puts them where the kernel has them. */
struct tcp_congestion_ops {
	char name[16];
	__u32 (*ssthresh)(struct sock *sk);
	void (*cong_avoid)(struct sock *sk, __u32 ack, __u32 acked);
	__u32 (*undo_cwnd)(struct sock *sk);
	void (*init)(struct sock *sk);
	__u32 flags;
};

#define min(a, b) ((a) < (b) ? (a) : (b))
#define max(a, b) ((a) > (b) ? (a) : (b))

__u64 connections;

SEC("struct_ops/init")
void BPF_PROG(reno_init, struct sock *sk)
{
	__sync_fetch_and_add(&connections, 1);
}

SEC("struct_ops/ssthresh")
__u32 BPF_PROG(reno_ssthresh, struct sock *sk)
{
	struct tcp_sock *tp = (struct tcp_sock *)sk;

	return max(tp->snd_cwnd / 2, 2U);
}

SEC("struct_ops/cong_avoid")
void BPF_PROG(reno_cong_avoid, struct sock *sk, __u32 ack, __u32 acked)
{
	struct tcp_sock *tp = (struct tcp_sock *)sk;
	__u32 window = tp->snd_cwnd;

	if (window < tp->snd_ssthresh) {
		/* Slow start: a segment for each that arrived. */
		__u32 grown = min(window + acked, tp->snd_ssthresh);

		acked -= grown - window;
		window = grown;
	}
	if (acked) {
		__u32 count = tp->snd_cwnd_cnt + acked;

		if (count >= window) {
			window++;
			count = 0;
		}
		tp->snd_cwnd_cnt = count;
	}
	tp->snd_cwnd = min(window, tp->snd_cwnd_clamp);
}

SEC("struct_ops/undo_cwnd")
__u32 BPF_PROG(reno_undo_cwnd, struct sock *sk)
{
	struct tcp_sock *tp = (struct tcp_sock *)sk;

	return max(tp->snd_cwnd, tp->prior_cwnd);
}

SEC(".struct_ops.link")
struct tcp_congestion_ops linked = {
	.name = "bpfload_linked",
	.init = (void *)reno_init,
	.ssthresh = (void *)reno_ssthresh,
	.cong_avoid = (void *)reno_cong_avoid,
	.undo_cwnd = (void *)reno_undo_cwnd,
};

SEC(".struct_ops")
struct tcp_congestion_ops registered = {
	.name = "bpfload_reno",
	.ssthresh = (void *)reno_ssthresh,
	.cong_avoid = (void *)reno_cong_avoid,
	.undo_cwnd = (void *)reno_undo_cwnd,
};

char _license[] SEC("license") = "GPL";
