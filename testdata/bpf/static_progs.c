// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
//
// Static functions in a program's section. Some projects write their tail-call
// targets like this; what nobody calls is a program of its own, what somebody
// calls is a function as well.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

__u64 calls[3];

SEC("tc")
static __noinline int shared(struct __sk_buff *skb)
{
	calls[0]++;
	return skb->len & 1;
}

SEC("tc")
static __attribute__((used)) int alone(struct __sk_buff *skb)
{
	calls[1]++;
	return 0;
}

SEC("tc")
int entry(struct __sk_buff *skb)
{
	calls[2]++;
	return shared(skb);
}

char _license[] SEC("license") = "Dual BSD/GPL";
