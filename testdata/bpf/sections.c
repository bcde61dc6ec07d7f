// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
//
// Several programs in one section, several sections in one object, and a
// program that is not loaded unless asked for: its section starts with "?".
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

__u32 calls[6];

SEC("xdp")
int first(struct xdp_md *ctx)
{
	calls[0]++;
	return XDP_PASS;
}

SEC("xdp")
int second(struct xdp_md *ctx)
{
	calls[1]++;
	return XDP_DROP;
}

SEC("tc")
int third(struct __sk_buff *skb)
{
	calls[2]++;
	return 0;
}

SEC("cgroup_skb/egress")
int fourth(struct __sk_buff *skb)
{
	calls[3]++;
	return 1;
}

SEC("?xdp")
int optional(struct xdp_md *ctx)
{
	calls[4]++;
	return XDP_TX;
}

/* The name of a program and that of its kernel object differ beyond 15
 * characters, which is all the kernel keeps.
 */
SEC("tc")
int a_program_with_quite_a_long_name(struct __sk_buff *skb)
{
	calls[5]++;
	return 0;
}

char _license[] SEC("license") = "Dual BSD/GPL";
__u32 _version SEC("version") = 0x060102;
