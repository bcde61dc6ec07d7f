// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
//
// A linked list in a global variable (Linux 6.2; this layout of a node 6.6). The
// lock and the list that it guards have to be in one section of their own, and
// are hidden: so the section's map is not mapped into user space, where anybody
// could write to the lock.
#include <linux/bpf.h>
#include <linux/version.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 2, 0) /* of the headers */
struct bpf_list_head {
	__u64 opaque[2];
};

struct bpf_list_node {
	__u64 opaque[3];
};
#endif

#define private(name) SEC(".data." #name) __hidden __attribute__((aligned(8)))
#define __contains(type, node) __attribute__((btf_decl_tag("contains:" #type ":" #node)))

extern void *bpf_obj_new_impl(__u64 local_type_id, void *meta) __ksym;
extern void bpf_obj_drop_impl(void *object, void *meta) __ksym;
extern int bpf_list_push_front_impl(struct bpf_list_head *head, struct bpf_list_node *node,
				    void *meta, __u64 offset) __ksym;
extern struct bpf_list_node *bpf_list_pop_front(struct bpf_list_head *head) __ksym;

struct message {
	struct bpf_list_node node;
	__u32 len;
};

private(A) struct bpf_spin_lock lock;
private(A) struct bpf_list_head messages __contains(message, node);

/* Alone in its section, hidden and zero: .bss.B. */
__u64 pushed SEC(".bss.B") __hidden;

SEC("tc")
int push(struct __sk_buff *skb)
{
	struct message *m = bpf_obj_new_impl(bpf_core_type_id_local(struct message), 0);

	if (!m)
		return 0;
	m->len = skb->len;
	bpf_spin_lock(&lock);
	bpf_list_push_front_impl(&messages, &m->node, 0, 0);
	bpf_spin_unlock(&lock);
	pushed++;
	return 0;
}

SEC("tc")
int pop(struct __sk_buff *skb)
{
	struct bpf_list_node *node;
	struct message *m;
	__u32 len;

	bpf_spin_lock(&lock);
	node = bpf_list_pop_front(&messages);
	bpf_spin_unlock(&lock);
	if (!node)
		return 0;
	m = (struct message *)node; /* the node is its first member */
	len = m->len;
	bpf_obj_drop_impl(m, 0);
	return len & 1;
}

char _license[] SEC("license") = "GPL";
