// SPDX-License-Identifier: MIT

package core_test

import (
	"fmt"

	"github.com/bpfload/bpfload/internal/elftest"
	"github.com/bpfload/bpfload/internal/kernel"
	"github.com/bpfload/bpfload/rawbtf"
	"github.com/bpfload/bpfload/reloc/core"
)

// A program compiled where task_struct has its pid at byte 4 runs on a kernel that
// has it at byte 1256, and knows of no field named comm there.
func ExampleApply() {
	types := func(pid uint32, fields ...string) *rawbtf.Spec {
		var b elftest.BTF
		i := b.Int("int", 4, rawbtf.IntSigned)
		m := []elftest.Member{{Name: "pid", Type: i, Bits: 8 * pid}}
		for _, f := range fields {
			m = append(m, elftest.Member{Name: f, Type: i})
		}
		b.Struct("task_struct", 4096, m...)
		spec, err := rawbtf.Parse(b.Bytes(false), nil)
		if err != nil {
			panic(err)
		}
		return spec
	}
	object, running := types(4, "comm"), types(1256)
	var o elftest.Object
	code := o.Insns(
		elftest.Insn{Op: 0x61, Dst: 0, Src: 1, Off: 4}, // r0 = *(u32 *)(r1 + 4)
		elftest.Insn{Op: 0xb7, Dst: 2},                 // r2 = 0
		elftest.Exit,
	)
	relos := []core.Relocation{
		{Insn: 0, Type: 2, Access: "0:0", Kind: core.FieldByteOffset},
		{Insn: 1, Type: 2, Access: "0:1", Kind: core.FieldByteOffset},
	}
	r := core.NewResolver(object, kernel.NewTypes(running))
	results, err := r.Apply(code, relos)
	if err != nil {
		panic(err)
	}
	fmt.Printf("%d: offset %d\n", relos[0].Insn, results[0].Value)
	fmt.Printf("%d: %s\n", relos[1].Insn, r.Explain(relos[1], results[1].Failure))
	// Output:
	// 0: offset 1256
	// 1: the kernel's struct task_struct has no field comm; it has pid
}
