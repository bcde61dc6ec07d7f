/* SPDX-License-Identifier: MIT */
/*
 * What libbpf hands to bpf(2) between record_start and record_stop, copied with
 * all that it points to, so that it can be issued again. The linker option
 * --wrap=syscall puts this between libbpf and the kernel.
 */
#ifndef BENCH_RECORD_H
#define BENCH_RECORD_H

#include <stddef.h>
#include <linux/bpf.h>

struct call {
	int cmd;
	unsigned int size;
	union bpf_attr *attr;
};

struct record {
	struct call *maps, *programs; /* programs: most instructions first */
	size_t nmaps, nprograms;
};

extern struct record record;

void record_start(void);
void record_stop(void);
void record_clear(void);

#endif
