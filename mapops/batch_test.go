// SPDX-License-Identifier: MIT

package mapops

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/cilium/ebpf"
	"golang.org/x/sys/unix"

	"github.com/bpfload/bpfload/internal/sys"
)

// many returns n keys and values from first on.
func many(first, n int) (keys, values []byte) {
	for i := first; i < first+n; i++ {
		keys, values = append(keys, u32(i)...), append(values, u32(10*i)...)
	}
	return keys, values
}

func TestUpdateBatch(t *testing.T) {
	for _, batches := range []bool{true, false} {
		t.Run(fmt.Sprintf("batches=%v", batches), func(t *testing.T) {
			f := newFake()
			f.batches = batches
			d := hashOf32
			d.MaxEntries = 2*perBatch + 10
			m := f.create(t, d)
			keys, values := many(0, int(d.MaxEntries))
			f.n = 0
			n, err := m.UpdateBatch(t.Context(), keys, values, Any)
			if n != int(d.MaxEntries) || err != nil {
				t.Fatalf("got %d, %v", n, err)
			}
			if batches && f.n != 3 {
				t.Errorf("%d commands, want 3", f.n)
			}
			// Two more do not fit.
			keys, values = many(5, 1)
			k, v := many(100000, 2)
			n, err = m.UpdateBatch(t.Context(), append(keys, k...), append(values, v...), Any)
			wantError(t, err, 71, "map-full", "writing 100000")
			if n != 1 {
				t.Errorf("%d written, want 1", n)
			}
			n, err = m.DeleteBatch(t.Context(), append(u32(5), append(u32(100000), u32(6)...)...))
			wantError(t, err, 1, "key-missing", "deleting 100000: no such key")
			if n != 1 {
				t.Errorf("%d deleted, want 1", n)
			}
			if _, err := m.Lookup(u32(6), Any); err != nil {
				t.Error("a key after the missing one was deleted")
			}
		})
	}
}

// The kernel's batches know no noexist.
func TestUpdateBatchNoExist(t *testing.T) {
	m := newFake().create(t, hashOf32)
	fill(t, m, 3)
	keys, values := many(1, 1)
	k, v := many(10, 1)
	n, err := m.UpdateBatch(t.Context(), append(k, keys...), append(v, values...), NoExist)
	wantError(t, err, 1, "key-exists", "writing 1: the key already exists")
	if n != 1 {
		t.Errorf("%d written, want 1", n)
	}
}

func TestUpdateBatchOfQueue(t *testing.T) {
	m := newFake().create(t, Definition{Type: ebpf.Queue, ValueSize: 4, MaxEntries: 2})
	_, values := many(0, 3)
	n, err := m.UpdateBatch(t.Context(), nil, values, Any)
	wantError(t, err, 71, "map-full", "it is full")
	if n != 2 {
		t.Errorf("%d written, want 2", n)
	}
}

// A batch that is refused before it begins leaves the count as it was, which must
// not be taken for success.
func TestBatchRefused(t *testing.T) {
	f := newFake()
	m := f.create(t, hashOf32)
	keys, values := many(0, 5)
	f.answer = func(a sys.Attr) (int, error) {
		if batchOf(a) != nil {
			return -1, unix.EPERM
		}
		return 0, nil
	}
	for name, call := range map[string]func() (int, error){
		"update": func() (int, error) { return m.UpdateBatch(t.Context(), keys, values, Any) },
		"delete": func() (int, error) { return m.DeleteBatch(t.Context(), keys) },
	} {
		if n, err := call(); n != 0 || !errors.Is(err, unix.EPERM) {
			t.Errorf("%s: got %d, %v; want 0 and EPERM", name, n, err)
		}
	}
}

func TestBatchCancelled(t *testing.T) {
	m := newFake().create(t, hashOf32)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	keys, values := many(0, 5)
	if n, err := m.UpdateBatch(ctx, keys, values, Any); n != 0 || !errors.Is(err, context.Canceled) {
		t.Errorf("update: got %d, %v", n, err)
	}
	if n, err := m.DeleteBatch(ctx, keys); n != 0 || !errors.Is(err, context.Canceled) {
		t.Errorf("delete: got %d, %v", n, err)
	}
	if n, err := m.Drain(ctx, 0, func(Entry) error { return nil }); n != 0 || !errors.Is(err, context.Canceled) {
		t.Errorf("drain: got %d, %v", n, err)
	}
	var out bytes.Buffer
	if n, err := m.Export(ctx, &out, nil); n != 0 || !errors.Is(err, context.Canceled) {
		t.Errorf("export: got %d, %v", n, err)
	}
}
