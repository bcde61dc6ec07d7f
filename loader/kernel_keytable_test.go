// SPDX-License-Identifier: MIT

package loader

import (
	"errors"
	"testing"

	"github.com/cilium/ebpf"

	"github.com/bpfload/bpfload/reloc"
	"github.com/bpfload/bpfload/spec"
)

// The address of a variable is its value in a decoder for ir-keytable, whoever
// sets the value; the maps are there, the sections of the variables are not.
func TestKernelKeytableParameters(t *testing.T) {
	needRoot(t)
	for _, file := range []string{"legacy/keytable28.o", "legacy/keytable28-nobtf.o", "legacy/keytable28-clang22.o"} {
		// The program that is run only returns numbers, as one of any type can.
		o, err := OpenFile(samplePath(file), &Options{Types: map[string]ebpf.ProgramType{"lirc_mode2/numbers": ebpf.SocketFilter}})
		if err != nil {
			t.Fatal(err)
		}
		for name, value := range map[string]string{"margin": "123", "toggle": "1"} {
			if err := o.SetVariable(name, value); err != nil {
				t.Fatal(err)
			}
		}
		l, err := o.Load(t.Context(), &LoadOptions{Optional: []string{"decode"}})
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
		for _, m := range l.Maps {
			if m.Spec.Name != "decoder_state" {
				t.Errorf("%s: a map %s was created", file, m.Spec.Name)
			}
			compareWithKernel(t, file, m)
		}
		p, err := l.Program("numbers")
		if err != nil {
			t.Fatal(err)
		}
		got, _, err := p.Test(make([]byte, 14))
		if errors.Is(err, ebpf.ErrNotSupported) {
			t.Skip("the kernel does not run socket filters for a test")
		}
		if want := uint32(123*1000 + 66*10 + 1); err != nil || got != want {
			t.Errorf("%s: the program returned %d, %v, want %d", file, got, err, want)
		}
		if _, err := l.Program("decode"); err != nil {
			t.Logf("this kernel has no programs of type lirc_mode2: %v", l.Warnings)
		}
	}
}

// What ir-keytable put into the code stands in it in cilium/ebpf's form, too.
func TestKeytableCollectionSpec(t *testing.T) {
	o, err := OpenFile(samplePath("legacy/keytable28.o"), nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := o.SetVariable("protocol", "7"); err != nil {
		t.Fatal(err)
	}
	code, err := o.linker.Link(o.Program("numbers"))
	if err != nil {
		t.Fatal(err)
	}
	want := map[uint64]uint64{}
	for i := range code.Fixups {
		f := &code.Fixups[i]
		if f.Kind != reloc.Immediate {
			t.Errorf("instruction %d refers to a %s", f.Insn, f.Kind)
			continue
		}
		want[uint64(f.Insn)] = o.immediate(f).Addr
	}
	p, err := o.programSpec(o.Program("numbers"), nil)
	if err != nil {
		t.Fatal(err)
	}
	seven := false
	for it := p.Instructions.Iterate(); it.Next(); {
		if n, ok := want[uint64(it.Offset)]; ok {
			if uint64(it.Ins.Constant) != n || it.Ins.Src != 0 || it.Ins.Reference() != "" {
				t.Errorf("instruction %d is %v, want the number %d", it.Offset, it.Ins, n)
			}
			seven = seven || n == 7
		}
	}
	if !seven {
		t.Error("no instruction has the value that was set")
	}
	for _, m := range o.Maps {
		if m.NoCreate != (m.Origin == spec.OriginData) {
			t.Errorf("map %s: NoCreate is %v", m.Name, m.NoCreate)
		}
	}
}
