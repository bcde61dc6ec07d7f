// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
//
// Instructions of version 4 (Linux 6.6): signed division, loads with sign, byte
// swaps without condition, stores of constants; and two that came later, a load
// that acquires and a store that releases (6.15). Tools that take instructions
// apart and put them together again lose some of these.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

__s64 dividend = -100, quotient, rest;
__s32 extended;
__s8 small = -3;
__u64 swapped, flag, constant;

SEC("socket")
int arithmetic(struct __sk_buff *skb)
{
	__s64 divisor = skb->len;
	__s32 narrow = skb->len;

	if (!divisor)
		return 0;
	quotient = dividend / divisor;
	rest = dividend % divisor;
	extended = small;
	extended += (__s16)narrow;
	swapped = __builtin_bswap64(skb->hash);
	constant = 0x1234;
	return 0;
}

SEC("socket")
int ordered(struct __sk_buff *skb)
{
	if (__atomic_load_n(&flag, __ATOMIC_ACQUIRE))
		return 0;
	__atomic_store_n(&flag, skb->len, __ATOMIC_RELEASE);
	return 0;
}

char _license[] SEC("license") = "GPL";
