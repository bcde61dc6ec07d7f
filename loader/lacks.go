// SPDX-License-Identifier: MIT

package loader

import (
	"cmp"
	"context"
	"encoding/binary"
	"errors"

	"github.com/cilium/ebpf"

	"github.com/bpfload/bpfload/reloc"
	"github.com/bpfload/bpfload/spec"
)

// A Lack is something that a program refers to and that the running kernel does not
// have.
type Lack struct {
	Program string
	Kind    string // "kernel symbol", "kernel option", "attach target" or "kernel type"
	Name    string // such as "struct task_struct.nosuch"
	Reason  string
	// Certain is false for a type or field of which only the verifier can tell
	// whether the program gets to where it is used.
	Certain bool
}

// Lacks resolves what the programs that are to be loaded refer to, in the types,
// symbols and configuration of the running kernel, and returns what is not there, in
// file order. Nothing is created.
func (o *Object) Lacks(ctx context.Context) ([]Lack, error) {
	opts := (&LoadOptions{IgnorePins: true}).withDefaults()
	b := planner{o: o, opts: opts, plan: &Plan{Warnings: o.Warnings}, first: true, last: true, linkFailed: func(int, error) {}}
	if err := b.build(); err != nil {
		return nil, err
	}
	l := newLoad(o, opts, b.plan)
	l.resolved.keep = true
	defer l.rollback()
	for _, op := range l.plan.ops {
		if op, ok := op.(*resolveKernel); ok {
			if err := op.run(ctx, l); err != nil {
				return nil, err
			}
		}
	}
	var list []Lack
	for i, p := range o.Programs {
		if code := l.plan.codes[i]; code != nil {
			list = l.appendLacks(list, i, p, code)
		}
	}
	return list, nil
}

func (l *load) appendLacks(list []Lack, i int, p *spec.Program, code *reloc.Code) []Lack {
	r := &l.resolved
	if err := r.programErrs[i]; err != nil && !ofProgram(err) {
		kind := "attach target"
		if p.Type == ebpf.StructOps {
			kind = "struct_ops member"
		}
		list = append(list, Lack{p.Name, kind, cmp.Or(p.AttachTo, p.Name), cause(err), true})
	}
	for j := range code.Fixups {
		f := &code.Fixups[j]
		var err error
		kind := "kernel symbol"
		switch f.Kind {
		case reloc.KconfigValue:
			kind, err = "kernel option", r.kconfigErrs[f.ID]
		case reloc.KsymTypeless, reloc.KsymTyped, reloc.KfuncCall, reloc.KfuncAddr:
			if at := r.needs.index[f.Index]; r.symbolErrs != nil {
				err = r.symbolErrs[at]
			}
		}
		if err != nil {
			list = append(list, Lack{p.Name, kind, f.Name, cause(err), true})
		}
	}
	begun := straight(code)
	for _, poison := range r.poison[i] {
		list = append(list, Lack{p.Name, "kernel type", poison.what(), poison.explain(), begun[poison.insn]})
	}
	return list
}

// ofProgram says whether what is missing is another program, which the kernel has no
// part in.
func ofProgram(err error) bool {
	var e *Error
	return errors.As(err, &e) && e.Code == "target-missing"
}

// cause is what an error says, without the program and place that it is about.
func cause(err error) string {
	if e := (*Error)(nil); errors.As(err, &e) && e.Err != nil {
		err = e.Err
	}
	return unplaced(err)
}

// straight returns the instructions that a program is bound to come to: those before
// the first branch.
func straight(code *reloc.Code) map[uint32]bool {
	const (
		load64                 = 0x18
		jump, jump32           = 0x05, 0x06 // classes
		always, call, tailCall = 0x00, 0x80, 12
	)
	order := binary.ByteOrder(binary.LittleEndian)
	if code.Big {
		order = binary.BigEndian
	}
	begun := make(map[uint32]bool)
	for at := 0; at >= 0 && at < code.Len() && !begun[uint32(at)]; {
		begun[uint32(at)] = true
		insn := code.Insns[8*at:][:8]
		class, op := insn[0]&7, insn[0]&0xf0
		offset, imm := int(int16(order.Uint16(insn[2:]))), int(int32(order.Uint32(insn[4:])))
		switch {
		case insn[0] == load64:
			at += 2
		case class != jump && class != jump32:
			at++
		case op == always && class == jump:
			at += 1 + offset
		case op == always:
			at += 1 + imm
		case op == call && imm != tailCall:
			at++
		default: // a branch, a return, or a tail call
			return begun
		}
	}
	return begun
}
