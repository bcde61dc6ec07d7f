// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
//
// A dense switch as a table of jump targets (clang 22, kernel 7.x). The table
// comes in the section .jumptables and becomes a map that the kernel fills in
// with addresses, one map for each program and table.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

__u64 chosen[8];

SEC("syscall")
int choose(__u64 *ctx)
{
	switch (*ctx) {
	case 0: chosen[0]++; return 0;
	case 1: chosen[1] ^= 7; return 7;
	case 2: chosen[2] -= 4; return 3;
	case 3: chosen[3]--; return 10;
	case 4: chosen[4] <<= 1; return 6;
	case 5: chosen[5] |= 2; return 2;
	case 6: chosen[6] += 5; return 9;
	case 7: chosen[7] *= 3; return 5;
	case 8: chosen[0]++; return 1;
	case 9: chosen[1] ^= 7; return 8;
	case 10: chosen[2] -= 4; return 4;
	case 11: chosen[3]--; return 0;
	case 12: chosen[4] <<= 1; return 7;
	case 13: chosen[5] |= 2; return 3;
	case 14: chosen[6] += 5; return 10;
	case 15: chosen[7] *= 3; return 6;
	default: return 8;
	}
}

static __noinline int from_hundred(__u64 n)
{
	switch (n) {
	case 100: chosen[0]++; break;
	case 101: chosen[1] *= 3; break;
	case 102: chosen[2] += 5; break;
	case 103: chosen[3] |= 2; break;
	case 104: chosen[4] <<= 1; break;
	case 105: chosen[5]--; break;
	case 106: chosen[6] -= 4; break;
	case 107: chosen[7] ^= 7; break;
	case 108: chosen[0]++; break;
	case 109: chosen[1] *= 3; break;
	case 110: chosen[2] += 5; break;
	case 111: chosen[3] |= 2; break;
	case 112: chosen[4] <<= 1; break;
	case 113: chosen[5]--; break;
	}
	return n & 3;
}

/* The second table is in a function that two programs call. */
SEC("syscall")
int choose_twice(__u64 *ctx)
{
	return from_hundred(ctx[0]) + from_hundred(ctx[1]);
}

SEC("syscall")
int choose_once(__u64 *ctx)
{
	return from_hundred(*ctx);
}

char _license[] SEC("license") = "GPL";
