// SPDX-License-Identifier: MIT

package mapops

import (
	"encoding/binary"
	"errors"
	"strings"
	"testing"

	"github.com/cilium/ebpf"
	"github.com/google/go-cmp/cmp"
	"golang.org/x/sys/unix"

	"github.com/bpfload/bpfload/internal/sys"
	"github.com/bpfload/bpfload/loader"
)

// wantError checks what a caller can act on.
func wantError(t *testing.T, err error, exit int, code, text string) {
	t.Helper()
	var e *loader.Error
	if !errors.As(err, &e) {
		t.Fatalf("got %v, want a *loader.Error", err)
	}
	if e.ExitCode() != exit || e.Code != code || !strings.Contains(e.Error(), text) {
		t.Errorf("got exit %d, code %q, %q; want %d, %q, and %q in the text", e.ExitCode(), e.Code, e, exit, code, text)
	}
}

func TestElements(t *testing.T) {
	m := newFake().create(t, hashOf32)
	_, err := m.Lookup(u32(1), Any)
	wantError(t, err, 1, "key-missing", `map "h": looking up 1: no such key`)
	if !errors.Is(err, ErrNotFound) || !errors.Is(err, unix.ENOENT) {
		t.Errorf("%v does not match ErrNotFound and ENOENT", err)
	}
	if err := m.Update(u32(1), u32(10), NoExist); err != nil {
		t.Fatal(err)
	}
	err = m.Update(u32(1), u32(11), NoExist)
	wantError(t, err, 1, "key-exists", "the key already exists")
	if !errors.Is(err, ErrExists) {
		t.Errorf("%v does not match ErrExists", err)
	}
	wantError(t, m.Update(u32(2), u32(11), Exist), 1, "key-missing", "the flag exist asks for one")
	if got, err := m.Lookup(u32(1), Any); err != nil || binary.NativeEndian.Uint32(got) != 10 {
		t.Errorf("got %v, %v; want 10", got, err)
	}
	if got, err := m.Pop(u32(1), Any); err != nil || binary.NativeEndian.Uint32(got) != 10 {
		t.Errorf("got %v, %v; want 10", got, err)
	}
	wantError(t, m.Delete(u32(1)), 1, "key-missing", "deleting 1")
	_, err = m.Pop(u32(1), Any)
	wantError(t, err, 1, "key-missing", "taking 1")
	_, err = m.Next(nil)
	wantError(t, err, 1, "no-more-keys", "finding the first key: there are no keys")
	fill(t, m, 2)
	if key, err := m.Next(u32(0)); err != nil || !cmp.Equal(key, u32(1)) {
		t.Errorf("got %v, %v; want key 1", key, err)
	}
	_, err = m.Next(u32(1))
	wantError(t, err, 1, "no-more-keys", "finding the key after 1: it is the last one")
	fill(t, m, 64)
	wantError(t, m.Update(u32(64), u32(0), Any), 71, "map-full", "it is full (max_entries is 64) (E2BIG)")
}

func TestSizes(t *testing.T) {
	m := newFake().create(t, hashOf32)
	for name, call := range map[string]func() error{
		"lookup": func() error { _, err := m.Lookup([]byte{1}, Any); return err },
		"key":    func() error { return m.Update([]byte{1}, u32(1), Any) },
		"value":  func() error { return m.Update(u32(1), []byte{1}, Any) },
		"delete": func() error { return m.Delete(nil) },
		"pop":    func() error { _, err := m.Pop(nil, Any); return err },
		"next":   func() error { _, err := m.Next([]byte{1}); return err },
		"batch":  func() error { _, err := m.UpdateBatch(t.Context(), u32(1), nil, Any); return err },
		"keys":   func() error { _, err := m.DeleteBatch(t.Context(), []byte{1}); return err },
		"cpu":    func() error { _, err := m.Lookup(u32(1), OnCPU(0)); return err },
	} {
		t.Run(name, func(t *testing.T) {
			err := call()
			var e *loader.Error
			if !errors.As(err, &e) || e.Class != loader.ClassUsage {
				t.Errorf("got %v, want an error of class usage", err)
			}
		})
	}
}

func TestQueue(t *testing.T) {
	m := newFake().create(t, Definition{Name: "q", Type: ebpf.Queue, ValueSize: 4, MaxEntries: 2})
	if !m.Keyless() {
		t.Error("a queue has keys")
	}
	_, err := m.Pop(nil, Any)
	wantError(t, err, 1, "map-empty", "the queue is empty")
	for i := 1; i <= 2; i++ {
		if err := m.Update(nil, u32(i), Any); err != nil {
			t.Fatal(err)
		}
	}
	wantError(t, m.Update(nil, u32(3), Any), 71, "map-full", "writing a value: it is full")
	if err := m.Update(nil, u32(3), Exist); err != nil {
		t.Fatal(err)
	}
	if got, err := m.Lookup(nil, Any); err != nil || !cmp.Equal(got, u32(2)) {
		t.Errorf("got %v, %v; want 2", got, err)
	}
	for _, err := range m.All(t.Context()) {
		wantError(t, err, 71, "not-supported", "elements of this queue cannot be listed")
	}
}

func TestBloomFilter(t *testing.T) {
	m := newFake().create(t, Definition{Type: ebpf.BloomFilter, ValueSize: 4, MaxEntries: 2})
	if !m.IsBloomFilter() {
		t.Error("not a bloom filter")
	}
	if err := m.Update(nil, u32(5), Any); err != nil {
		t.Fatal(err)
	}
	for value, want := range map[int]bool{5: true, 6: false} {
		if got, err := m.Contains(u32(value)); got != want || err != nil {
			t.Errorf("contains %d: got %v, %v; want %v", value, got, err, want)
		}
	}
	if _, err := m.Contains(nil); err == nil {
		t.Error("no error for a value of 0 bytes")
	}
}

func TestPerCPU(t *testing.T) {
	m := newFake().create(t, Definition{Type: ebpf.PerCPUArray, ValueSize: 4, MaxEntries: 2})
	if !m.PerCPU() || m.CPUs() != fakeCPUs || m.ValueLen() != 8*fakeCPUs {
		t.Errorf("per-CPU %v, %d CPUs, %d bytes", m.PerCPU(), m.CPUs(), m.ValueLen())
	}
	value, err := m.ParseValue("[1,2,3]")
	if err != nil {
		t.Fatal(err)
	}
	if err := m.Update(u32(0), value, Any); err != nil {
		t.Fatal(err)
	}
	if got, err := m.Lookup(u32(0), OnCPU(1)); err != nil || !cmp.Equal(got, u32(2)) {
		t.Errorf("got %v, %v; want 2", got, err)
	}
	_, err = m.Lookup(u32(0), OnCPU(fakeCPUs))
	wantError(t, err, 2, "map-cpu", "there is no CPU 3: 3 are possible")
	err = m.Update(u32(0), u32(7), OnCPU(1))
	wantError(t, err, 3, "feature-missing", "this kernel has no BPF_F_CPU for a percpu_array")
}

// The value of one CPU goes to the kernel in a whole word.
func TestUpdateOneCPU(t *testing.T) {
	f := newFake()
	m := f.create(t, Definition{Type: ebpf.PerCPUArray, ValueSize: 4, MaxEntries: 2})
	f.answer = func(a sys.Attr) (int, error) {
		if u, ok := a.(*sys.MapUpdate); ok {
			if u.Flags != 8|2<<32 || !cmp.Equal(u.Value.Peek(8), []byte{1, 2, 3, 4, 0, 0, 0, 0}) {
				t.Errorf("flags %#x, value %v", u.Flags, u.Value.Peek(8))
			}
		}
		return 0, nil
	}
	m.Update(u32(0), []byte{1, 2, 3, 4}, OnCPU(2))
}

func TestFreeze(t *testing.T) {
	f := newFake()
	m := f.create(t, hashOf32)
	if m.Frozen() {
		t.Error("frozen at birth")
	}
	if err := m.Freeze(); err != nil {
		t.Fatal(err)
	}
	f.info = "map_type:\t1\nfrozen:\t1\n"
	err := m.Update(u32(1), u32(1), Any)
	wantError(t, err, 71, "map-frozen", "it is frozen (EPERM)")
	n, err := m.UpdateBatch(t.Context(), u32(1), u32(1), Any)
	if wantError(t, err, 71, "map-frozen", "it is frozen"); n != 0 {
		t.Errorf("%d elements written into a frozen map", n)
	}
}

func TestParseFlags(t *testing.T) {
	for text, want := range map[string]Flags{"": Any, "any": Any, "noexist": NoExist, "exist": Exist, "exist,lock": Exist | Lock, "lock": Lock, " noexist , lock ": NoExist | Lock} {
		if got, err := ParseFlags(text); got != want || err != nil {
			t.Errorf("%q: got %d, %v; want %d", text, got, err, want)
		}
	}
	for _, text := range []string{"sometimes", "exist,noexist"} {
		if _, err := ParseFlags(text); err == nil {
			t.Errorf("%q: no error", text)
		}
	}
}

// What an errno means depends on the operation and on the map.
func TestErrnos(t *testing.T) {
	lookup := func(m *Map) error { _, err := m.Lookup(make([]byte, m.KeySize), Any); return err }
	update := func(flags Flags) func(m *Map) error {
		return func(m *Map) error { return m.Update(make([]byte, m.KeySize), make([]byte, m.ValueLen()), flags) }
	}
	remove := func(m *Map) error { return m.Delete(make([]byte, m.KeySize)) }
	pop := func(m *Map) error { _, err := m.Pop(make([]byte, m.KeySize), Any); return err }
	next := func(m *Map) error { _, err := m.Next(nil); return err }
	freeze := func(m *Map) error { return m.Freeze() }
	walk := func(m *Map) error {
		for _, err := range m.All(t.Context()) {
			return err
		}
		return nil
	}
	for name, c := range map[string]struct {
		typ   ebpf.MapType
		flags uint32
		call  func(*Map) error
		errno unix.Errno
		caps  uint64
		exit  int
		code  string
		text  string
	}{
		"busy":                {typ: ebpf.Hash, call: update(Any), errno: unix.EBUSY, exit: 75, code: "again", text: "busy"},
		"no memory":           {typ: ebpf.Hash, call: update(Any), errno: unix.ENOMEM, exit: 75, code: "again", text: "memory"},
		"no capability":       {typ: ebpf.Hash, call: lookup, errno: unix.EPERM, exit: 4, code: "capability", text: "not permitted"},
		"read-only":           {typ: ebpf.Hash, flags: 1 << 3, call: update(Any), errno: unix.EPERM, exit: 71, code: "map-read-only", text: "BPF_F_RDONLY"},
		"write-only":          {typ: ebpf.Hash, flags: 1 << 4, call: lookup, errno: unix.EPERM, exit: 71, code: "map-write-only", text: "BPF_F_WRONLY"},
		"pop of an old hash":  {typ: ebpf.Hash, call: pop, errno: enotsupp, exit: 3, code: "feature-missing", text: "Linux 5.14"},
		"pop of an array":     {typ: ebpf.Array, call: pop, errno: unix.EINVAL, exit: 71, code: "not-supported", text: "elements of this array cannot be taken"},
		"delete of an array":  {typ: ebpf.Array, call: remove, errno: unix.EINVAL, exit: 71, code: "not-supported", text: "are always there"},
		"empty slot":          {typ: ebpf.ProgramArray, call: lookup, errno: unix.ENOENT, exit: 1, code: "key-missing", text: "the slot is empty"},
		"wrong program":       {typ: ebpf.ProgramArray, call: update(Any), errno: unix.EINVAL, exit: 71, code: "value-refused", text: "does not take this program"},
		"wrong devmap value":  {typ: ebpf.DevMap, call: update(Any), errno: unix.EINVAL, exit: 71, code: "value-refused", text: "xdp/devmap"},
		"wrong cpumap value":  {typ: ebpf.CPUMap, call: update(Any), errno: unix.EINVAL, exit: 71, code: "value-refused", text: "xdp/cpumap"},
		"no spin lock":        {typ: ebpf.Hash, call: update(Lock), errno: unix.EINVAL, exit: 71, code: "no-spin-lock", text: "struct bpf_spin_lock"},
		"bad descriptor":      {typ: ebpf.ProgramArray, call: update(Any), errno: unix.EBADF, exit: 2, code: "map-value", text: "is not a program"},
		"bad key descriptor":  {typ: ebpf.TaskStorage, call: lookup, errno: unix.EBADF, exit: 2, code: "map-key", text: "is not a process"},
		"no list of storage":  {typ: ebpf.TaskStorage, call: next, errno: enotsupp, exit: 71, code: "not-supported", text: "cannot be listed"},
		"walk of a ring":      {typ: ebpf.RingBuf, call: walk, exit: 71, code: "not-supported", text: "elements of this ringbuf"},
		"socket without room": {typ: ebpf.SockMap, call: lookup, errno: unix.ENOSPC, exit: 71, code: "not-supported", text: "8 bytes"},
		"freeze refused":      {typ: ebpf.StructOpsMap, call: freeze, errno: enotsupp, exit: 71, code: "not-supported", text: "this struct_ops cannot be frozen"},
		"full trie":           {typ: ebpf.LPMTrie, call: update(Any), errno: unix.ENOSPC, exit: 71, code: "map-full", text: "it is full"},
		"other":               {typ: ebpf.Hash, call: update(Any), errno: unix.EDOM, exit: 71, code: "refused", text: "writing"},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFake()
			f.Caps = c.caps
			key, value := settled(c.typ)
			d := Definition{Type: c.typ, KeySize: 8, ValueSize: 4, MaxEntries: 4096, Flags: c.flags}
			if key >= 0 {
				d.KeySize = 0
			}
			if value >= 0 {
				d.ValueSize = 0
			}
			if traitsOf(c.typ).keys != holdsNothing {
				d.MaxEntries = 0
			}
			m := f.create(t, d)
			f.answer = func(sys.Attr) (int, error) {
				if c.errno == 0 {
					return 0, nil
				}
				return 0, c.errno
			}
			wantError(t, c.call(m), c.exit, c.code, c.text)
		})
	}
}

func TestOutOfRange(t *testing.T) {
	m := newFake().create(t, Definition{Name: "a", Type: ebpf.Array, ValueSize: 4, MaxEntries: 3})
	_, err := m.Lookup(u32(3), Any)
	wantError(t, err, 1, "key-missing", "looking up 3: out of range: keys are 0 to 2")
	wantError(t, m.Update(u32(3), u32(0), Any), 71, "key-out-of-range", "writing 3: out of range: keys are 0 to 2 (E2BIG)")
}
