// SPDX-License-Identifier: MIT

package reloc_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/bpfload/bpfload/elf"
	"github.com/bpfload/bpfload/internal/elftest"
	"github.com/bpfload/bpfload/reloc"
)

// words encodes 64-bit words.
func words(o *elftest.Object, words ...uint64) []byte {
	var out []byte
	for _, w := range words {
		out = o.Order().AppendUint64(out, w)
	}
	return out
}

func TestJumpTables(t *testing.T) {
	bothOrders(t, func(t *testing.T, o *elftest.Object) {
		text := o.Code(".text", insns(mov(9), exit, load(1, 0, 0, 0), load(2, 0, 0, 0), load(1, 0, 24, 0), mov(1), exit)...)
		prog := o.Code("syscall", callReloc, exit)
		tables := o.Section(elftest.Section{Name: ".jumptables", Data: words(o, 16, 64, 72, 64), Align: 1})
		static(o, "other", text, 0, 16)
		sub := static(o, "sub", text, 16, 64)
		o.Func("prog", prog, 0, 16)
		o.Rel(prog, 0, sub, relCall)
		jt := o.Object("BPF.JT.0.0", tables, 0, 24)
		o.Symbol(elftest.Symbol{Name: "BPF.JT.0.1", Type: elf.STTObject, Section: tables, Value: 24}) // static, and of no size
		o.Rel(text, 16, jt, relText)
		o.Rel(text, 32, jt, relText)
		o.Rel(text, 48, o.SectionSymbol(tables), relText)
		obj := mustOpen(t, o, reloc.Options{})
		c := obj.link(t, "prog")
		want := []reloc.Fixup{
			{Insn: 2, Kind: reloc.InsnArray, Table: []uint32{2, 8, 9}},
			{Insn: 4, Kind: reloc.InsnArray, Table: []uint32{2, 8, 9}},
			{Insn: 6, Kind: reloc.InsnArray, Table: []uint32{8}, TableOffset: 24},
		}
		if diff := cmp.Diff(want, c.Fixups, fixupOptions); diff != "" {
			t.Error(diff)
		}
		if err := c.Finish(func(f *reloc.Fixup) (reloc.Value, error) { return reloc.Value{FD: 40}, nil }); err != nil {
			t.Fatal(err)
		}
		checkCode(t, o, c, insns(elftest.CallLocal(1), exit, load(1, 2, 40, 0), load(2, 2, 40, 0), load(1, 2, 40, 0), mov(1), exit)...)
	})
}

func TestJumpTableErrors(t *testing.T) {
	for name, c := range map[string]struct {
		data    []uint64
		size    uint64
		addend  int32
		overlap bool
		want    string
	}{
		"outside the function": {[]uint64{0, 48}, 16, 0, false, `section "syscall"+0x0 (function "prog"): entry 1 of the jump table at 0x0 leads to 0x30, outside the function`},
		"between instructions": {[]uint64{4}, 8, 0, false, `section "syscall"+0x0 (function "prog"): entry 0 of the jump table at 0x0 leads to 0x4, outside the function`},
		"half an entry":        {[]uint64{0, 0}, 12, 0, false, `section "syscall"+0x0 (function "prog"): no jump table of 8-byte entries begins at 0x0 of section ".jumptables"`},
		"no symbol there":      {[]uint64{0, 0}, 16, 8, false, `section "syscall"+0x0 (function "prog"): no jump table of 8-byte entries begins at 0x8 of section ".jumptables"`},
		"behind the end":       {[]uint64{0, 0}, 16, 16, false, `section "syscall"+0x0 (function "prog"): no jump table of 8-byte entries begins at 0x10 of section ".jumptables"`},
		"overlapping":          {[]uint64{0, 0}, 16, 0, true, `section "syscall"+0x10 (function "prog"): the jump table at 0x8 of section ".jumptables" overlaps others of the function`},
	} {
		o := &elftest.Object{}
		prog := o.Code("syscall", insns(load(1, 0, c.addend, 0), load(1, 0, 0, 0), exit)...)
		tables := o.Section(elftest.Section{Name: ".jumptables", Data: words(o, c.data...)})
		o.Func("prog", prog, 0, 40)
		o.Rel(prog, 0, o.Object("BPF.JT.0.0", tables, 0, c.size), relText)
		if c.overlap {
			o.Rel(prog, 16, o.Object("BPF.JT.0.1", tables, 8, 8), relText)
		}
		if got := mustOpen(t, o, reloc.Options{}).linkError(t, "prog"); got != c.want {
			t.Errorf("%s: %s\nwant %s", name, got, c.want)
		}
	}
}
