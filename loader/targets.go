// SPDX-License-Identifier: MIT

package loader

import (
	"errors"
	"fmt"

	"github.com/cilium/ebpf"

	"github.com/bpfload/bpfload/internal/extern"
	"github.com/bpfload/bpfload/internal/sys"
	"github.com/bpfload/bpfload/rawbtf"
)

// findTargets finds what programs attach to in the kernel's types.
func (l *load) findTargets(n *needs) error {
	for _, i := range n.targets {
		if err := l.resolved.fault(i, l.findTarget(i)); err != nil {
			return err
		}
	}
	return nil
}

func (l *load) findTarget(i int) error {
	p := l.o.Programs[i]
	switch {
	case l.opts.Targets[p.Name] != nil:
		return nil // in that program's types, when it is loaded
	case p.Type == ebpf.Extension:
		return &Error{Class: ClassUsage, Code: "target-missing", Program: p.Name, Err: fmt.Errorf("it replaces function %q of a program, and nobody said which program", p.AttachTo),
			Advice: "give the program in LoadOptions.Targets, or with --target " + p.Name + "=PIN"}
	case p.AttachTo == "":
		return &Error{Class: ClassObject, Code: "target-missing", Program: p.Name, Err: errors.New("the section name says no function to attach to"),
			Advice: "write SEC(\"" + p.Section + "/FUNCTION\")"}
	}
	types, err := l.types(l.ids)
	if err != nil {
		return err
	}
	target, err := extern.FindTarget(p.AttachType, p.AttachTo, types)
	if err != nil {
		e := externError(err)
		e.Code, e.Program = "attach-target", p.Name
		return e
	}
	if l.resolved.targets == nil {
		l.resolved.targets = make(map[int]extern.Target)
	}
	l.resolved.targets[i] = target
	l.resolved.addModule(target.Module)
	return nil
}

// target adds to a program what it attaches to.
func (r *resolution) target(l *load, op *loadProgram, a *sys.ProgLoad) error {
	if len(r.fdArray) > 0 {
		a.FDArray = sys.Int32s(r.fdArray)
	}
	if m, ok := r.members[op.index]; ok {
		a.AttachBTFID, a.ExpectedAttachType, a.AttachBTFObjFD = m.Struct, m.Member, uint32(r.moduleFD(m.Module))
		return nil
	}
	if t, ok := r.targets[op.index]; ok {
		a.AttachBTFID, a.AttachBTFObjFD = t.ID, uint32(r.moduleFD(t.Module))
		return nil
	}
	if p := l.opts.Targets[op.spec.Name]; p != nil {
		id, err := l.functionIn(p.FD(), op.spec.AttachTo)
		if err != nil {
			return &Error{Class: ClassOther, Code: "attach-target", Program: op.spec.Name, Doing: "finding what it replaces or traces", Err: err}
		}
		a.AttachBTFID, a.AttachBTFObjFD = id, uint32(p.FD())
	}
	if op.spec.Type == ebpf.StructOps {
		return &Error{Class: ClassObject, Code: "attach-target", Program: op.spec.Name, Doing: "finding what it implements",
			Err:    errors.New("no struct_ops variable that is created uses it"),
			Advice: "put the function into a variable in SEC(\".struct_ops.link\"), or call its section ?struct_ops, which loads it for a variable only"}
	}
	return nil
}

// functionIn finds a function of a loaded program.
func (l *load) functionIn(fd int, name string) (rawbtf.ID, error) {
	types, err := programTypes(l.k, fd)
	if err != nil {
		return 0, err
	}
	return extern.FindFunction(name, types)
}
