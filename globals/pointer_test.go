// SPDX-License-Identifier: MIT

package globals_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/bpfload/bpfload/elf"
	"github.com/bpfload/bpfload/globals"
	"github.com/bpfload/bpfload/internal/elftest"
	"github.com/bpfload/bpfload/spec"
)

func TestPointers(t *testing.T) {
	const abs64, abs32 = 2, 3
	for _, bigEndian := range []bool{false, true} {
		o := elftest.Object{BigEndian: bigEndian}
		contents := make([]byte, 48)
		order := o.Order()
		copy(contents[8:], order.AppendUint64(nil, 16))
		copy(contents[16:], order.AppendUint64(nil, 40))
		copy(contents[24:], order.AppendUint32(nil, 4))
		data := o.Data(".data", contents)
		bss := o.Bss(".bss", 64)
		text := o.Code(".text", elftest.Ret0, elftest.Exit)
		section := o.SectionSymbol(bss)
		o.Symbol(elftest.Symbol{Name: "zeroed", Type: elf.STTObject, Binding: elf.STBGlobal, Section: bss, Value: 8, Size: 16})
		callback := o.Func("callback", text, 0, 16)
		o.Object("plain", data, 0, 8)
		o.Object("table", data, 8, 16)
		o.Object("narrow", data, 24, 4)
		missing := o.Extern("missing", elf.STBWeak)
		o.Rel(data, 0, callback, abs64)
		o.Rel(data, 8, section, abs64)  // byte 16 of .bss: within zeroed
		o.Rel(data, 16, section, abs64) // byte 40 of .bss: nothing there
		o.Rel(data, 24, section, abs32)
		o.Rel(data, 44, missing, abs64) // within no variable, and across the end
		o.Rel(bss, 0, callback, abs64)  // a NOBITS section has no bytes to look at
		f, _ := build(t, &o, nil)
		_, _, warnings, err := globals.Decode(f, nil)
		if err != nil {
			t.Fatal(err)
		}
		at := func(section string, offset uint64, symbol, what string) spec.Warning {
			return spec.Warning{Code: "pointer-in-data", Section: section, Offset: offset, Symbol: symbol, Message: "the pointer" + what}
		}
		want := []spec.Warning{
			at(".data", 0, "plain", ` to "callback" is lost: the kernel cannot relocate data, and programs read NULL`),
			at(".data", 8, "table", ` to "zeroed"+8 is lost: the kernel cannot relocate data, and programs read 0x10`),
			at(".data", 16, "table", ` at byte 8 to ".bss"+40 is lost: the kernel cannot relocate data, and programs read 0x28`),
			at(".data", 24, "narrow", ` to ".bss"+4 is lost: the kernel cannot relocate data, and programs read 0x4`),
			at(".data", 44, "", ` to "missing" is lost: the kernel cannot relocate data, and programs read NULL`),
			at(".bss", 0, "", ` to "callback" is lost: the kernel cannot relocate data, and programs read NULL`),
		}
		if diff := cmp.Diff(want, warnings); diff != "" {
			t.Errorf("big endian %t: %s", bigEndian, diff)
		}
	}
}

// A table of very many pointers gives a bounded number of warnings.
func TestManyPointers(t *testing.T) {
	var o elftest.Object
	data := o.Data(".data", make([]byte, 8*1000))
	target := o.Object("table", data, 0, 8000)
	for i := range 1000 {
		o.Rel(data, uint64(8*i), target, 2)
	}
	f, _ := build(t, &o, nil)
	_, _, warnings, err := globals.Decode(f, nil)
	if err != nil || len(warnings) != 101 {
		t.Fatal(len(warnings), err)
	}
	if got, want := warnings[100].String(), `section ".data"+0x320: 900 more pointers from here on are lost, too`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestDamagedRelocations(t *testing.T) {
	var o elftest.Object
	data := o.Data(".data", make([]byte, 8))
	o.Rel(data, 8, 0, 2)
	f, _ := build(t, &o, nil)
	maps, _, _, err := globals.Decode(f, nil)
	const want = `section ".rel.data"+0x0: relocation at 0x8 is outside section ".data" of 8 bytes`
	if err == nil || err.Error() != want || maps != nil {
		t.Errorf("got %v, want %s", err, want)
	}
}
