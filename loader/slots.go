// SPDX-License-Identifier: MIT

package loader

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"slices"

	"github.com/cilium/ebpf"
	"golang.org/x/sys/unix"

	"github.com/bpfload/bpfload/internal/sys"
	"github.com/bpfload/bpfload/spec"
)

// fillMaps writes the slots of a map of maps. All of them go in one command where
// the kernel has it: each command waits until no program can still see what the
// slot held before.
type fillMaps struct{ to *createMap }

func (op *fillMaps) step() Step {
	var b bytes.Buffer
	for i, v := range op.to.spec.Values {
		if i > 0 {
			b.WriteString(", ")
		}
		if i == 8 {
			fmt.Fprintf(&b, "and %d more", len(op.to.spec.Values)-i)
			break
		}
		fmt.Fprintf(&b, "%d: %s", v.Index, printable(v.Map))
	}
	return Step{Op: "fill-maps", Map: op.to.spec.Name, Detail: b.String()}
}

// keep says which slots of a map that was there before hold another map than the
// object's own.
func (op *fillMaps) keep(l *load) {
	for _, v := range op.to.spec.Values {
		if i := l.mapIndex(v.Map); i >= 0 && l.maps[i].held && !l.maps[i].reused {
			l.warn(spec.Warning{Code: "slot-not-written", Section: op.to.spec.Place.Section, Offset: op.to.spec.Place.Offset, Symbol: op.to.spec.Name,
				Message: fmt.Sprintf("slot %d keeps the map it holds instead of the new %q, since the map of maps was there before", v.Index, v.Map)})
		}
	}
}

func (op *fillMaps) run(_ context.Context, l *load) error {
	m := &l.maps[op.to.index]
	if !m.held {
		return nil
	}
	if m.reused {
		op.keep(l)
		return nil
	}
	keySize := int(m.attr.KeySize)
	var keys, values []byte
	n := 0
	for _, v := range op.to.spec.Values {
		i := l.mapIndex(v.Map)
		if i < 0 || !l.maps[i].held {
			l.warn(spec.Warning{Code: "slot-left-empty", Section: op.to.spec.Place.Section, Offset: op.to.spec.Place.Offset, Symbol: op.to.spec.Name,
				Message: fmt.Sprintf("slot %d stays empty, since map %q was not created", v.Index, v.Map)})
			continue
		}
		keys = append(keys, slotKey(v.Index, keySize)...)
		values = binary.NativeEndian.AppendUint32(values, uint32(l.maps[i].fd))
		n++
	}
	if err := l.updateMany(m.fd, keys, values, n, keySize); err != nil {
		return op.to.fail(l, "filling its slots", err)
	}
	return nil
}

// slotKey encodes a slot's number as a key.
func slotKey(index uint32, size int) []byte {
	var b [8]byte
	if !nativeBig {
		binary.LittleEndian.PutUint64(b[:], uint64(index))
		if size <= 8 {
			return b[:size]
		}
		return append(b[:], make([]byte, size-8)...)
	}
	binary.BigEndian.PutUint64(b[:], uint64(index))
	if size <= 8 {
		return b[8-size:]
	}
	return append(make([]byte, size-8), b[:]...)
}

// updateMany writes n elements whose values take 4 bytes.
func (l *load) updateMany(fd int, keys, values []byte, n, keySize int) error {
	if n > 1 {
		_, err := l.k.BPF(&sys.MapUpdateBatch{Batch: sys.Batch{Keys: sys.Bytes(keys), Values: sys.Bytes(values), Count: uint32(n), MapFD: uint32(fd)}})
		// Kernels without batches for this map type have several ways to say so.
		if err != unix.EINVAL && err != enotsupp && err != unix.EOPNOTSUPP {
			return err
		}
	}
	for i := range n {
		a := sys.MapUpdate{Elem: sys.Elem{MapFD: uint32(fd), Key: sys.Bytes(keys[i*keySize:]), Value: sys.Bytes(values[4*i:])}}
		if _, err := l.k.BPF(&a); err != nil {
			return err
		}
	}
	return nil
}

// setProgram puts a program into a slot of a prog array.
type setProgram struct {
	mapIndex int
	m        *spec.Map
	slot     uint32
	program  int
	name     string
}

func (op *setProgram) step() Step {
	return Step{Op: "set-slot", Map: op.m.Name, Detail: fmt.Sprintf("%d: %s", op.slot, printable(op.name))}
}

func (op *setProgram) run(_ context.Context, l *load) error {
	m, p := &l.maps[op.mapIndex], &l.programs[op.program]
	switch {
	case !p.held, !m.held:
		op.warn(l, "slot-left-empty", fmt.Sprintf("slot %d stays empty, since program %q was not loaded", op.slot, op.name))
		return nil
	case m.reused:
		op.warn(l, "slot-not-written", fmt.Sprintf("slot %d keeps the program it holds instead of %q, since the map was there before", op.slot, op.name))
		return nil
	}
	value := binary.NativeEndian.AppendUint32(nil, uint32(p.fd))
	a := sys.MapUpdate{Elem: sys.Elem{MapFD: uint32(m.fd), Key: sys.Bytes(slotKey(op.slot, int(m.attr.KeySize))), Value: sys.Bytes(value)}}
	if _, err := l.k.BPF(&a); err != nil {
		e := op.refusal(l, err)
		e.Class = errnoClassOf(err)
		return e
	}
	return nil
}

// refusal is the error for a slot that does not take its program, with what is behind
// EINVAL if that is the type.
func (op *setProgram) refusal(l *load, err error) *Error {
	e := &Error{Class: ClassRefused, Code: "slot-refused", Map: op.m.Name, Doing: fmt.Sprintf("putting program %q into slot %d", op.name, op.slot), Err: err}
	if other := op.unlike(l); err == unix.EINVAL && other != nil {
		e.Err = fmt.Errorf("it is %s, and %q, which uses the map, is %s: %w", spec.ProgramTypeName(l.o.Programs[op.program].Type), other.Name, spec.ProgramTypeName(other.Type), err)
		e.Advice = "give each type of program a prog_array of its own"
	}
	return e
}

// check says that the kernel will refuse the slot, without asking it: no kernel has let
// programs of two types into one prog array. An extension counts as the program that it
// extends, which is not known here.
func (op *setProgram) check(l *load) error {
	other := op.unlike(l)
	if other == nil || other.Type == ebpf.Extension || l.o.Programs[op.program].Type == ebpf.Extension {
		return nil
	}
	return op.refusal(l, unix.EINVAL)
}

// unlike returns a program of another type that is in the map or jumps through it: the
// kernel lets programs of one type share a prog array. It returns nil where there is none.
func (op *setProgram) unlike(l *load) *spec.Program {
	mine := l.o.Programs[op.program].Type
	for i, code := range l.plan.codes {
		if p := l.o.Programs[i]; code != nil && p.Type != mine && (refersTo(code, op.mapIndex) || op.holds(p)) {
			return p
		}
	}
	return nil
}

// holds says whether a slot of the map is for a program.
func (op *setProgram) holds(p *spec.Program) bool {
	return slices.ContainsFunc(op.m.Values, func(v spec.Slot) bool { return v.Program == p.Name })
}

func (op *setProgram) warn(l *load, code, message string) {
	l.warn(spec.Warning{Code: code, Section: op.m.Place.Section, Offset: op.m.Place.Offset, Symbol: op.m.Name, Message: message})
}
