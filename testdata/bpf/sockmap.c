// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
//
// Connects sockets of one machine directly, past the TCP stack: a sockops
// program puts established connections into a map, an sk_msg program looks up
// the other end of whatever is sent. Parser and verdict for the receiving side.
#include <linux/bpf.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

struct connection {
	__u32 local_ip4, remote_ip4;
	__u32 local_port, remote_port;
};

struct {
	__uint(type, BPF_MAP_TYPE_SOCKHASH);
	__type(key, struct connection);
	__type(value, __u64); /* the socket's cookie, for user space */
	__uint(max_entries, 1024);
} connections SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_SOCKMAP);
	__type(key, __u32);
	__type(value, __u32);
	__uint(max_entries, 2);
} fixed SEC(".maps");

SEC("sockops")
int on_established(struct bpf_sock_ops *ops)
{
	struct connection c = {
		.local_ip4 = ops->local_ip4,
		.remote_ip4 = ops->remote_ip4,
		.local_port = ops->local_port,
		.remote_port = bpf_ntohl(ops->remote_port),
	};

	switch (ops->op) {
	case BPF_SOCK_OPS_ACTIVE_ESTABLISHED_CB:
	case BPF_SOCK_OPS_PASSIVE_ESTABLISHED_CB:
		bpf_sock_hash_update(ops, &connections, &c, BPF_NOEXIST);
	}
	return 0;
}

SEC("sk_msg")
int shortcut(struct sk_msg_md *msg)
{
	/* The other end has local and remote exchanged. */
	struct connection c = {
		.local_ip4 = msg->remote_ip4,
		.remote_ip4 = msg->local_ip4,
		.local_port = bpf_ntohl(msg->remote_port),
		.remote_port = msg->local_port,
	};

	bpf_msg_redirect_hash(msg, &connections, &c, BPF_F_INGRESS);
	return SK_PASS;
}

SEC("sk_skb/stream_parser")
int whole_message(struct __sk_buff *skb)
{
	return skb->len;
}

SEC("sk_skb/stream_verdict")
int send_on(struct __sk_buff *skb)
{
	return bpf_sk_redirect_map(skb, &fixed, 0, 0);
}

char _license[] SEC("license") = "Dual BSD/GPL";
