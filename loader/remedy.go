// SPDX-License-Identifier: MIT

package loader

import (
	"golang.org/x/sys/unix"

	"github.com/bpfload/bpfload/internal/sys"
	"github.com/bpfload/bpfload/rawbtf"
	"github.com/bpfload/bpfload/reloc"
)

// A remedy rewrites what older kernels do not know about a program. One is tried
// after a refusal that it may end, never beforehand.
type remedy uint8

const (
	// withoutRecords leaves out which functions and source lines the
	// instructions are from, which Linux takes since 5.0.
	withoutRecords remedy = 1 << iota
	// withContexts writes into the types of functions what the tag arg:ctx
	// says, which Linux knows since 6.8.
	withContexts
	// withoutAttachType leaves out what the place to attach to is, where it only
	// repeats the type; Linux takes it since 4.17.
	withoutAttachType
	// withAddresses gives the address of a kernel function as a number, of which
	// Linux takes the BTF id since 6.4: programs ask whether it is 0.
	withAddresses
	// withoutName leaves out the program's name, which Linux takes since 4.15.
	withoutName
	// withProbeRead calls the helpers that read memory of the kernel and of the user
	// alike where a program calls one for either, which Linux has since 5.5.
	withProbeRead
)

// The first kernels with names of programs and maps, with func_info and line_info, with
// expected_attach_type, with bpf_probe_read_kernel and bpf_probe_read_user, and with BTF
// ids of functions in 64-bit loads.
var (
	namesSince      = linux(4, 15)
	attachTypeSince = linux(4, 17)
	recordsSince    = linux(5, 0)
	probeReadsSince = linux(5, 5)
	functionsSince  = linux(6, 4)
)

// rewrite says whether there is another form of a refused program to try, and makes
// attr return it.
func (op *loadProgram) rewrite(l *load, a *sys.ProgLoad, err error) bool {
	switch {
	case op.remedies&withoutRecords == 0 && op.refusesRecords(l, a, err):
		op.remedies |= withoutRecords
	case op.remedies&withoutAttachType == 0 && op.spec.AttachTypeOptional && a.ExpectedAttachType != 0 &&
		(err == unix.E2BIG || err == unix.EINVAL) && l.olderThan(attachTypeSince):
		op.remedies |= withoutAttachType
	case op.remedies&withAddresses == 0 && err == unix.EINVAL && l.olderThan(functionsSince) && op.addresses(l):
		op.remedies |= withAddresses
	case op.remedies&withoutName == 0 && err == unix.E2BIG && l.olderThan(namesSince):
		op.remedies |= withoutName
	case op.remedies&withProbeRead == 0 && err == unix.EINVAL && l.olderThan(probeReadsSince) && readWithOldHelpers(op.code):
		op.remedies |= withProbeRead
	case op.remedies&withContexts == 0 && (err == unix.EINVAL || err == unix.EACCES) && l.olderThan(tagsSince) && a.FuncInfoCnt > 0:
		c := l.withContexts()
		if c == nil || !c.calls(op) {
			return false
		}
		op.remedies |= withContexts
	default:
		return false
	}
	return true
}

// refusesRecords says whether a kernel refused a program for the records of its
// functions and lines: one that does not know these attributes, or whose records are
// shorter, which it says by writing their size over ours.
func (op *loadProgram) refusesRecords(l *load, a *sys.ProgLoad, err error) bool {
	if err != unix.E2BIG || a.FuncInfoCnt == 0 {
		return false
	}
	return a.FuncInfoRecSize != funcInfoSize || a.LineInfoCnt > 0 && a.LineInfoRecSize != lineInfoSize || l.olderThan(recordsSince)
}

// addresses writes the addresses of kernel functions into the instructions that load
// them, and says whether there were any and all are known.
func (op *loadProgram) addresses(l *load) bool {
	var names []string
	places := make(map[uint32]int) // in names, by instruction
	for i := range op.code.Fixups {
		f := &op.code.Fixups[i]
		if f.Kind != reloc.KfuncAddr {
			continue
		}
		if v, err := l.resolved.value(l, f); err == nil && !v.Missing {
			places[f.Insn] = len(names)
			names = append(names, rawbtf.EssentialName(l.o.linker.Externs()[f.Index].Name))
		}
	}
	if len(names) == 0 {
		return false
	}
	symbols, err := l.ids.Symbols(names)
	if err != nil {
		return false
	}
	for _, s := range symbols {
		if !s.Found {
			return false
		}
	}
	return op.code.Finish(func(f *reloc.Fixup) (reloc.Value, error) {
		if at, ok := places[f.Insn]; ok && f.Kind == reloc.KfuncAddr {
			f.Kind = reloc.KsymTypeless
			return reloc.Value{Addr: symbols[at].Address}, nil
		}
		return l.resolve(op, f)
	}) == nil
}

// readWithOldHelpers calls bpf_probe_read and bpf_probe_read_str wherever code calls
// the helpers for one kind of memory, as libbpf does, and says whether it does.
func readWithOldHelpers(code *reloc.Code) (found bool) {
	for insn := code.Insns; len(insn) >= 8; insn = insn[8:] {
		id, ok := helperOf(insn, code.Big)
		switch {
		case !ok:
			continue
		case id == helperProbeReadUser || id == helperProbeReadKernel:
			id = helperProbeRead
		case id == helperProbeReadUserStr || id == helperProbeReadKernelStr:
			id = helperProbeReadStr
		default:
			continue
		}
		byteOrder(code.Big).PutUint32(insn[4:], id)
		found = true
	}
	return found
}
