// SPDX-License-Identifier: MIT

package mapops

import (
	"encoding/binary"
	"errors"
	"fmt"
	"sync"
	"testing"

	"github.com/cilium/ebpf"

	"github.com/bpfload/bpfload/internal/kerneltest"
)

// Batches and single operations do the same, for each type that has batches.
func TestKernelBatches(t *testing.T) {
	for _, typ := range []ebpf.MapType{ebpf.Hash, ebpf.LRUHash, ebpf.Array, ebpf.LPMTrie, ebpf.PerCPUHash, ebpf.PerCPUArray} {
		for _, noBatch := range []bool{false, true} {
			t.Run(fmt.Sprintf("%v %v", typ, noBatch), func(t *testing.T) {
				const n = 3 * perBatch
				d := Definition{Type: typ, KeySize: 4, ValueSize: 4, MaxEntries: 2 * n}
				switch typ {
				case ebpf.LPMTrie:
					d.KeySize = 8
				case ebpf.Array, ebpf.PerCPUArray:
					d.MaxEntries = n
				}
				m := real(t, d)
				m.noBatch = noBatch
				var keys, values []byte
				for i := range n {
					if typ == ebpf.LPMTrie {
						keys = append(keys, u32(32)...)
					}
					keys = append(keys, u32(i)...)
					value := make([]byte, m.ValueLen())
					copy(m.cpuValue(value, 0), u32(10*i))
					values = append(values, value...)
				}
				if done, err := m.UpdateBatch(t.Context(), keys, values, Any); done != n || err != nil {
					t.Fatalf("wrote %d, %v", done, err)
				}
				seen := make([]bool, n)
				for e, err := range m.All(t.Context()) {
					if err != nil {
						t.Fatal(err)
					}
					k := int(binary.NativeEndian.Uint32(e.Key[len(e.Key)-4:]))
					if seen[k] || int(binary.NativeEndian.Uint32(m.cpuValue(e.Value, 0))) != 10*k {
						t.Fatalf("key %d: seen before %v, value %x", k, seen[k], e.Value)
					}
					seen[k] = true
				}
				for k, ok := range seen {
					if !ok {
						t.Fatalf("key %d was not reported", k)
					}
				}
				if m.traits.array {
					return
				}
				half := len(keys) / 2
				if done, err := m.DeleteBatch(t.Context(), keys[:half]); done != n/2 || err != nil {
					t.Errorf("deleted %d, %v", done, err)
				}
				done, err := m.DeleteBatch(t.Context(), keys[half-int(m.KeySize):])
				if done != 0 || !errors.Is(err, ErrNotFound) {
					t.Errorf("deleted %d, %v; want 0 and ErrNotFound", done, err)
				}
				if !m.traits.hash {
					return
				}
				taken, err := m.Drain(t.Context(), 0, func(Entry) error { return nil })
				if noBatch && !kerneltest.Has(t, "5.14") {
					wantError(t, err, 3, "feature-missing", "Linux 5.14")
					return
				}
				if taken != n/2 || err != nil {
					t.Errorf("took %d, %v; want %d", taken, err, n/2)
				}
			})
		}
	}
}

// While others insert and delete, keys that stay are reported exactly once.
func TestKernelWalkUnderChange(t *testing.T) {
	for _, noBatch := range []bool{false, true} {
		t.Run(fmt.Sprintf("without batches %v", noBatch), func(t *testing.T) {
			const stay, churn = 2000, 500
			m := real(t, Definition{Type: ebpf.Hash, KeySize: 4, ValueSize: 4, MaxEntries: 8192})
			m.noBatch = noBatch
			fill(t, m, stay)
			other, err := Open(fmt.Sprintf("id:%d", m.ID), nil)
			if err != nil {
				t.Fatal(err)
			}
			defer other.Close()
			stop := make(chan struct{})
			var wg sync.WaitGroup
			changes := 0
			wg.Go(func() {
				for i := 0; ; i++ {
					select {
					case <-stop:
						return
					default:
					}
					key := u32(stay + i%churn)
					if err := other.Update(key, u32(10*(stay+i%churn)), Any); err != nil {
						t.Error(err)
						return
					}
					if err := other.Delete(u32(stay + (i+churn/2)%churn)); err != nil && !errors.Is(err, ErrNotFound) {
						t.Error(err)
						return
					}
					changes++
				}
			})
			for range 20 {
				seen := make([]bool, stay+churn)
				n := 0
				keys, err := walk(t, m)
				if err != nil {
					t.Error(err)
					break
				}
				for _, k := range keys {
					if seen[k] {
						t.Errorf("key %d is reported twice", k)
					}
					seen[k] = true
					if k < stay {
						n++
					}
				}
				if n != stay {
					t.Errorf("%d of %d keys that stay were reported", n, stay)
				}
			}
			close(stop)
			wg.Wait()
			if changes < 100 {
				t.Errorf("only %d changes: the test tests nothing", changes)
			}
		})
	}
}
