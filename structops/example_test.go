// SPDX-License-Identifier: MIT

package structops_test

import (
	"fmt"
	"os"

	"github.com/bpfload/bpfload/elf"
	"github.com/bpfload/bpfload/rawbtf"
	"github.com/bpfload/bpfload/structops"
)

// The struct_ops variables of an object, and the programs that they take.
func ExampleDecode() {
	data, err := os.ReadFile("../testdata/bpf/struct_ops_multi.o")
	if err != nil {
		panic(err)
	}
	f, err := elf.Parse(data)
	if err != nil {
		panic(err)
	}
	s, _ := f.SectionNamed(".BTF")
	types, err := rawbtf.Parse(s.Data, nil)
	if err != nil {
		panic(err)
	}
	all, err := structops.Decode(f, types)
	if err != nil {
		panic(err)
	}
	for _, o := range all {
		fmt.Printf("%s %s in %s\n", types.Type(o.Type).Name(), o.Map.Name, o.Map.Place.Section)
		for _, c := range o.Callbacks {
			fmt.Printf("  %s = %s\n", types.Name(types.Type(o.Type).Member(c.Member).NameOff), c.Symbol)
		}
	}
	// Output:
	// tcp_congestion_ops first in .struct_ops.link
	//   ssthresh = first_ssthresh
	//   cong_avoid = shared_cong_avoid
	//   undo_cwnd = shared_undo
	// tcp_congestion_ops second in .struct_ops.link
	//   ssthresh = second_ssthresh
	//   cong_avoid = shared_cong_avoid
	//   undo_cwnd = shared_undo
	// tcp_congestion_ops___next third in .struct_ops.link
	//   ssthresh = third_ssthresh
	//   cong_avoid = shared_cong_avoid
	//   undo_cwnd = shared_undo
	// tcp_congestion_ops optional_first in ?.struct_ops.link
	//   ssthresh = optional_ssthresh
	//   cong_avoid = shared_cong_avoid
	//   undo_cwnd = shared_undo
	// tcp_congestion_ops optional_second in ?.struct_ops.link
	//   ssthresh = optional_ssthresh
	//   cong_avoid = shared_cong_avoid
	//   undo_cwnd = shared_undo
}
