// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
//
// Addresses of the kernel's functions and variables by name, from
// /proc/kallsyms. A weak one that is missing has the address 0.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

extern const void schedule __ksym;
extern const void tcp_v4_rcv __ksym;
extern const void bpfload_no_such_symbol __ksym __weak;
extern const int bpfload_no_such_variable __ksym __weak;

__u64 scheduler, receive, missing, missing_typed;

SEC("raw_tp/sys_enter")
int look(void *ctx)
{
	scheduler = (__u64)&schedule;
	receive = (__u64)&tcp_v4_rcv;
	missing = (__u64)&bpfload_no_such_symbol;
	missing_typed = (__u64)&bpfload_no_such_variable;
	return 0;
}

char _license[] SEC("license") = "GPL";
