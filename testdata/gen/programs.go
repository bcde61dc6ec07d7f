// SPDX-License-Identifier: MIT

package main

import (
	"fmt"
	"io"
)

// emitProgs writes programs of some twenty instructions that share a map, a
// variable and a function in .text.
func emitProgs(w io.Writer, n int) {
	fmt.Fprint(w, `
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__type(key, __u32);
	__type(value, __u64);
	__uint(max_entries, 16);
} counts SEC(".maps");

__u64 calls;

static __noinline int weigh(__u32 len, __u32 factor)
{
	return len * factor + bpf_get_smp_processor_id();
}
`)
	for i := range n {
		fmt.Fprintf(w, `
SEC("socket")
int prog_%d(struct __sk_buff *skb)
{
	__u32 key = skb->ifindex & 15;
	__u64 *count = bpf_map_lookup_elem(&counts, &key);

	if (count)
		*count += weigh(skb->len, %d);
	calls++;
	return 0;
}
`, i, i+1)
	}
}

// emitInsns writes one program of n instructions, each on a line of its own, so
// that line information grows as well.
func emitInsns(w io.Writer, n int) {
	fmt.Fprint(w, `
SEC("socket")
int straight(struct __sk_buff *skb)
{
	__u64 a = skb->len, b = skb->hash;

`)
	// Eight instructions come from the C around them.
	lines := [...]string{"a += b", "b ^= 7", "a <<= 1", "b += a", "a |= 1", "b >>= 3"}
	for i := range max(n-8, 0) {
		op := lines[i%len(lines)]
		dst, src := op[:1], ""
		if last := op[len(op)-1:]; last == "a" || last == "b" {
			src = last
		}
		if src == "" {
			fmt.Fprintf(w, "\tasm volatile(\"%%0%s\" : \"+r\"(%s));\n", op[1:], dst)
		} else {
			fmt.Fprintf(w, "\tasm volatile(\"%%0%s%%1\" : \"+r\"(%s) : \"r\"(%s));\n", op[1:len(op)-1], dst, src)
		}
	}
	fmt.Fprint(w, "\treturn a + b;\n}\n")
}

// work is how many instructions the verifier walks for a heavy program.
var work int

// emitHeavy writes short programs with long bounded loops: the verifier goes
// through every round, as it does in real programs that parse or unwind.
func emitHeavy(w io.Writer, n int) {
	const round = 6 // instructions of one round of the loop
	for i := range n {
		fmt.Fprintf(w, `
SEC("socket")
int heavy_%d(struct __sk_buff *skb)
{
	__u64 sum = skb->len;
	__u32 i;

	for (i = 0; i < %d; i++) {
		asm volatile("%%0 += %%1; %%0 ^= 5; %%0 <<= 1" : "+r"(sum) : "r"(i));
		asm volatile("" : "+r"(i));
	}
	return sum;
}
`, i, max(work/round, 1))
	}
}
