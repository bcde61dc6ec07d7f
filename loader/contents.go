// SPDX-License-Identifier: MIT

package loader

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"

	"github.com/bpfload/bpfload/internal/sys"
	"github.com/bpfload/bpfload/spec"
)

// contents returns the initial value of a data map: what Variable.Set made of it,
// or the section as it is in the file; nil stands for zeros.
func (o *Object) contents(m *spec.Map) []byte {
	if b, ok := o.values[m]; ok {
		return b
	}
	return m.Contents
}

func zero(b []byte) bool {
	for len(b) >= 8 {
		if binary.NativeEndian.Uint64(b) != 0 {
			return false
		}
		b = b[8:]
	}
	return len(bytes.Trim(b, "\x00")) == 0
}

// writeData puts the contents of a data section into its map. Sections of zeros
// need none: maps are made of zeros.
type writeData struct {
	to   *createMap
	data []byte
}

func (op *writeData) step() Step {
	return Step{Op: "write-data", Map: op.to.spec.Name, Detail: fmt.Sprintf("%d bytes", len(op.data))}
}

func (op *writeData) run(_ context.Context, l *load) error {
	return l.writeValue(op.to, op.data)
}

// writeValue writes the only element of a data map. A map that was there before
// keeps what it holds.
func (l *load) writeValue(op *createMap, data []byte) error {
	m := &l.maps[op.index]
	if !m.held || m.reused {
		return nil
	}
	if n := int(m.attr.ValueSize); len(data) < n {
		data = append(data[:len(data):len(data)], make([]byte, n-len(data))...)
	}
	a := sys.MapUpdate{Elem: sys.Elem{MapFD: uint32(m.fd), Key: sys.Bytes(make([]byte, 4)), Value: sys.Bytes(data)}}
	if _, err := l.k.BPF(&a); err != nil {
		return op.fail(l, "writing its contents", err)
	}
	return nil
}

// freezeMap keeps user space from writing a map from now on, so that the verifier
// may take what is in it for constants.
type freezeMap struct{ to *createMap }

func (op *freezeMap) step() Step { return Step{Op: "freeze-map", Map: op.to.spec.Name} }

func (op *freezeMap) run(_ context.Context, l *load) error {
	m := &l.maps[op.to.index]
	if !m.held || m.reused {
		return nil
	}
	if _, err := l.k.BPF(&sys.MapFreeze{MapFD: uint32(m.fd)}); err != nil {
		return op.to.fail(l, "freezing the map", err)
	}
	return nil
}

// writeKconfig puts the kernel's configuration into the map of configuration
// variables.
type writeKconfig struct{ to *createMap }

func (op *writeKconfig) step() Step {
	return Step{Op: "write-data", Map: op.to.spec.Name, Detail: "values of the kernel's configuration"}
}

func (op *writeKconfig) run(_ context.Context, l *load) error {
	return l.writeValue(op.to, l.resolved.kconfig)
}
