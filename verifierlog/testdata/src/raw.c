// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* What the recorder must hand to the kernel byte by byte: the numbers that loaders
 * put in place of calls they could not resolve, and an arena's cast. */
#include "common.h"

SEC("xdp")
naked int core_relocation(void)
{
	asm volatile("r6 = r1;"
		     "call 195896080;"
		     "r0 = 2;"
		     "exit;" ::: CLOBBERS);
}

SEC("xdp")
naked int missing_map(void)
{
	asm volatile("call 2001000003;"
		     "call 2001000003;"
		     "r0 = 2;"
		     "exit;" ::: CLOBBERS);
}

SEC("xdp")
naked int missing_kfunc(void)
{
	asm volatile("call 2002000001;"
		     "r0 = 2;"
		     "exit;" ::: CLOBBERS);
}

SEC("xdp")
naked int arena_missing(void)
{
	asm volatile("r1 = 0;"
		     "r1 = addr_space_cast(r1, 0, 1);"
		     "r0 = 0;"
		     "exit;" ::: CLOBBERS);
}

char _license[] SEC("license") = "GPL";
