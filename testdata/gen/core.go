// SPDX-License-Identifier: MIT

package main

import (
	"fmt"
	"io"
	"strings"
)

// A kernelType is a struct of the kernel with fields that it has had in every
// version with BTF, in C.
type kernelType struct {
	name   string
	fields []string
}

var kernelTypes = []kernelType{
	{"task_struct", []string{"int pid", "int tgid", "int prio", "int static_prio", "unsigned int flags", "int exit_code", "unsigned int policy", "void *mm"}},
	{"mm_struct", []string{"unsigned long arg_start", "unsigned long arg_end", "unsigned long start_stack", "unsigned long start_brk"}},
	{"file", []string{"unsigned int f_flags", "void *f_inode", "void *private_data", "void *f_op"}},
	{"inode", []string{"unsigned long i_ino", "unsigned int i_flags", "unsigned short i_mode", "void *i_sb"}},
	{"dentry", []string{"unsigned int d_flags", "void *d_parent", "void *d_inode", "void *d_sb"}},
	{"super_block", []string{"unsigned long s_flags", "unsigned long s_magic", "unsigned int s_dev", "void *s_root"}},
	{"cred", []string{"void *user_ns", "void *group_info"}},
	{"vm_area_struct", []string{"unsigned long vm_start", "unsigned long vm_end", "unsigned long vm_pgoff", "void *vm_file"}},
	{"sk_buff", []string{"unsigned int len", "unsigned int data_len", "unsigned int truesize", "void *head", "void *data"}},
	{"net_device", []string{"int ifindex", "unsigned int mtu", "unsigned int flags", "unsigned short type"}},
	{"sock", []string{"int sk_rcvbuf", "int sk_sndbuf", "unsigned short sk_type", "unsigned short sk_protocol"}},
	{"tcp_sock", []string{"unsigned int snd_cwnd", "unsigned int snd_ssthresh", "unsigned int snd_nxt", "unsigned int rcv_nxt"}},
	{"signal_struct", []string{"int nr_threads", "int group_exit_code"}},
	{"nsproxy", []string{"void *uts_ns", "void *ipc_ns", "void *mnt_ns", "void *net_ns"}},
	{"vfsmount", []string{"void *mnt_root", "void *mnt_sb", "int mnt_flags"}},
	{"bpf_map", []string{"unsigned int key_size", "unsigned int value_size", "unsigned int max_entries", "unsigned int map_flags"}},
}

// roots is how many of kernelTypes are used.
var roots int

// emitCore writes programs that read fields of kernel types, one relocation for
// each read.
func emitCore(w io.Writer, n int) {
	for _, t := range kernelTypes[:roots] {
		fmt.Fprintf(w, "\nstruct %s {\n\t%s;\n} __attribute__((preserve_access_index));\n",
			t.name, strings.Join(t.fields, ";\n\t"))
	}
	fmt.Fprint(w, "\n__u64 sum;\n")

	chunks(n, 50, func(from, to int) {
		fmt.Fprintf(w, `
SEC("raw_tp/sys_enter")
int core_%d(struct bpf_raw_tracepoint_args *ctx)
{
	void *p = (void *)ctx->args[0];

`, from)
		for i := from; i < to; i++ {
			t := kernelTypes[i%roots]
			field := t.fields[i/roots%len(t.fields)]
			field = strings.TrimLeft(field[strings.LastIndexByte(field, ' '):], " *")
			fmt.Fprintf(w, "\tsum += (__u64)BPF_CORE_READ((struct %s *)p, %s);\n", t.name, field)
		}
		fmt.Fprint(w, "\treturn 0;\n}\n")
	})
}
