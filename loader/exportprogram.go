// SPDX-License-Identifier: MIT

package loader

import (
	"bytes"
	"errors"
	"fmt"
	"slices"

	"github.com/cilium/ebpf"
	"github.com/cilium/ebpf/asm"
	"github.com/cilium/ebpf/btf"

	"github.com/bpfload/bpfload/reloc"
	"github.com/bpfload/bpfload/spec"
)

func (x *exporter) exportProgram(p *spec.Program) {
	leave := func(reason string) { x.lose(Loss{Program: p.Name, Left: true, Reason: reason}) }
	if !p.Autoload {
		leave("it is loaded only when asked for")
		return
	}
	if p.Type == ebpf.StructOps {
		leave("programs of struct_ops are told apart by type and member there")
		return
	}
	if x.out.Programs[p.Name] != nil {
		leave("another program has the same name")
		return
	}
	s, err := x.o.programSpec(p, x.ext)
	if err != nil {
		leave(err.Error())
		return
	}
	if p.PinPath != "" {
		x.lose(Loss{Program: p.Name, Reason: "the path of its pin, " + p.PinPath})
	}
	if p.TailCall != nil {
		x.lose(Loss{Program: p.Name, Reason: fmt.Sprintf("that it goes into slot %d of prog array %q", p.TailCall.Index, x.o.TailCallMap(p.TailCall))})
	}
	x.out.Programs[p.Name] = s
}

// ProgramSpec returns one program, linked with all that it calls, in the form of
// github.com/cilium/ebpf. References to maps are by name. The error says what that
// form cannot express.
func (o *Object) ProgramSpec(p *spec.Program) (*ebpf.ProgramSpec, error) {
	x := exporter{o: o, out: &ebpf.CollectionSpec{}}
	x.loadTypes()
	if len(x.losses) > 0 {
		return nil, errors.New(x.losses[0].String())
	}
	return o.programSpec(p, x.ext)
}

func (o *Object) programSpec(p *spec.Program, ext *btf.ExtInfos) (*ebpf.ProgramSpec, error) {
	code, err := o.linkProgram(p)
	if err != nil {
		return nil, err
	}
	insns, err := o.instructions(code)
	if err != nil {
		return nil, err
	}
	if err := o.addMetadata(insns, code, ext); err != nil {
		return nil, err
	}
	return &ebpf.ProgramSpec{
		Name: p.Name, Type: p.Type, AttachType: p.AttachType, AttachTo: p.AttachTo, SectionName: p.Place.Section,
		Instructions: insns.list, Flags: p.Flags, License: o.License, KernelVersion: o.KernelVersion, ByteOrder: o.file.ByteOrder(),
	}, nil
}

// instructions are linked code as cilium/ebpf has it: a 64-bit load is one
// instruction.
type instructions struct {
	list asm.Instructions
	at   []int32 // index in list of each 8-byte instruction, -1 for the second half of a load
}

// instructions decodes linked code and makes sure that nothing is lost by that.
func (o *Object) instructions(code *reloc.Code) (*instructions, error) {
	list, err := asm.AppendInstructions(nil, bytes.NewReader(code.Insns), o.file.ByteOrder(), "linux")
	if err != nil {
		return nil, fmt.Errorf("package asm cannot decode it: %w", err)
	}
	out := &instructions{list: list, at: make([]int32, 0, code.Len())}
	for i := range list {
		out.at = append(out.at, int32(i))
		if list[i].OpCode.IsDWordLoad() {
			out.at = append(out.at, -1)
		}
	}
	var again bytes.Buffer
	if err := slices.Clone(list).Marshal(&again, o.file.ByteOrder()); err != nil {
		return nil, fmt.Errorf("package asm cannot encode it: %w", err)
	}
	if b := again.Bytes(); !bytes.Equal(b, code.Insns) {
		for i := 0; i < len(b) && i < len(code.Insns); i += 8 {
			if !bytes.Equal(b[i:i+8], code.Insns[i:i+8]) {
				return nil, fmt.Errorf("package asm turns instruction %d, % x, into % x", i/8, code.Insns[i:i+8], b[i:i+8])
			}
		}
	}
	return out, o.addReferences(out, code)
}

// addReferences makes instructions refer to maps by name.
func (o *Object) addReferences(out *instructions, code *reloc.Code) error {
	for i := range code.Fixups {
		f := &code.Fixups[i]
		ins := &out.list[out.at[f.Insn]]
		switch f.Kind {
		case reloc.MapFD:
			ins.Src, ins.Constant = asm.PseudoMapFD, 0
		case reloc.MapValue:
			if f.Map.Origin == spec.OriginArena {
				return errors.New("variables in an arena are not known there")
			}
			ins.Src, ins.Constant = asm.PseudoMapValue, int64(f.Offset<<32)
		case reloc.Immediate:
			ins.Constant = int64(o.immediate(f).Addr)
			continue
		default:
			return fmt.Errorf("%s %q depends on the running kernel, and is resolved by unexported metadata there", kindName(f.Kind), f.Name)
		}
		*ins = ins.WithReference(f.Map.Name)
	}
	return nil
}

func kindName(k reloc.FixupKind) string {
	switch k {
	case reloc.KconfigValue:
		return "the configuration variable"
	case reloc.KfuncCall, reloc.KfuncAddr:
		return "the kernel function"
	case reloc.InsnArray:
		return "the jump table"
	}
	return "the kernel symbol"
}

// addMetadata names the functions and adds what .BTF.ext says of the instructions.
func (o *Object) addMetadata(out *instructions, code *reloc.Code, ext *btf.ExtInfos) error {
	hidden := o.hiddenNames()
	for _, part := range code.Parts {
		first := &out.list[out.at[part.Insn]]
		*first = first.WithSymbol(part.Function)
		if ext == nil {
			continue
		}
		funcs, lines, relos := ext.Section(part.Section)
		begin, end := part.Offset/8, part.Offset/8+uint64(part.Len)
		place := func(off asm.RawInstructionOffset) *asm.Instruction {
			if n := uint64(off); n >= begin && n < end {
				if i := out.at[part.Insn+uint32(n-begin)]; i >= 0 {
					return &out.list[i]
				}
			}
			return nil
		}
		for _, f := range funcs {
			if ins := place(f.Offset); ins != nil {
				*ins = btf.WithFuncMetadata(*ins, static(f.Func, hidden))
			}
		}
		for _, l := range lines {
			if ins := place(l.Offset); ins != nil {
				*ins = ins.WithSource(l.Line)
			}
		}
		for _, r := range relos {
			if ins := place(r.Offset); ins != nil {
				*ins = btf.WithCORERelocationMetadata(*ins, r.Relo)
			}
		}
	}
	return nil
}

// static makes a hidden function static, as it is for the verifier.
func static(f *btf.Func, hidden func(string) bool) *btf.Func {
	if hidden == nil || !hidden(f.Name) {
		return f
	}
	c := *f
	c.Linkage = btf.StaticFunc
	return &c
}
