// SPDX-License-Identifier: MIT

package loader

import (
	"context"
	"errors"

	"github.com/bpfload/bpfload/elf"
	"github.com/bpfload/bpfload/globals"
	"github.com/bpfload/bpfload/internal/extern"
	"github.com/bpfload/bpfload/internal/kernel"
	"github.com/bpfload/bpfload/rawbtf"
	"github.com/bpfload/bpfload/reloc"
	"github.com/bpfload/bpfload/spec"
	"github.com/bpfload/bpfload/structops"
)

// resolveKernel finds in the kernel what programs and maps refer to. It comes
// before anything is created: what is missing is missing for certain.
type resolveKernel struct{ needs *needs }

func (op *resolveKernel) step() Step { return Step{Op: "resolve", Detail: op.needs.String()} }

// resolution is what came of it.
type resolution struct {
	needs   *needs
	symbols []extern.Symbol // by index in needs.externs
	kconfig []byte
	targets map[int]extern.Target        // by program
	layouts map[int]*structops.Layout    // by map
	members map[int]structops.Attachment // by program
	poison  map[int][]poison             // by program

	modules []string // whose BTF is needed
	fds     []int    // of modules
	fdArray []int32  // for programs: an unused one, then fds

	// Where each program is to be tried even if others cannot be resolved,
	// errors are kept here instead of ending the load.
	keep        bool
	programErrs map[int]error       // by program
	symbolErrs  []error             // by index in needs.externs
	kconfigErrs map[rawbtf.ID]error // by variable
}

// fault keeps an error of a program, or returns it for the load to end with.
func (r *resolution) fault(program int, err error) error {
	if err == nil || !r.keep {
		return err
	}
	if r.programErrs == nil {
		r.programErrs = make(map[int]error)
	}
	if r.programErrs[program] == nil {
		r.programErrs[program] = err
	}
	return nil
}

// A poison is a CO-RE relocation that failed: only a program that reaches its
// instruction is refused.
type poison struct {
	insn uint32
	what func() string // the type, field or enumerator that is meant
	// explain says what the kernel lacks. It searches all of the kernel's
	// names, and most poisoned instructions are never reached: call it for a
	// program that was refused.
	explain func() string
}

func (op *resolveKernel) run(_ context.Context, l *load) error {
	r := &l.resolved
	r.needs = op.needs
	if err := l.announce(op.needs); err != nil {
		return err
	}
	if err := l.relocate(op.needs); err != nil {
		return err
	}
	if err := l.findSymbols(op.needs); err != nil {
		return err
	}
	if op.needs.kconfig {
		if err := l.findConfig(); err != nil {
			return err
		}
	}
	if err := l.findTargets(op.needs); err != nil {
		return err
	}
	if err := l.layoutStructOps(op.needs); err != nil {
		return err
	}
	return r.openModules(l)
}

// types returns the kernel's types. Those that a caller gave serve CO-RE; ids must
// be the running kernel's own.
func (l *load) types(k *kernel.Kernel) (*kernel.Types, error) {
	t, err := k.Types()
	if errors.Is(err, kernel.ErrNoBTF) {
		return nil, &Error{Class: ClassNoKernelBTF, Code: "kernel-btf", Err: err, Advice: "give the BTF of this very kernel with --btf FILE"}
	}
	if err != nil {
		return nil, &Error{Class: ClassOther, Code: "kernel-btf", Doing: "reading the kernel's types", Err: err}
	}
	return t, nil
}

// announce tells the kernel's types all that will be asked of them, so that one
// walk answers everything.
func (l *load) announce(n *needs) error {
	if len(n.externs)+len(n.targets)+len(n.structOps) == 0 {
		return nil
	}
	types, err := l.ids.Types()
	if err != nil {
		return nil // whoever needs them says so
	}
	extern.Want(n.externs, types)
	for _, i := range n.targets {
		if p := l.o.Programs[i]; p.AttachTo != "" && l.opts.Targets[p.Name] == nil {
			extern.WantTarget(p.AttachType, p.AttachTo, types)
		}
	}
	for _, ops := range n.structOps {
		ops.Want(l.o.types, types)
	}
	return nil
}

func (l *load) findSymbols(n *needs) error {
	if len(n.externs) == 0 {
		return nil
	}
	r := &l.resolved
	symbols, warnings, err := extern.Ksyms(l.o.types, n.externs, l.ids)
	switch {
	case err == nil:
	case !r.keep:
		return externError(err)
	default:
		symbols, warnings = l.findEachSymbol(n)
	}
	l.warnings = append(l.warnings, warnings...)
	r.symbols = symbols
	for _, s := range symbols {
		r.addModule(s.Module)
	}
	return nil
}

// findEachSymbol resolves what can be resolved, and keeps the errors of the others.
func (l *load) findEachSymbol(n *needs) (symbols []extern.Symbol, warnings []spec.Warning) {
	symbols = make([]extern.Symbol, len(n.externs))
	l.resolved.symbolErrs = make([]error, len(n.externs))
	for i := range n.externs {
		one, more, err := extern.Ksyms(l.o.types, n.externs[i:i+1], l.ids)
		if err != nil {
			l.resolved.symbolErrs[i] = externError(err)
			continue
		}
		symbols[i] = one[0]
		warnings = append(warnings, more...)
	}
	return symbols, warnings
}

// externError classifies what package extern has to say: the kernel lacks
// something, or has something else under the name.
func externError(err error) *Error {
	e := &Error{Class: ClassFeature, Code: "kernel-symbol", Err: err}
	switch {
	case errors.Is(err, kernel.ErrNoBTF):
		e.Class, e.Code = ClassNoKernelBTF, "kernel-btf"
	case errors.Is(err, extern.ErrValue):
		e.Class, e.Code = ClassObject, "kconfig-value"
	case errors.Is(err, extern.ErrMissing), errors.Is(err, extern.ErrIncompatible), errors.Is(err, extern.ErrAmbiguous), errors.Is(err, structops.ErrMissing):
	case errors.Is(err, elf.ErrUnsupported), errors.Is(err, elf.ErrMalformed):
		e.Class, e.Code = ClassObject, "object"
	}
	return e
}

// findConfig fills in the values of configuration variables. What only programs that
// are not loaded want may be missing.
func (l *load) findConfig() error {
	r := &l.resolved
	used := make(map[rawbtf.ID]bool)
	for _, code := range l.plan.codes {
		if code == nil {
			continue
		}
		for i := range code.Fixups {
			if f := &code.Fixups[i]; f.Kind == reloc.KconfigValue {
				used[f.ID] = true
			}
		}
	}
	for i, m := range l.o.Maps {
		if m.Origin != spec.OriginKconfig {
			continue
		}
		r.kconfig = make([]byte, l.o.Maps[i].ValueSize)
		for j := range l.o.kconfig {
			v := &l.o.kconfig[j]
			warnings, err := extern.Kconfig(r.kconfig, nativeBig, l.o.kconfig[j:j+1], l.facts)
			l.warnings = append(l.warnings, warnings...)
			switch {
			case err == nil:
			case !used[v.Var]:
				l.warn(spec.Warning{Code: "kconfig-unused", Section: globals.KconfigSection, Offset: uint64(v.Offset), Symbol: v.Name,
					Message: "is 0, which no program that is loaded reads: " + unplaced(err)})
			case r.keep:
				if r.kconfigErrs == nil {
					r.kconfigErrs = make(map[rawbtf.ID]error)
				}
				r.kconfigErrs[v.Var] = externError(err)
			default:
				return externError(err)
			}
		}
	}
	return nil
}

// unplaced is what a located error says, without its place.
func unplaced(err error) string {
	if at := (*elf.Error)(nil); errors.As(err, &at) {
		return at.Err.Error()
	}
	return err.Error()
}

// value says what an extern is, or the number that stands for a variable.
func (r *resolution) value(l *load, f *reloc.Fixup) (reloc.Value, error) {
	switch f.Kind {
	case reloc.KconfigValue:
		return l.configValue(f)
	case reloc.Immediate:
		return l.o.immediate(f), nil
	}
	i := r.needs.index[f.Index]
	if r.symbolErrs != nil && r.symbolErrs[i] != nil {
		return reloc.Value{}, r.symbolErrs[i]
	}
	s := &r.symbols[i]
	v := reloc.Value{Missing: s.Missing, Addr: s.Address, ID: s.ID, FD: r.moduleFD(s.Module)}
	if s.Module != "" {
		v.FDIndex = int16(r.module(s.Module) + 1)
	}
	return v, nil
}

// configValue is the place of a configuration variable.
func (l *load) configValue(f *reloc.Fixup) (reloc.Value, error) {
	if err := l.resolved.kconfigErrs[f.ID]; err != nil {
		return reloc.Value{}, err
	}
	at := -1
	for i := range l.o.kconfig {
		if l.o.kconfig[i].Var == f.ID {
			at = i
		}
	}
	i := l.indexOf(f.Map)
	if at < 0 || i < 0 || !l.maps[i].held {
		return reloc.Value{Missing: true}, nil
	}
	return reloc.Value{FD: l.maps[i].fd, Offset: uint64(l.o.kconfig[at].Offset)}, nil
}

func (l *load) indexOf(m *spec.Map) int {
	for i := range l.o.Maps {
		if l.o.Maps[i] == m {
			return i
		}
	}
	return -1
}
