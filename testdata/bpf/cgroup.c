// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
//
// What a control group may do, decided by programs: which packets, which
// sockets and addresses, which devices, which sysctls. 1 allows, 0 refuses.
#include <linux/bpf.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#define SOCK_RAW 3

/* Where connections to port 80 go instead; zero: nowhere. */
const volatile __be32 proxy_address;
const volatile __u16 proxy_port = 8080;

SEC("cgroup_skb/ingress")
int packet_in(struct __sk_buff *skb)
{
	return skb->len <= 9000;
}

SEC("cgroup_skb/egress")
int packet_out(struct __sk_buff *skb)
{
	return skb->len <= 1500;
}

SEC("cgroup/sock_create")
int socket_created(struct bpf_sock *sk)
{
	return sk->type != SOCK_RAW;
}

SEC("cgroup/bind4")
int bind4(struct bpf_sock_addr *ctx)
{
	return bpf_ntohs(ctx->user_port) >= 1024;
}

SEC("cgroup/connect4")
int connect4(struct bpf_sock_addr *ctx)
{
	if (proxy_address && ctx->user_port == bpf_htons(80)) {
		ctx->user_ip4 = proxy_address;
		ctx->user_port = bpf_htons(proxy_port);
	}
	return 1;
}

SEC("cgroup/getsockopt")
int getsockopt(struct bpf_sockopt *ctx)
{
	ctx->retval = 0;
	return 1;
}

SEC("cgroup/sysctl")
int sysctl(struct bpf_sysctl *ctx)
{
	return !ctx->write;
}

SEC("cgroup/dev")
int device(struct bpf_cgroup_dev_ctx *ctx)
{
	/* /dev/null, /dev/zero and their like. */
	return (ctx->access_type & 0xffff) == BPF_DEVCG_DEV_CHAR && ctx->major == 1;
}

char _license[] SEC("license") = "Dual BSD/GPL";
