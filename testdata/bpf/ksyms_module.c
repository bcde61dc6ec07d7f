// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
//
// Symbols that only modules of the kernel have: variables with their types, which
// exist once for each CPU, and the address of a function. All may be missing.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct brnf_frag_data {
	char mac[22];
};

struct nft_pcpu_tun_ctx {
	unsigned int cookie;
};

extern const struct brnf_frag_data brnf_frag_data_storage __ksym __weak; /* br_netfilter */
extern const struct nft_pcpu_tun_ctx nft_pcpu_tun_ctx __ksym __weak;     /* nf_tables */
extern const void veth_open __ksym __weak;                               /* veth */

__u64 open_address;
__u32 variables;

SEC("raw_tp/sys_enter")
int look(void *ctx)
{
	open_address = (__u64)&veth_open;
	if (&brnf_frag_data_storage && bpf_per_cpu_ptr(&brnf_frag_data_storage, 0))
		variables |= 1;
	if (&nft_pcpu_tun_ctx && bpf_per_cpu_ptr(&nft_pcpu_tun_ctx, 0))
		variables |= 2;
	return 0;
}

char _license[] SEC("license") = "GPL";
