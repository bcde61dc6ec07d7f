// SPDX-License-Identifier: MIT

package mapops

import (
	"fmt"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/bpfload/bpfload/internal/sys"
	"github.com/bpfload/bpfload/loader"
)

// Flags say how an element is written or read; they are the kernel's.
type Flags uint64

// The flags of elements, BPF_ANY and those beside it.
const (
	Any     Flags = 0 // create or change
	NoExist Flags = 1 // create only; of a queue or stack nothing
	Exist   Flags = 2 // change only; a full queue or stack drops its oldest
	Lock    Flags = 4 // hold the spin lock of the value

	flagCPU Flags = 8 // BPF_F_CPU, of Linux 7.0: the upper half says which
)

// OnCPU stands for the value of one CPU of a per-CPU map.
func OnCPU(n uint32) Flags { return flagCPU | Flags(n)<<32 }

// cpu returns the CPU that flags are about.
func (f Flags) cpu() (int, bool) { return int(f >> 32), f&flagCPU != 0 }

// ParseFlags reads a list such as "exist,lock".
func ParseFlags(text string) (Flags, error) {
	var f Flags
	for word := range strings.SplitSeq(text, ",") {
		switch strings.TrimSpace(word) {
		case "any", "":
		case "noexist":
			f |= NoExist
		case "exist":
			f |= Exist
		case "lock":
			f |= Lock
		default:
			return 0, &loader.Error{Class: loader.ClassUsage, Code: "usage", Err: fmt.Errorf("no flag %q: want any, noexist, exist or lock", strings.TrimSpace(word))}
		}
	}
	if f&NoExist != 0 && f&Exist != 0 {
		return 0, &loader.Error{Class: loader.ClassUsage, Code: "usage", Err: fmt.Errorf("noexist and exist exclude each other")}
	}
	return f, nil
}

func (m *Map) elem(key, value []byte, flags Flags) sys.Elem {
	return sys.Elem{MapFD: uint32(m.fd), Key: sys.Bytes(key), Value: sys.Bytes(value), Flags: uint64(flags)}
}

// Lookup returns the value of a key. A queue or stack takes a nil key and returns
// what [Map.Pop] would take. With [OnCPU] it is the value of that CPU alone.
func (m *Map) Lookup(key []byte, flags Flags) ([]byte, error) {
	if err := m.checkKey(key); err != nil {
		return nil, err
	}
	cpu, one := flags.cpu()
	if err := m.checkCPU(cpu, one); err != nil {
		return nil, err
	}
	value := make([]byte, m.ValueLen())
	// Reading all CPUs works on every kernel and costs no more calls.
	if err := m.lookup(key, value, flags&Lock); err != nil {
		return nil, m.fail(opLookup, err, key, flags)
	}
	if one {
		return m.cpuValue(value, cpu), nil
	}
	return value, nil
}

func (m *Map) lookup(key, value []byte, flags Flags) error {
	_, err := m.k.BPF(&sys.MapLookup{Elem: m.elem(key, value, flags)})
	return err
}

// Contains says whether a bloom filter may contain a value. False is certain.
func (m *Map) Contains(value []byte) (bool, error) {
	if err := m.checkValue(value, int(m.ValueSize)); err != nil {
		return false, err
	}
	err := m.lookup(nil, value, 0)
	if err == unix.ENOENT {
		return false, nil
	}
	if err != nil {
		return false, m.fail(opLookup, err, nil, 0)
	}
	return true, nil
}

// Update writes an element; it pushes a value where the map has no keys. With
// [OnCPU] the value is that of one CPU.
func (m *Map) Update(key, value []byte, flags Flags) error {
	if err := m.checkKey(key); err != nil {
		return err
	}
	cpu, one := flags.cpu()
	if err := m.checkCPU(cpu, one); err != nil {
		return err
	}
	want := m.ValueLen()
	if one {
		want = int(m.ValueSize)
	}
	if err := m.checkValue(value, want); err != nil {
		return err
	}
	if one {
		// The kernel reads values of whole words.
		value = append(value[:len(value):len(value)], make([]byte, m.stride()-len(value))...)
	}
	return m.fail(opUpdate, m.update(key, value, flags), key, flags)
}

func (m *Map) update(key, value []byte, flags Flags) error {
	_, err := m.k.BPF(&sys.MapUpdate{Elem: m.elem(key, value, flags)})
	return err
}

// Delete removes an element.
func (m *Map) Delete(key []byte) error {
	if err := m.checkKey(key); err != nil {
		return err
	}
	return m.fail(opDelete, m.delete(key), key, 0)
}

func (m *Map) delete(key []byte) error {
	_, err := m.k.BPF(&sys.MapDelete{Elem: m.elem(key, nil, 0)})
	return err
}

// Pop reads and removes an element in one step. A queue or stack takes a nil key;
// hashes can do it since Linux 5.14.
func (m *Map) Pop(key []byte, flags Flags) ([]byte, error) {
	if err := m.checkKey(key); err != nil {
		return nil, err
	}
	value := make([]byte, m.ValueLen())
	if _, err := m.k.BPF(&sys.MapLookupAndDelete{Elem: m.elem(key, value, flags)}); err != nil {
		return nil, m.fail(opPop, err, key, flags)
	}
	return value, nil
}

// Next returns the key after another, or the first for nil. After the last one the
// error matches [ErrNotFound]; after a key that is not there any more the kernel
// begins anew, but for arrays and tries.
func (m *Map) Next(key []byte) ([]byte, error) {
	if key != nil {
		if err := m.checkKey(key); err != nil {
			return nil, err
		}
	}
	next := make([]byte, m.KeySize)
	if err := m.nextKey(key, next); err != nil {
		return nil, m.fail(opNext, err, key, 0)
	}
	return next, nil
}

func (m *Map) nextKey(key, next []byte) error {
	_, err := m.k.BPF(&sys.MapNextKey{Elem: m.elem(key, next, 0)})
	return err
}

// Freeze keeps user space from writing the map from now on; programs still may.
// There is no way back.
func (m *Map) Freeze() error {
	_, err := m.k.BPF(&sys.MapFreeze{MapFD: uint32(m.fd)})
	return m.fail(opFreeze, err, nil, 0)
}

func (m *Map) checkKey(key []byte) error {
	if len(key) == int(m.KeySize) {
		return nil
	}
	return m.badInput("key", fmt.Errorf("%d bytes, want %d", len(key), m.KeySize))
}

func (m *Map) checkValue(value []byte, want int) error {
	if len(value) == want {
		return nil
	}
	return m.badInput("value", fmt.Errorf("%d bytes, want %d", len(value), want))
}

func (m *Map) checkCPU(cpu int, one bool) error {
	switch {
	case !one || m.traits.perCPU && cpu < m.cpus:
		return nil
	case m.traits.perCPU:
		return m.badInput("cpu", fmt.Errorf("there is no CPU %d: %d are possible", cpu, m.cpus))
	}
	return m.badInput("cpu", fmt.Errorf("this %s has one value for all CPUs", m.TypeName()))
}
