// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
//
// Redirects packets to the device that a map names. An entry may carry a second
// program, which runs when the packet leaves: its value is then struct
// bpf_devmap_val, with the descriptor of a program that was loaded for the
// attach type of section "xdp/devmap". Entries come from user space.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_DEVMAP);
	__type(key, __u32);
	__type(value, struct bpf_devmap_val);
	__uint(max_entries, 8);
} ports SEC(".maps");

/* The short form of a value, an interface index, carries no program. */
struct {
	__uint(type, BPF_MAP_TYPE_DEVMAP_HASH);
	__type(key, __u32);
	__type(value, __u32);
	__uint(max_entries, 64);
} mirrors SEC(".maps");

SEC("xdp")
int forward(struct xdp_md *ctx)
{
	/* Without an entry the packet goes on to the stack. */
	return bpf_redirect_map(&ports, ctx->ingress_ifindex, XDP_PASS);
}

SEC("xdp")
int mirror(struct xdp_md *ctx)
{
	return bpf_redirect_map(&mirrors, 0, BPF_F_BROADCAST | BPF_F_EXCLUDE_INGRESS);
}

SEC("xdp/devmap")
int on_egress(struct xdp_md *ctx)
{
	/* Never send a packet back where it came from. */
	return ctx->egress_ifindex == ctx->ingress_ifindex ? XDP_DROP : XDP_PASS;
}

char _license[] SEC("license") = "Dual BSD/GPL";
