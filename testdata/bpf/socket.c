// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
//
// Programs that look at packets of one socket, or choose the socket for them: a
// filter, a reuseport group and sk_lookup.
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_REUSEPORT_SOCKARRAY);
	__type(key, __u32);
	__type(value, __u64);
	__uint(max_entries, 4);
} workers SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_SOCKMAP);
	__type(key, __u32);
	__type(value, __u64);
	__uint(max_entries, 1);
} catch_all SEC(".maps");

/* A filter returns how many bytes of a packet to keep. */
SEC("socket")
int only_tcp(struct __sk_buff *skb)
{
	__u8 protocol;

	if (skb->protocol != bpf_htons(ETH_P_IP))
		return 0;
	if (bpf_skb_load_bytes(skb, ETH_HLEN + 9, &protocol, 1))
		return 0;
	return protocol == IPPROTO_TCP ? skb->len : 0;
}

SEC("sk_reuseport")
int by_hash(struct sk_reuseport_md *md)
{
	__u32 worker = md->hash & 3;

	bpf_sk_select_reuseport(md, &workers, &worker, 0);
	return SK_PASS; /* a worker that is not there: the kernel chooses */
}

/* One server for a whole range of ports. */
SEC("sk_lookup")
int any_port(struct bpf_sk_lookup *ctx)
{
	__u32 zero = 0;
	struct bpf_sock *sk;
	long err;

	if (ctx->local_port < 7000 || ctx->local_port > 7999)
		return SK_PASS;
	sk = bpf_map_lookup_elem(&catch_all, &zero);
	if (!sk)
		return SK_PASS;
	err = bpf_sk_assign(ctx, sk, 0);
	bpf_sk_release(sk);
	return err ? SK_DROP : SK_PASS;
}

char _license[] SEC("license") = "Dual BSD/GPL";
