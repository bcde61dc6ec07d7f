// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
//
// Every kind of CO-RE relocation, with a target that all kernels with BTF have
// and one that none has. Results go to an array, in the order of the kinds, so a
// test can compare them with what the kernel's BTF says.
#include <stdbool.h>
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>

struct list_head {
	struct list_head *next, *prev;
};

struct tcp_sock {
	__u8 is_cwnd_limited : 1;
	__u32 snd_cwnd;
} __attribute__((preserve_access_index));

struct task_struct {
	int pid;
	int prio;
	char comm[16];
	struct list_head tasks;
	unsigned int sched_remote_wakeup : 1;
	int bpfload_no_such_field;
} __attribute__((preserve_access_index));

/* Members of an anonymous union, found without naming it. */
struct sk_buff {
	struct sk_buff *next;
	struct {
		struct {
			__u32 priority;
		};
	};
} __attribute__((preserve_access_index));

struct bpfload_no_such_type {
	int x;
} __attribute__((preserve_access_index));

typedef unsigned int gfp_t;

/* The numbers here are wrong on purpose: the kernel's are to be used. */
enum bpf_map_type___core {
	BPF_MAP_TYPE_ARRAY___core = 1000,
	BPF_MAP_TYPE_BPFLOAD_NO_SUCH___core = 1001,
};

enum result {
	BYTE_OFFSET,
	BYTE_OFFSET_ARRAY,
	BYTE_OFFSET_NESTED,
	BYTE_OFFSET_ANONYMOUS,
	BYTE_SIZE,
	FIELD_EXISTS,
	FIELD_MISSING,
	SIGNED,
	UNSIGNED,
	LSHIFT,
	RSHIFT,
	TYPE_ID_LOCAL,
	TYPE_ID_TARGET,
	TYPE_EXISTS,
	TYPE_MISSING,
	TYPEDEF_EXISTS,
	TYPE_SIZE,
	TYPE_SIZE_MISSING,
	ENUM_EXISTS,
	ENUM_MISSING,
	ENUM_VALUE,
	TYPE_MATCHES,
	RESULTS,
};

__u64 results[RESULTS];

#define INFO(field, kind) __builtin_preserve_field_info(field, kind)
#define OFFSET(field) INFO(field, BPF_FIELD_BYTE_OFFSET)

SEC("socket")
int kinds(struct __sk_buff *ctx)
{
	struct task_struct *task = 0;
	struct tcp_sock *tcp = 0;
	struct sk_buff *skb = 0;

	results[BYTE_OFFSET] = OFFSET(task->pid);
	results[BYTE_OFFSET_ARRAY] = OFFSET(task->comm[3]);
	results[BYTE_OFFSET_NESTED] = OFFSET(task->tasks.prev);
	results[BYTE_OFFSET_ANONYMOUS] = OFFSET(skb->priority);
	results[BYTE_SIZE] = bpf_core_field_size(task->comm);
	results[FIELD_EXISTS] = bpf_core_field_exists(task->prio);
	results[FIELD_MISSING] = bpf_core_field_exists(task->bpfload_no_such_field);
	results[SIGNED] = INFO(task->pid, BPF_FIELD_SIGNED);
	results[UNSIGNED] = INFO(tcp->snd_cwnd, BPF_FIELD_SIGNED);
	results[LSHIFT] = INFO(task->sched_remote_wakeup, BPF_FIELD_LSHIFT_U64);
	results[RSHIFT] = INFO(task->sched_remote_wakeup, BPF_FIELD_RSHIFT_U64);
	results[TYPE_ID_LOCAL] = bpf_core_type_id_local(struct task_struct);
	results[TYPE_ID_TARGET] = bpf_core_type_id_kernel(struct task_struct);
	results[TYPE_EXISTS] = bpf_core_type_exists(struct tcp_sock);
	results[TYPE_MISSING] = bpf_core_type_exists(struct bpfload_no_such_type);
	results[TYPEDEF_EXISTS] = bpf_core_type_exists(gfp_t);
	results[TYPE_SIZE] = bpf_core_type_size(struct list_head);
	results[TYPE_SIZE_MISSING] = bpf_core_type_size(struct bpfload_no_such_type);
	results[ENUM_EXISTS] = bpf_core_enum_value_exists(enum bpf_map_type___core, BPF_MAP_TYPE_ARRAY___core);
	results[ENUM_MISSING] = bpf_core_enum_value_exists(enum bpf_map_type___core, BPF_MAP_TYPE_BPFLOAD_NO_SUCH___core);
	results[ENUM_VALUE] = bpf_core_enum_value(enum bpf_map_type___core, BPF_MAP_TYPE_ARRAY___core);
#if __clang_major__ >= 15
	results[TYPE_MATCHES] = bpf_core_type_matches(struct list_head);
#endif
	return 0;
}

char _license[] SEC("license") = "GPL";
