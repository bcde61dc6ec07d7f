// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
//
// Several tables of one type, with programs of their own and one they share; a
// second view of the type that has a member no kernel knows, which is allowed
// while it is zero; and a section with "?", of which neither table is registered
// unless asked for.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

struct sock;

struct tcp_congestion_ops {
	__u32 (*ssthresh)(struct sock *sk);
	void (*cong_avoid)(struct sock *sk, __u32 ack, __u32 acked);
	__u32 (*undo_cwnd)(struct sock *sk);
	char name[16];
};

struct tcp_congestion_ops___next {
	__u32 (*ssthresh)(struct sock *sk);
	void (*cong_avoid)(struct sock *sk, __u32 ack, __u32 acked);
	__u32 (*undo_cwnd)(struct sock *sk);
	void (*bpfload_new_callback)(struct sock *sk);
	__u64 bpfload_new_setting;
	char name[16];
};

SEC("struct_ops")
void BPF_PROG(shared_cong_avoid, struct sock *sk, __u32 ack, __u32 acked)
{
}

SEC("struct_ops")
__u32 BPF_PROG(shared_undo, struct sock *sk)
{
	return 10;
}

SEC("struct_ops")
__u32 BPF_PROG(first_ssthresh, struct sock *sk)
{
	return 11;
}

SEC("struct_ops")
__u32 BPF_PROG(second_ssthresh, struct sock *sk)
{
	return 12;
}

SEC("struct_ops")
__u32 BPF_PROG(third_ssthresh, struct sock *sk)
{
	return 13;
}

SEC("?struct_ops")
__u32 BPF_PROG(optional_ssthresh, struct sock *sk)
{
	return 14;
}

SEC(".struct_ops.link")
struct tcp_congestion_ops first = {
	.ssthresh = (void *)first_ssthresh,
	.cong_avoid = (void *)shared_cong_avoid,
	.undo_cwnd = (void *)shared_undo,
	.name = "bpfload_first",
};

SEC(".struct_ops.link")
struct tcp_congestion_ops second = {
	.ssthresh = (void *)second_ssthresh,
	.cong_avoid = (void *)shared_cong_avoid,
	.undo_cwnd = (void *)shared_undo,
	.name = "bpfload_second",
};

SEC(".struct_ops.link")
struct tcp_congestion_ops___next third = {
	.ssthresh = (void *)third_ssthresh,
	.cong_avoid = (void *)shared_cong_avoid,
	.undo_cwnd = (void *)shared_undo,
	.name = "bpfload_third",
};

SEC("?.struct_ops.link")
struct tcp_congestion_ops optional_first = {
	.ssthresh = (void *)optional_ssthresh,
	.cong_avoid = (void *)shared_cong_avoid,
	.undo_cwnd = (void *)shared_undo,
	.name = "bpfload_opt1",
};

SEC("?.struct_ops.link")
struct tcp_congestion_ops optional_second = {
	.ssthresh = (void *)optional_ssthresh,
	.cong_avoid = (void *)shared_cong_avoid,
	.undo_cwnd = (void *)shared_undo,
	.name = "bpfload_opt2",
};

char _license[] SEC("license") = "GPL";
