// SPDX-License-Identifier: MIT

package verifierlog_test

import (
	"fmt"
	"os"

	"github.com/bpfload/bpfload/verifierlog"
)

const log = `0: R1=ctx() R10=fp0
1: (63) *(u32 *)(r10 -4) = r1
2: (bf) r2 = r10                      ; R2=fp0 R10=fp0
3: (07) r2 += -4                      ; R2=fp-4
4: (18) r1 = 0xffff88810434e000       ; R1=map_ptr(map=conns,ks=4,vs=8)
6: (85) call bpf_map_lookup_elem#1    ; R0=map_value_or_null(id=1,map=conns,ks=4,vs=8)
7: (61) r0 = *(u32 *)(r0 +0)
R0 invalid mem access 'map_value_or_null'
processed 7 insns (limit 1000000) max_states_per_insn 0 total_states 0 peak_states 0 mark_read 0
`

// What the verifier said, joined with the program's line information.
func Example() {
	lines := verifierlog.LineTable{
		{Insn: 0, File: "conn.c", Line: 22, Text: "\t__u32 key = 0;"},
		{Insn: 4, File: "conn.c", Line: 23, Text: "\t__u32 *v = bpf_map_lookup_elem(&conns, &key);"},
		{Insn: 7, File: "conn.c", Line: 24, Text: "\treturn *v;"},
	}
	d := verifierlog.Explain(verifierlog.Parse(log), lines)
	d.Program = "track_conn"
	verifierlog.Render(os.Stdout, d)
	// Output:
	// error: program "track_conn" rejected: R0 invalid mem access 'map_value_or_null'
	//   --> conn.c:24  (insn 7)
	//    |
	// 24 |     return *v;
	//    |
	//    = R0: map_value_or_null(id=1,map=conns,ks=4,vs=8)
	//    = help: the lookup may return NULL; test the pointer before using it
}

// A log alone, as it comes from another tool.
func ExampleAnnotate() {
	fmt.Print(verifierlog.Annotate(log))
	// Output:
	// error: program rejected: R0 invalid mem access 'map_value_or_null'
	//  --> insn 7
	//   |
	// 7 | (61) r0 = *(u32 *)(r0 +0)
	//   |
	//   = R0: map_value_or_null(id=1,map=conns,ks=4,vs=8)
	//   = help: the lookup may return NULL; test the pointer before using it
	//   = more: bpfload explain verifier/null-pointer
}

func ExampleLookup() {
	c, ok := verifierlog.Lookup("null-pointer")
	fmt.Println(ok, c.Code)
	fmt.Println(c.Help)
	// Output:
	// true verifier/null-pointer
	// the pointer may be NULL here; test it before using it
}
