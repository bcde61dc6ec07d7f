// SPDX-License-Identifier: MIT

package main

import (
	"fmt"
	"io"
)

// The kernel lets a program refer to 64 maps; data sections count as one each.
const mapsPerProgram = 50

// emitMaps writes hashes and arrays in turn.
func emitMaps(w io.Writer, n int) {
	fmt.Fprint(w, `
struct value {
	__u64 packets;
	__u64 bytes;
};
`)
	for i := range n {
		kind := [...]string{"BPF_MAP_TYPE_HASH", "BPF_MAP_TYPE_ARRAY"}[i%2]
		fmt.Fprintf(w, `
struct {
	__uint(type, %s);
	__type(key, __u32);
	__type(value, struct value);
	__uint(max_entries, %d);
} map_%d SEC(".maps");
`, kind, 1+i%8, i)
	}
	chunks(n, mapsPerProgram, func(from, to int) {
		fmt.Fprintf(w, `
SEC("socket")
int use_maps_%d(struct __sk_buff *skb)
{
	__u32 key = 0, found = 0;

`, from)
		for i := from; i < to; i++ {
			fmt.Fprintf(w, "\tfound += bpf_map_lookup_elem(&map_%d, &key) != 0;\n", i)
		}
		fmt.Fprint(w, "\treturn found;\n}\n")
	})
}

// emitSlots writes an array of maps whose slots are all filled.
func emitSlots(w io.Writer, n int) {
	fmt.Fprint(w, `
struct inner {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__type(key, __u32);
	__type(value, __u64);
	__uint(max_entries, 1);
};

`)
	for i := range n {
		fmt.Fprintf(w, "struct inner inner_%d SEC(\".maps\");\n", i)
	}
	fmt.Fprintf(w, `
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS);
	__type(key, __u32);
	__uint(max_entries, %d);
	__array(values, struct inner);
} outer SEC(".maps") = {
	.values = {
`, n)
	for i := range n {
		fmt.Fprintf(w, "\t\t[%d] = &inner_%d,\n", i, i)
	}
	fmt.Fprint(w, `	},
};

SEC("socket")
int use_slots(struct __sk_buff *skb)
{
	__u32 key = skb->len;

	return bpf_map_lookup_elem(&outer, &key) != 0;
}
`)
}

// emitGlobals writes variables of several types, in .data, .bss and .rodata in
// turn.
func emitGlobals(w io.Writer, n int) {
	types := [...]string{"__u8", "__u16", "__u32", "__u64", "int", "struct setting"}
	fmt.Fprint(w, `
struct setting {
	__u32 number;
	char name[12];
};

`)
	for i := range n {
		typ := types[i%len(types)]
		init := fmt.Sprint(1 + i%100)
		if typ == "struct setting" {
			init = fmt.Sprintf("{ .number = %s }", init)
		}
		switch i % 3 {
		case 0:
			fmt.Fprintf(w, "%s global_%d = %s;\n", typ, i, init)
		case 1:
			fmt.Fprintf(w, "%s global_%d;\n", typ, i)
		case 2:
			fmt.Fprintf(w, "const volatile %s global_%d = %s;\n", typ, i, init)
		}
	}
	chunks(n, 500, func(from, to int) {
		fmt.Fprintf(w, `
SEC("socket")
int use_globals_%d(struct __sk_buff *skb)
{
	__u64 sum = 0;

`, from)
		for i := from; i < to; i++ {
			member := ""
			if types[i%len(types)] == "struct setting" {
				member = ".number"
			}
			fmt.Fprintf(w, "\tsum += *(volatile typeof(global_%d%s) *)&global_%d%s;\n", i, member, i, member)
		}
		fmt.Fprint(w, "\treturn sum;\n}\n")
	})
}
