// SPDX-License-Identifier: MIT

package reloc_test

import (
	"testing"

	"github.com/bpfload/bpfload/internal/elftest"
	"github.com/bpfload/bpfload/reloc"
)

// parameters has a program that takes the address of byte at of .data, and of .bss.
func parameters(o *elftest.Object, at int32) {
	data := o.Data(".data", o.Words(7, 300))
	bss := o.Bss(".bss", 4)
	rodata := o.Rodata(".rodata", o.Words(9))
	prog := o.Code("lirc_mode2/sample", insns(load(1, 0, at, 0), load(2, 0, 0, 0), load(3, 0, 0, 0), exit)...)
	o.Func("prog", prog, 0, 56)
	o.Rel(prog, 0, o.Object("margin", data, 0, 8), relText)
	o.Rel(prog, 16, o.Object("toggle", bss, 0, 4), relText)
	o.Rel(prog, 32, o.Object("table", rodata, 0, 4), relText)
}

// Where the address of a variable stands for its value, what is loaded is a number
// of 4 bytes, not a pointer; constants are where they always are.
func TestImmediates(t *testing.T) {
	bothOrders(t, func(t *testing.T, o *elftest.Object) {
		parameters(o, 4)
		c := mustOpen(t, o, reloc.Options{Immediates: true}).link(t, "prog")
		err := c.Finish(func(f *reloc.Fixup) (reloc.Value, error) {
			switch f.Kind {
			case reloc.Immediate:
				return reloc.Value{Addr: 1000 + f.Offset}, nil
			case reloc.MapValue:
				return reloc.Value{FD: 5}, nil
			}
			t.Errorf("a fixup of kind %s", f.Kind)
			return reloc.Value{}, nil
		})
		if err != nil {
			t.Fatal(err)
		}
		checkCode(t, o, c, insns(load(1, 0, 1004, 0), load(2, 0, 1000, 0), load(3, 2, 5, 0), exit)...)
	})
}

func TestImmediateOutside(t *testing.T) {
	for at, want := range map[int32]string{
		5:  `section "lirc_mode2/sample"+0x0 (function "prog"): the value of "margin" is wanted, and 4 bytes at 5 end outside section ".data"`,
		-1: `section "lirc_mode2/sample"+0x0 (function "prog"): reference to byte -1 of section ".data", which has 8`,
	} {
		o := &elftest.Object{}
		parameters(o, at)
		if got := mustOpen(t, o, reloc.Options{Immediates: true}).linkError(t, "prog"); got != want {
			t.Errorf("%s\nwant %s", got, want)
		}
	}
}
