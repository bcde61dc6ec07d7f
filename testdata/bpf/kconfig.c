// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
//
// How the running kernel was configured, as variables. A value that is not set
// is an error, unless its variable is weak: then it is zero. The LINUX_ ones do
// not come from a file; the loader finds them out.
#include <stdbool.h>
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

extern int LINUX_KERNEL_VERSION __kconfig;
extern bool LINUX_HAS_BPF_COOKIE __kconfig __weak;
extern bool LINUX_HAS_SYSCALL_WRAPPER __kconfig __weak;
extern int LINUX_NOBODY_KNOWS __kconfig __weak;

extern bool CONFIG_BPF_SYSCALL __kconfig;
extern char CONFIG_BPF_JIT __kconfig;
extern enum libbpf_tristate CONFIG_INET __kconfig;
extern enum libbpf_tristate CONFIG_NF_CONNTRACK __kconfig __weak;
extern __u8 CONFIG_LOG_BUF_SHIFT __kconfig;
extern __s16 CONFIG_PANIC_TIMEOUT __kconfig;
extern __u16 CONFIG_NR_CPUS __kconfig;
extern unsigned int CONFIG_HZ __kconfig;
extern long CONFIG_PHYSICAL_START __kconfig __weak;
extern __u64 CONFIG_ILLEGAL_POINTER_VALUE __kconfig __weak;
extern const char CONFIG_DEFAULT_HOSTNAME[16] __kconfig;
extern const char CONFIG_CC_VERSION_TEXT[8] __kconfig __weak; /* cut off */
extern bool CONFIG_BPFLOAD_NOT_SET __kconfig __weak;
extern __u64 CONFIG_BPFLOAD_NOT_SET_NUMBER __kconfig __weak;
extern const char CONFIG_BPFLOAD_NOT_SET_TEXT[4] __kconfig __weak;

struct seen {
	__u64 pointer, not_set;
	long start;
	int version, unknown, hz, cpus, timeout, shift;
	enum libbpf_tristate inet, conntrack;
	bool syscall, cookie, wrapper;
	char jit, host, compiler;
};

struct seen seen;

SEC("socket")
int look(struct __sk_buff *skb)
{
	seen.version = LINUX_KERNEL_VERSION;
	seen.cookie = LINUX_HAS_BPF_COOKIE;
	seen.wrapper = LINUX_HAS_SYSCALL_WRAPPER;
	seen.unknown = LINUX_NOBODY_KNOWS;
	seen.syscall = CONFIG_BPF_SYSCALL;
	seen.jit = CONFIG_BPF_JIT;
	seen.inet = CONFIG_INET;
	seen.conntrack = CONFIG_NF_CONNTRACK;
	seen.shift = CONFIG_LOG_BUF_SHIFT;
	seen.timeout = CONFIG_PANIC_TIMEOUT;
	seen.cpus = CONFIG_NR_CPUS;
	seen.hz = CONFIG_HZ;
	seen.start = CONFIG_PHYSICAL_START;
	seen.pointer = CONFIG_ILLEGAL_POINTER_VALUE;
	seen.host = CONFIG_DEFAULT_HOSTNAME[0];
	seen.compiler = CONFIG_CC_VERSION_TEXT[0];
	seen.not_set = CONFIG_BPFLOAD_NOT_SET + CONFIG_BPFLOAD_NOT_SET_NUMBER + CONFIG_BPFLOAD_NOT_SET_TEXT[0];
	return 0;
}

/* A second program that uses the same map. */
SEC("socket")
int compare(struct __sk_buff *skb)
{
	/* 6.1.0; later kernels are larger numbers. */
	return LINUX_KERNEL_VERSION >= 0x060100;
}

char _license[] SEC("license") = "GPL";
