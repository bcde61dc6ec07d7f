/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef COMMON_H
#define COMMON_H

#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

/* A function written wholly in assembly: the compiler adds nothing to it, so
 * the verifier sees exactly these instructions. */
#define naked __attribute__((naked))
#define CLOBBERS "r0", "r1", "r2", "r3", "r4", "r5", "r6", "r7", "r8", "r9", "memory"

/* Hides from the compiler what a variable holds. */
#define opaque(var) asm volatile("" : "+r"(var))

struct value {
	__u64 count;
	__u64 bytes;
};

#endif
