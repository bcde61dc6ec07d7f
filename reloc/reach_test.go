// SPDX-License-Identifier: MIT

package reloc_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/bpfload/bpfload/elf"
	"github.com/bpfload/bpfload/internal/elftest"
	"github.com/bpfload/bpfload/reloc"
	"github.com/bpfload/bpfload/spec"
)

// chain is a program that calls a function, that another, and so on.
func chain(functions int) *elftest.Object {
	o := &elftest.Object{}
	code := make([]elftest.Insn, 0, 2*functions)
	for range functions - 1 {
		code = append(code, elftest.CallLocal(1), exit)
	}
	text := o.Code(".text", append(code, mov(1), exit)...)
	prog := o.Code("xdp", callReloc, exit)
	o.Func("prog", prog, 0, 16)
	first := 0
	for i := range functions {
		n := static(o, fmt.Sprint("f", i), text, uint64(16*i), 16)
		if i == 0 {
			first = n
		}
	}
	o.Rel(prog, 0, first, relCall)
	return o
}

// A program may be of as many functions as kernels take, and one more is an error
// that costs no more than that.
func TestLinkDeep(t *testing.T) {
	c := mustOpen(t, chain(255), reloc.Options{}).link(t, "prog")
	if c.Len() != 512 || len(c.Parts) != 256 {
		t.Errorf("%d instructions, %d parts", c.Len(), len(c.Parts))
	}
	for _, n := range []int{256, 50_000} {
		o := mustOpen(t, chain(n), reloc.Options{})
		p := o.named(t, "prog")
		_, err := o.linker.Link(p)
		if !errors.Is(err, elf.ErrUnsupported) || !strings.Contains(err.Error(), `function "prog"): the program and what it calls are more than 256 functions`) {
			t.Errorf("%d functions: %v", n, err)
		}
		if _, again := o.linker.Maps(p); again == nil || again.Error() != err.Error() {
			t.Errorf("%d functions: Maps says %v", n, again)
		}
	}
}

// What a program refers to is known without linking it, for a program as for what it
// calls.
func TestMaps(t *testing.T) {
	o := &elftest.Object{}
	data := o.Data(".data", make([]byte, 8))
	bss := o.Bss(".bss", 8)
	x, y := o.Object("x", data, 0, 8), o.Object("y", bss, 0, 8)
	load := elftest.LoadImm64(1, 0, 0, 0)
	text := o.Code(".text", append(append(load, load...), exit)...)
	prog := o.Code("xdp", append(append([]elftest.Insn{}, load...), callReloc, exit)...)
	o.Func("prog", prog, 0, 32)
	f := static(o, "f", text, 0, 40)
	o.Rel(prog, 0, y, 1)
	o.Rel(prog, 16, f, relCall)
	o.Rel(text, 0, x, 1)
	o.Rel(text, 16, y, 1)
	obj := mustOpen(t, o, reloc.Options{})
	maps, err := obj.linker.Maps(obj.named(t, "prog"))
	if err != nil {
		t.Fatal(err)
	}
	var linked []*spec.Map
	for _, f := range obj.link(t, "prog").Fixups {
		if !slices.Contains(linked, f.Map) {
			linked = append(linked, f.Map)
		}
	}
	if len(maps) != 2 || !slices.Equal(maps, linked) {
		t.Errorf("got %v, linked are %v", maps, linked)
	}
}
