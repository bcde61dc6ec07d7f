// SPDX-License-Identifier: MIT

package loader

import (
	"errors"

	"github.com/bpfload/bpfload/reloc"
	"github.com/bpfload/bpfload/reloc/core"
)

// relocate applies CO-RE to all programs, in file order.
func (l *load) relocate(n *needs) error {
	if n.relos == 0 {
		return nil
	}
	types, err := l.types(l.facts)
	if err != nil {
		return err
	}
	resolver := core.NewResolver(l.o.types, types)
	for _, code := range l.plan.codes {
		if code != nil {
			resolver.Want(code.Relos)
		}
	}
	for i, code := range l.plan.codes {
		if code == nil || len(code.Relos) == 0 {
			continue
		}
		results, err := resolver.Apply(code.Insns, code.Relos)
		if err != nil {
			if err := l.resolved.fault(i, l.coreError(i, code, err)); err != nil {
				return err
			}
			continue
		}
		for j, result := range results {
			if result.Failure != core.Applied {
				rel, why := code.Relos[j], result.Failure
				l.resolved.addPoison(i, poison{rel.Insn, func() string { return resolver.Describe(rel) }, func() string { return resolver.Explain(rel, why) }})
			}
		}
	}
	return nil
}

func (r *resolution) addPoison(program int, p poison) {
	if r.poison == nil {
		r.poison = make(map[int][]poison)
	}
	r.poison[program] = append(r.poison[program], p)
}

func (l *load) coreError(i int, code *reloc.Code, err error) error {
	e := &Error{Class: ClassObject, Code: "core-relocation", Program: l.o.Programs[i].Name, Doing: "adapting it to the kernel's types", Err: err}
	var at *core.Error
	if errors.As(err, &at) {
		e.Err = code.Locate(at.Insn, err)
	}
	return e
}
