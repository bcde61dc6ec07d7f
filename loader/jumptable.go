// SPDX-License-Identifier: MIT

package loader

import (
	"context"
	"encoding/binary"
	"fmt"

	"github.com/bpfload/bpfload/internal/sys"
	"github.com/bpfload/bpfload/reloc"
	"github.com/bpfload/bpfload/spec"
)

// A jumpTable is the map that the kernel reads the targets of an indirect jump
// from. It belongs to one program, which keeps it alive.
type jumpTable struct {
	program int
	offset  uint64 // in .jumptables
	fd      int
}

// jumpTables plans the tables of a program.
func (b *planner) jumpTables(i int) {
	code := b.plan.codes[i]
	if code == nil {
		return
	}
	seen := map[uint64]bool{}
	for j := range code.Fixups {
		f := &code.Fixups[j]
		if f.Kind == reloc.InsnArray && !seen[f.TableOffset] {
			seen[f.TableOffset] = true
			b.plan.add(&createTable{program: i, name: b.o.Programs[i].Name, offset: f.TableOffset, targets: f.Table})
		}
	}
}

type createTable struct {
	program int
	name    string
	offset  uint64
	targets []uint32
}

func (op *createTable) step() Step {
	return Step{Op: "create-jump-table", Program: op.name, Detail: fmt.Sprintf("%d targets", len(op.targets))}
}

// sizeofTarget is the size of struct bpf_insn_array_value, which begins with the
// instruction's index.
const sizeofTarget = 16

func (op *createTable) run(_ context.Context, l *load) error {
	return l.resolved.fault(op.program, op.create(l))
}

func (op *createTable) create(l *load) error {
	fail := func(doing string, err error) error {
		e := &Error{Class: errnoClassOf(err), Code: "jump-table", Program: op.name, Doing: doing, Err: err}
		if since := mapTypeSince(spec.InsnArray); l.olderThan(since) {
			e.Class, e.Code = ClassFeature, "feature-missing"
			e.Err = &FeatureError{Feature: "indirect jumps", Since: since.String(), Err: err}
		}
		return e
	}
	a := sys.MapCreate{MapType: uint32(spec.InsnArray), KeySize: 4, ValueSize: sizeofTarget, MaxEntries: uint32(len(op.targets)), MapName: sys.NewName(".jumptables")}
	l.useToken(&a.MapFlags, &a.MapTokenFD)
	fd, err := l.k.BPF(&a)
	if err != nil {
		return fail("creating its jump table", err)
	}
	l.tables = append(l.tables, jumpTable{op.program, op.offset, fd})
	var key [4]byte
	var value [sizeofTarget]byte
	for i, target := range op.targets {
		binary.NativeEndian.PutUint32(key[:], uint32(i))
		binary.NativeEndian.PutUint32(value[:], target)
		if _, err := l.k.BPF(&sys.MapUpdate{Elem: sys.Elem{MapFD: uint32(fd), Key: sys.Bytes(key[:]), Value: sys.Bytes(value[:])}}); err != nil {
			return fail("filling its jump table", err)
		}
	}
	if _, err := l.k.BPF(&sys.MapFreeze{MapFD: uint32(fd)}); err != nil {
		return fail("freezing its jump table", err)
	}
	return nil
}

// resolveTable is the place of a jump table.
func (l *load) resolveTable(op *loadProgram, f *reloc.Fixup) (reloc.Value, error) {
	for _, t := range l.tables {
		if t.program == op.index && t.offset == f.TableOffset {
			return reloc.Value{FD: t.fd}, nil
		}
	}
	return reloc.Value{}, fmt.Errorf("no jump table was made for offset %#x", f.TableOffset)
}
