// SPDX-License-Identifier: MIT

package loader

import (
	"context"
	"errors"
	"unsafe"

	"github.com/cilium/ebpf"
	"golang.org/x/sys/unix"

	"github.com/bpfload/bpfload/internal/plain"
	"github.com/bpfload/bpfload/internal/sys"
	"github.com/bpfload/bpfload/reloc"
	"github.com/bpfload/bpfload/spec"
)

// loadProgram hands a linked program to the verifier.
type loadProgram struct {
	index    int
	spec     *spec.Program
	code     *reloc.Code
	optional bool // may fail
	remedies remedy
}

func (op *loadProgram) step() Step {
	p := op.spec
	s := spec.ProgramTypeName(p.Type) + ", " + plain.Count(op.code.Len(), "instruction")
	if p.AttachTo != "" {
		s += ", for " + p.AttachTo
	}
	return Step{Op: "load-program", Program: p.Name, Detail: s}
}

// run loads a program on its own; a load passes programs in batches.
func (op *loadProgram) run(ctx context.Context, l *load) error {
	return l.loadPrograms(ctx, []*loadProgram{op})
}

// finish writes what only this load knows into the instructions.
func (op *loadProgram) finish(l *load) error {
	if err := l.resolved.programErrs[op.index]; err != nil {
		return err
	}
	if err := op.code.Finish(func(f *reloc.Fixup) (reloc.Value, error) { return l.resolve(op, f) }); err != nil {
		e := *classify(err) // may be shared with other programs
		e.Program, e.Doing = op.spec.Name, "resolving what it refers to"
		return &e
	}
	return nil
}

// resolve says what an instruction refers to.
func (l *load) resolve(op *loadProgram, f *reloc.Fixup) (reloc.Value, error) {
	switch f.Kind {
	case reloc.MapFD, reloc.MapValue:
		return l.resolveMap(f)
	case reloc.InsnArray:
		return l.resolveTable(op, f)
	}
	return l.resolved.value(l, f)
}

func (l *load) resolveMap(f *reloc.Fixup) (reloc.Value, error) {
	if f.Map != nil && f.Map.Origin == spec.OriginArena {
		return l.resolveArena(f)
	}
	m := &l.maps[f.Index]
	if !m.held {
		return reloc.Value{Missing: true}, nil
	}
	return reloc.Value{FD: m.fd}, nil
}

// attr returns the attributes of the program but for a log.
func (op *loadProgram) attr(l *load) (*sys.ProgLoad, error) {
	p, c := op.spec, op.code
	a := &sys.ProgLoad{
		ProgType:           uint32(p.Type),
		InsnCnt:            uint32(c.Len()),
		Insns:              sys.Bytes(c.Insns),
		License:            sys.CString(l.o.License),
		KernVersion:        l.kernelVersion(p),
		ProgFlags:          p.Flags,
		ProgName:           sys.NewName(p.Name),
		ExpectedAttachType: uint32(op.attachType(l)),
	}
	if op.remedies&withoutName != 0 {
		a.ProgName = sys.Name{}
	}
	op.records(l, a)
	l.useToken(&a.ProgFlags, &a.ProgTokenFD)
	return a, l.resolved.target(l, op, a)
}

// attachType is that of the object but for static probes of user programs, which are
// loaded for links to many places where the kernel has those, as libbpf does.
func (op *loadProgram) attachType(l *load) ebpf.AttachType {
	p := op.spec
	switch {
	case op.remedies&withoutAttachType != 0:
		return 0
	case !p.USDT || p.AttachType != 0:
		return p.AttachType
	}
	if many, err := l.ids.HasUprobeMulti(); err != nil || !many {
		return 0
	}
	return ebpf.AttachTraceUprobeMulti
}

// The sizes of the records of functions and lines, the least that any kernel takes.
const (
	funcInfoSize = uint32(unsafe.Sizeof(reloc.FuncInfo{}))
	lineInfoSize = uint32(unsafe.Sizeof(reloc.LineInfo{}))
)

// records adds which functions and source lines the instructions are from.
func (op *loadProgram) records(l *load, a *sys.ProgLoad) {
	funcs, lines, btf := op.code.Funcs, op.code.Lines, l.btf
	if btf < 0 || len(funcs) == 0 || l.noFuncs || op.remedies&withoutRecords != 0 {
		return
	}
	if op.remedies&withContexts != 0 {
		funcs, btf = l.contexts.functions(op), l.contexts.fd
	}
	a.ProgBTFFD = uint32(btf)
	a.FuncInfo = sys.Of(&funcs[0])
	a.FuncInfoCnt = uint32(len(funcs))
	a.FuncInfoRecSize = funcInfoSize
	if len(lines) > 0 {
		a.LineInfo = sys.Of(&lines[0])
		a.LineInfoCnt = uint32(len(lines))
		a.LineInfoRecSize = lineInfoSize
	}
}

// kernelVersion is what kernels before 5.0 compare with their own for kprobes.
func (l *load) kernelVersion(p *spec.Program) uint32 {
	if l.o.KernelVersion != 0 {
		return l.o.KernelVersion
	}
	v, err := l.facts.Version()
	if err != nil {
		return 0
	}
	return v
}

// submit loads the program.
func (op *loadProgram) submit(l *load) (int, error) {
	return op.hand(l, func(*sys.ProgLoad) {})
}

// hand loads the program in whichever form the kernel takes. What add adds to the
// attributes goes with each form.
func (op *loadProgram) hand(l *load, add func(*sys.ProgLoad)) (int, error) {
	if err := op.finish(l); err != nil {
		return -1, err
	}
	for {
		a, err := op.attr(l)
		if err != nil {
			return -1, err
		}
		add(a)
		fd, err := l.k.BPF(a)
		if err == unix.EPERM && l.raiseMemlock() {
			fd, err = l.k.BPF(a)
		}
		if err == nil {
			return fd, nil
		}
		if !op.rewrite(l, a, err) {
			return -1, op.fail(err)
		}
	}
}

// fail is the error for a refused program, as far as an errno tells.
func (op *loadProgram) fail(err error) *Error {
	class := errnoClassOf(err)
	if errors.Is(err, unix.EACCES) {
		class = ClassRefused // the verifier's favourite; it is not about permissions
	}
	return &Error{Class: class, Code: "program-refused", Program: op.spec.Name, Doing: "loading the program", Err: err}
}
