// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
//
// Section names that say nothing, or only seem to. Their programs have code and
// no kind: the user has to name it, and an object of which nothing is known must
// not count as loaded.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#define PROGRAM(section, name) SEC(section) int name(void *ctx) { return 0; }

PROGRAM("parser", parse)
PROGRAM("xdp.frag", almost)
PROGRAM("tcpfoo", not_tc)
PROGRAM("license_check", not_the_license)
PROGRAM("versions", not_the_version)
PROGRAM("kprobe.multiple/x", not_multi)
PROGRAM("socket/", slash)
PROGRAM("?", nothing)

/* A global function in .text that no program calls. */
__noinline int in_text(int x)
{
	return x;
}

char _license[] SEC("license") = "GPL";
