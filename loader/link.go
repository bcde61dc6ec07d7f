// SPDX-License-Identifier: MIT

package loader

import (
	"fmt"

	"github.com/bpfload/bpfload/elf"
	"github.com/bpfload/bpfload/reloc"
	"github.com/bpfload/bpfload/spec"
)

// maxInsns is how many instructions an object's programs may have together, 128 MiB of
// them: each has a copy of what it calls.
const maxInsns = 1 << 24

// link links the programs that are to be loaded. The error is that of the first in
// file order.
func (b *planner) link() error {
	b.plan.codes = make([]*reloc.Code, len(b.o.Programs))
	total := 0
	for i, p := range b.o.Programs {
		if !b.o.wants(p) {
			continue
		}
		code, err := b.o.linkProgram(p)
		if err != nil {
			if b.linkFailed == nil {
				return err
			}
			b.linkFailed(i, err)
			continue
		}
		if total += code.Len(); total > maxInsns {
			return &Error{Class: ClassObject, Code: "object", Program: p.Name, Doing: "linking the program",
				Err: elf.Unsupported("this program and those before it have more than %d instructions with all that they call", maxInsns)}
		}
		b.plan.Warnings = append(b.plan.Warnings, code.Warnings...)
		b.plan.codes[i] = code
	}
	return nil
}

// wants says whether a program is to be loaded. One that implements struct_ops is
// if a variable that is to be created refers to it.
func (o *Object) wants(p *spec.Program) bool {
	used := false
	for _, ops := range o.ops {
		for i := range ops.Callbacks {
			if ops.Callbacks[i].Program == p {
				used = true
				if !ops.Map.NoCreate {
					return true
				}
			}
		}
	}
	return p.Autoload && !used
}

func (o *Object) linkProgram(prog *spec.Program) (*reloc.Code, error) {
	if prog.Type == 0 {
		return nil, untyped(prog)
	}
	code, err := o.linker.Link(prog)
	if err != nil {
		e := classify(err)
		e.Program, e.Doing = prog.Name, "linking the program"
		return nil, e
	}
	return code, nil
}

// untyped is the error for a program in a section whose name means nothing.
func untyped(p *spec.Program) *Error {
	section := p.Place.Section
	return &Error{Class: ClassObject, Code: "section-unknown", Program: p.Name,
		Err:    fmt.Errorf("section %q says no program type that any loader knows", section),
		Advice: fmt.Sprintf("add --type %s=TYPE, such as --type %s=xdp", p.Section, p.Section)}
}
