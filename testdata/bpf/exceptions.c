// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
//
// A program that gives up from deep inside (Linux 6.7). Without a callback of
// its own a thrown value is what the program returns; the callback is named in
// a decl tag and reached by no call, so the loader has to know that tag.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#define __exception_cb(name) __attribute__((btf_decl_tag("exception_callback:" #name)))

extern void bpf_throw(__u64 cookie) __ksym;

__u64 caught;

__noinline int on_throw(__u64 cookie)
{
	caught = cookie;
	return cookie & 1;
}

static __noinline __u32 checked(struct __sk_buff *skb)
{
	__u32 len = skb->len;

	if (len > 9000)
		bpf_throw(len);
	return len;
}

SEC("tc")
int throws(struct __sk_buff *skb)
{
	return checked(skb) & 1;
}

SEC("tc")
__exception_cb(on_throw) int catches(struct __sk_buff *skb)
{
	return checked(skb) & 1;
}

char _license[] SEC("license") = "GPL";
