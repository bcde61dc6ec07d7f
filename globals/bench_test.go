// SPDX-License-Identifier: MIT

package globals_test

import (
	"fmt"
	"testing"

	"github.com/bpfload/bpfload/globals"
	"github.com/bpfload/bpfload/internal/elftest"
	"github.com/bpfload/bpfload/rawbtf"
)

func BenchmarkDecode(b *testing.B) {
	for _, n := range []int{10, 1000} {
		b.Run(fmt.Sprintf("variables=%d", n), func(b *testing.B) {
			var o elftest.Object
			var types elftest.BTF
			u64 := types.Int("unsigned long", 8, 0)
			section := o.Data(".data", make([]byte, 8*n))
			var secinfos []rawbtf.VarSecinfo
			for i := range n {
				name := fmt.Sprintf("global_%d", i)
				secinfos = append(secinfos, rawbtf.VarSecinfo{Type: types.Var(name, u64, rawbtf.LinkageGlobal), Size: 8})
				o.Object(name, section, uint64(8*i), 8)
			}
			types.Datasec(".data", 0, secinfos...)
			f, spec := build(b, &o, &types)
			f.SymbolsIn(1) // made once for all decoders
			b.ReportAllocs()
			for b.Loop() {
				if _, vars, _, err := globals.Decode(f, spec); err != nil || len(vars) != n {
					b.Fatal(len(vars), err)
				}
			}
		})
	}
}
