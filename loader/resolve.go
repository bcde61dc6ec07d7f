// SPDX-License-Identifier: MIT

package loader

import (
	"context"
	"errors"

	"github.com/bpfload/bpfload/elf"
	"github.com/bpfload/bpfload/internal/kernel"
	"github.com/bpfload/bpfload/internal/rawbtf"
	"github.com/bpfload/bpfload/internal/sys"
	"github.com/bpfload/bpfload/reloc"
	"github.com/bpfload/bpfload/reloc/core"
	"github.com/bpfload/bpfload/reloc/extern"
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
}

// A poison is a CO-RE relocation that failed: only a program that reaches its
// instruction is refused.
type poison struct {
	insn uint32
	text string
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
	relos := make([][]core.Relocation, len(l.plan.codes))
	for i, code := range l.plan.codes {
		if code == nil || len(code.Relos) == 0 {
			continue
		}
		relos[i] = make([]core.Relocation, len(code.Relos))
		for j, rel := range code.Relos {
			relos[i][j] = core.Relocation{Insn: rel.Insn, Type: rel.Type, Access: rel.Access, Kind: core.Kind(rel.Kind)}
		}
		resolver.Want(relos[i])
	}
	for i, code := range l.plan.codes {
		if relos[i] == nil {
			continue
		}
		results, err := resolver.Apply(code.Insns, relos[i])
		if err != nil {
			return l.coreError(i, code, err)
		}
		for j, result := range results {
			if result.Failure != core.Applied {
				l.resolved.addPoison(i, poison{relos[i][j].Insn, resolver.Explain(relos[i][j], result.Failure)})
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

func (l *load) findSymbols(n *needs) error {
	if len(n.externs) == 0 {
		return nil
	}
	symbols, warnings, err := extern.Ksyms(l.o.types, n.externs, l.ids)
	if err != nil {
		return externError(err)
	}
	l.warnings = append(l.warnings, warnings...)
	l.resolved.symbols = symbols
	for _, s := range symbols {
		l.resolved.addModule(s.Module)
	}
	return nil
}

// externError classifies what package extern has to say: the kernel lacks
// something, or has something else under the name.
func externError(err error) error {
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

func (l *load) findConfig() error {
	for i, m := range l.o.Maps {
		if m.Origin != spec.OriginKconfig {
			continue
		}
		value := make([]byte, l.o.Maps[i].ValueSize)
		warnings, err := extern.Kconfig(value, nativeBig, l.o.kconfig, l.facts)
		if err != nil {
			return externError(err)
		}
		l.warnings = append(l.warnings, warnings...)
		l.resolved.kconfig = value
	}
	return nil
}

func (l *load) findTargets(n *needs) error {
	for _, i := range n.targets {
		p := l.o.Programs[i]
		if l.opts.Targets[p.Name] != nil {
			continue // in that program's types, when it is loaded
		}
		if p.AttachTo == "" {
			return &Error{Class: ClassObject, Code: "target-missing", Program: p.Name, Err: errors.New("the section name says no function to attach to"),
				Advice: "write SEC(\"" + p.Section + "/FUNCTION\")"}
		}
		types, err := l.types(l.ids)
		if err != nil {
			return err
		}
		target, err := extern.FindTarget(p.AttachType, p.AttachTo, types)
		if err != nil {
			e := externError(err).(*Error)
			e.Code, e.Program = "attach-target", p.Name
			return e
		}
		if l.resolved.targets == nil {
			l.resolved.targets = make(map[int]extern.Target)
		}
		l.resolved.targets[i] = target
		l.resolved.addModule(target.Module)
	}
	return nil
}

func (r *resolution) addModule(name string) {
	if name != "" && r.module(name) < 0 {
		r.modules = append(r.modules, name)
	}
}

func (r *resolution) module(name string) int {
	for i, m := range r.modules {
		if m == name {
			return i
		}
	}
	return -1
}

// openModules gets descriptors of the BTF of the modules that something is in.
func (r *resolution) openModules(l *load) error {
	if len(r.modules) == 0 {
		return nil
	}
	fds, err := kernel.OpenModules(btfObjects{l.k}, r.modules)
	if err != nil {
		return &Error{Class: errnoClassOf(err), Code: "module-btf", Doing: "opening the BTF of modules", Err: err}
	}
	r.fds = fds
	r.fdArray = make([]int32, 1, len(fds)+1)
	for _, fd := range fds {
		r.fdArray = append(r.fdArray, int32(fd))
	}
	return nil
}

// moduleFD returns the descriptor of a module's BTF, 0 for the kernel's own.
func (r *resolution) moduleFD(name string) int {
	if i := r.module(name); i >= 0 && i < len(r.fds) {
		return r.fds[i]
	}
	return 0
}

func (r *resolution) close(k sys.Kernel) {
	for _, fd := range r.fds {
		k.Close(fd)
	}
	r.fds = nil
}

// value says what an extern is.
func (r *resolution) value(l *load, f *reloc.Fixup) (reloc.Value, error) {
	if f.Kind == reloc.KconfigValue {
		return l.configValue(f)
	}
	s := &r.symbols[r.needs.index[f.Index]]
	v := reloc.Value{Missing: s.Missing, Addr: s.Address, ID: s.ID, FD: r.moduleFD(s.Module)}
	if s.Module != "" {
		v.FDIndex = int16(r.module(s.Module) + 1)
	}
	return v, nil
}

// configValue is the place of a configuration variable.
func (l *load) configValue(f *reloc.Fixup) (reloc.Value, error) {
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
