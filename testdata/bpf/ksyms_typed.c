// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
//
// Variables of the kernel with their types, from the kernel's BTF, so that the
// verifier knows what is there. Both of these exist once for each CPU. The kernel
// finds their addresses in its symbol table, and has variables in it only when
// built with CONFIG_KALLSYMS_ALL.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct rq {
	unsigned int nr_running;
} __attribute__((preserve_access_index));

extern const struct rq runqueues __ksym;
extern const int bpf_prog_active __ksym;

__u32 running, active;

SEC("raw_tp/sys_enter")
int look(void *ctx)
{
	const struct rq *rq = bpf_per_cpu_ptr(&runqueues, 0);
	const int *counter = bpf_this_cpu_ptr(&bpf_prog_active);

	if (rq)
		running = rq->nr_running;
	active = *counter;
	return 0;
}

char _license[] SEC("license") = "GPL";
