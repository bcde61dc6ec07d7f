// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
//
// Global variables of every kind. .rodata is what a program may not change (a
// loader may, before loading: so settings belong there), .data what starts with
// a value, .bss what starts with zero. Each section becomes an array map with
// one element; sections of one's own, .data.NAME, become maps of their own.
#include <stdbool.h>
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

enum mode { MODE_OFF, MODE_COUNT, MODE_DROP = 7 };
enum offset { OFFSET_BEHIND = -5, OFFSET_AHEAD = 5 };

struct limits {
	__u64 bytes;
	__u32 packets;
	__u16 ports[4];
	bool strict : 1;
	unsigned int burst : 7;
};

union address {
	__be32 v4;
	__u8 v6[16];
};

/* Settings. volatile keeps the compiler from using the values written here. */
const volatile bool enabled = true;
const volatile char level = 'n';
const volatile __s8 s8 = -8;
const volatile __u8 u8 = 8;
const volatile __s16 s16 = -16;
const volatile __u16 u16 = 16;
const volatile __s32 s32 = -32;
const volatile __u32 u32 = 32;
const volatile __s64 s64 = -64;
const volatile __u64 u64 = 0x123456789abcdef0;
const volatile __int128 wide = 1;
const volatile enum mode mode = MODE_COUNT;
const volatile enum offset offset = OFFSET_BEHIND;
const volatile char device[16] = "eth0";
const volatile union address peer = { .v4 = 1 };
const volatile struct limits limits = {
	.bytes = 1 << 20,
	.packets = 1000,
	.ports = { 22, 80, 443 },
	.strict = true,
	.burst = 100,
};
static volatile const __u32 private_setting = 77;

/* State. */
__u32 state = 1;
__u64 totals[4] = { 10, 20, 30, 40 };
struct limits current = { .packets = 5 };
static volatile __u32 private_state = 2;
__u64 seen;
__u32 matrix[3][5];
static volatile __u64 private_seen;
__hidden __u32 hidden_seen;
__weak __u32 weak_seen;

/* Sections of one's own. */
__u32 custom SEC(".data.custom") = 3;
static volatile __u32 custom_private SEC(".data.private") = 4;
const volatile __u32 custom_setting SEC(".rodata.custom") = 5;
__u32 custom_zero SEC(".bss.custom");
__u32 aligned_zero SEC(".bss.custom") __attribute__((aligned(64)));

SEC("tc")
int use_all(struct __sk_buff *skb)
{
	__u64 sum = enabled + level + s8 + u8 + s16 + u16 + s32 + u32 + s64 + u64;

	sum += (__u64)wide + mode + offset + device[0] + peer.v4;
	sum += limits.bytes + limits.ports[1] + limits.burst + private_setting;
	sum += state++ + totals[skb->priority & 3] + current.packets + private_state++;
	sum += custom++ + custom_private++ + custom_setting + custom_zero++ + aligned_zero++;
	matrix[1][2] += skb->len;
	weak_seen++;
	hidden_seen++;
	private_seen += sum;
	seen += sum;
	return 0;
}

char _license[] SEC("license") = "Dual BSD/GPL";
