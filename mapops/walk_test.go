// SPDX-License-Identifier: MIT

package mapops

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"testing"

	"github.com/cilium/ebpf"
	"github.com/google/go-cmp/cmp"
	"golang.org/x/sys/unix"

	"github.com/bpfload/bpfload/internal/sys"
	"github.com/bpfload/bpfload/loader"
)

func u32(n int) []byte { return binary.NativeEndian.AppendUint32(nil, uint32(n)) }

// fill writes n elements, key i with value 10*i.
func fill(t testing.TB, m *Map, n int) {
	t.Helper()
	for i := range n {
		if err := m.Update(u32(i), u32(10*i), Any); err != nil {
			t.Fatal(err)
		}
	}
}

// walk collects a map's keys and checks the values.
func walk(t testing.TB, m *Map) ([]int, error) {
	t.Helper()
	var keys []int
	for e, err := range m.All(t.Context()) {
		if err != nil {
			return keys, err
		}
		k := int(binary.NativeEndian.Uint32(e.Key))
		if v := int(binary.NativeEndian.Uint32(e.Value)); v != 10*k {
			t.Errorf("key %d has value %d", k, v)
		}
		keys = append(keys, k)
	}
	return keys, nil
}

func upTo(n int) []int {
	var s []int
	for i := range n {
		s = append(s, i)
	}
	return s
}

var hashOf32 = Definition{Name: "h", Type: ebpf.Hash, KeySize: 4, ValueSize: 4, MaxEntries: 64}

func TestWalk(t *testing.T) {
	for name, typ := range map[string]ebpf.MapType{"hash": ebpf.Hash, "lru_hash": ebpf.LRUHash, "array": ebpf.Array, "devmap_hash": ebpf.DevMapHash, "cgroup_storage": ebpf.CGroupStorage} {
		for _, batches := range []bool{true, false} {
			t.Run(fmt.Sprintf("%s batches=%v", name, batches), func(t *testing.T) {
				f := newFake()
				f.batches = batches
				d := Definition{Type: typ, KeySize: 4, ValueSize: 4, MaxEntries: 30}
				if typ == ebpf.CGroupStorage {
					d.MaxEntries = 0
				}
				m := f.create(t, d)
				m.MaxEntries = 30
				f.Object(m.fd).Map.MaxEntries = 30
				fill(t, m, 30)
				got, err := walk(t, m)
				if err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(upTo(30), got); diff != "" {
					t.Error(diff)
				}
			})
		}
	}
}

// A map with room for one element has batches for one, and a bucket that holds
// more makes room for more.
func TestWalkGrows(t *testing.T) {
	f := newFake()
	m := f.create(t, hashOf32)
	fill(t, m, 10)
	m.MaxEntries = 1
	got, err := walk(t, m)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(upTo(10), got); diff != "" {
		t.Error(diff)
	}
}

func TestWalkNeverFits(t *testing.T) {
	f := newFake()
	m := f.create(t, hashOf32)
	fill(t, m, 10)
	f.answer = func(a sys.Attr) (int, error) {
		if _, ok := a.(*sys.MapLookupBatch); ok {
			return 0, unix.ENOSPC
		}
		return 0, nil
	}
	if _, err := walk(t, m); !errors.Is(err, unix.ENOSPC) {
		t.Errorf("got %v, want ENOSPC", err)
	}
}

// Without batches, a key deleted under the walk makes the kernel begin anew. Every
// key that stays is reported, and none twice.
func TestWalkRestarts(t *testing.T) {
	f := newFake()
	f.batches = false
	m := f.create(t, hashOf32)
	fill(t, m, 20)
	deleted := 0
	f.before = func(a sys.Attr) {
		next, ok := a.(*sys.MapNextKey)
		if !ok || next.Key.IsNil() || deleted == 5 {
			return
		}
		// The key that the walk stands at vanishes, each fourth time.
		if k := int(binary.NativeEndian.Uint32(next.Key.Peek(4))); k%4 == 3 {
			s := f.elems[m.ID]
			if i := s.find(u32(k)); i >= 0 {
				s.drop(i)
				deleted++
			}
		}
	}
	got, err := walk(t, m)
	if err != nil {
		t.Fatal(err)
	}
	seen := map[int]bool{}
	for _, k := range got {
		if seen[k] {
			t.Errorf("key %d is reported twice", k)
		}
		seen[k] = true
	}
	for k := range 20 {
		if k%4 != 3 && !seen[k] {
			t.Errorf("key %d is missing", k)
		}
	}
	if deleted != 5 {
		t.Errorf("%d keys were deleted, want 5: the test tests nothing", deleted)
	}
}

// A map in which the kernel always finds its way back to one key has no end.
func TestWalkGivesUp(t *testing.T) {
	f := newFake()
	f.batches = false
	m := f.create(t, hashOf32)
	fill(t, m, 4)
	f.answer = func(a sys.Attr) (int, error) {
		if next, ok := a.(*sys.MapNextKey); ok {
			copy(next.Value.Peek(4), u32(2)) // always the same key
			return 0, errAgain
		}
		return 0, nil
	}
	m.k = &stuck{f}
	_, err := walk(t, m)
	var e *loader.Error
	if !errors.Is(err, ErrChanging) || !errors.As(err, &e) || e.ExitCode() != 75 {
		t.Errorf("got %v, want ErrChanging with exit code 75", err)
	}
}

var errAgain = errors.New("again")

// stuck is a kernel where the key after any key is 2.
type stuck struct{ *fake }

func (s *stuck) BPF(a sys.Attr) (int, error) {
	n, err := s.fake.BPF(a)
	if err == errAgain {
		return 0, nil
	}
	return n, err
}

// Elements that vanish while the kernel fills a batch make it give up for a while.
func TestWalkInterrupted(t *testing.T) {
	for name, answer := range map[string]error{"EINTR": unix.EINTR, "nothing": errAgain} {
		t.Run(name, func(t *testing.T) {
			f := newFake()
			m := f.create(t, hashOf32)
			fill(t, m, 10)
			m.k = &stuck{f}
			n := 0
			f.answer = func(a sys.Attr) (int, error) {
				if _, ok := a.(*sys.MapLookupBatch); ok && n < 3 {
					n++
					return 0, answer
				}
				return 0, nil
			}
			got, err := walk(t, m)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(upTo(10), got); diff != "" {
				t.Error(diff)
			}
			n = -1000
			if _, err := walk(t, m); !errors.Is(err, ErrChanging) {
				t.Errorf("got %v after a hundred interruptions, want ErrChanging", err)
			}
		})
	}
}

func TestWalkStops(t *testing.T) {
	for _, batches := range []bool{true, false} {
		f := newFake()
		f.batches = batches
		m := f.create(t, hashOf32)
		fill(t, m, 10)
		n := 0
		for _, err := range m.All(t.Context()) {
			if err != nil {
				t.Fatal(err)
			}
			if n++; n == 3 {
				break
			}
		}
		if n != 3 {
			t.Errorf("%d elements after break at 3", n)
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		for _, err := range m.All(ctx) {
			if !errors.Is(err, context.Canceled) {
				t.Errorf("got %v, want the context's error", err)
			}
		}
	}
}
