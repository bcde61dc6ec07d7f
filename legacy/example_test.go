// SPDX-License-Identifier: MIT

package legacy_test

import (
	"fmt"

	"github.com/bpfload/bpfload/elf"
	"github.com/bpfload/bpfload/internal/elftest"
	"github.com/bpfload/bpfload/legacy"
)

// An object for tc, with an array of maps and the map that goes into its slot 3.
func ExampleDecode() {
	o := &elftest.Object{} // in earnest: elf.Parse of a file's bytes
	maps := o.Data("maps", o.Words(
		12, 4, 0, 8, 0 /* flags */, 0 /* id */, 2 /* pinning */, 9 /* inner_id */, 0,
		2, 4, 4, 1, 0, 9 /* id */, 0, 0, 3 /* inner_idx */))
	o.Object("outer", maps, 0, 36)
	o.Object("inner", maps, 36, 36)

	f, err := elf.Parse(o.Bytes())
	if err != nil {
		fmt.Println(err)
		return
	}
	list, _, err := legacy.Decode(f, nil, legacy.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, m := range list {
		pin, _ := legacy.PinPath(m, legacy.Roots{})
		fmt.Println(m.Name, m.Type, m.MaxEntries, m.Legacy.Dialect, pin, m.Values)
	}
	fmt.Println(list[0].Legacy.Evidence)
	// Output:
	// outer ArrayOfMaps 8 iproute2 /sys/fs/bpf/tc/globals/outer [{3 inner }]
	// inner Array 1 iproute2  []
	// [records of 36 bytes no other dialect has this size]
}

// The section 2/0x10 is a tail call of iproute2: the program in it goes into slot
// 16 of the prog array with id 2.
func ExampleTailCall() {
	o := &elftest.Object{}
	maps := o.Data("maps", o.Words(3, 4, 4, 32, 0, 2, 0, 0, 0))
	o.Object("calls", maps, 0, 36)
	f, err := elf.Parse(o.Bytes())
	if err != nil {
		fmt.Println(err)
		return
	}
	list, _, err := legacy.Decode(f, nil, legacy.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	call, err := legacy.TailCall("2/0x10", list)
	fmt.Println(call.Map, call.Index, err)
	_, err = legacy.TailCall("3/1", list)
	fmt.Println(err)
	// Output:
	// calls 16 <nil>
	// section "3/1": no slot for the tail call: no prog array has id 3
}
