// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
//
// Data that a compiler puts away under names of its own: texts in .rodata.str1.1,
// constants in .rodata.cst16 and .cst32, with no variable and no BTF for them.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct four {
	__u64 a, b, c, d;
};

struct two {
	__u64 a, b;
};

static __noinline __u64 sum(volatile struct four *f, volatile struct two *t)
{
	return f->a + f->b + f->c + f->d + t->a + t->b;
}

__u64 matches, total;

SEC("raw_tp/sched_process_exec")
int on_exec(void *ctx)
{
	struct four f = { 0x1111111111111111, 2, 3, 0x4444444444444444 };
	struct two t = { 0x5555555555555555, 6 };
	char name[16];

	bpf_get_current_comm(name, sizeof(name));
	if (!bpf_strncmp(name, sizeof(name), "sshd") || !bpf_strncmp(name, sizeof(name), "login"))
		matches++;
	total = sum(&f, &t);
	return 0;
}

char _license[] SEC("license") = "GPL";
