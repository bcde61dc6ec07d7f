// SPDX-License-Identifier: MIT

package mapops

import (
	"encoding/binary"
	"errors"
	"fmt"
	"testing"

	"github.com/cilium/ebpf"
	"github.com/google/go-cmp/cmp"
)

func TestDrain(t *testing.T) {
	for _, batches := range []bool{true, false} {
		for _, limit := range []int{0, 3, 9, 40} {
			t.Run(fmt.Sprintf("batches=%v limit=%d", batches, limit), func(t *testing.T) {
				f := newFake()
				f.batches = batches
				m := f.create(t, hashOf32)
				fill(t, m, 20)
				seen := map[int]bool{}
				n, err := m.Drain(t.Context(), limit, func(e Entry) error {
					seen[int(binary.NativeEndian.Uint32(e.Key))] = true
					return nil
				})
				if err != nil {
					t.Fatal(err)
				}
				want := 20
				if limit > 0 {
					want = min(limit, 20)
				}
				if n != want || len(seen) != want {
					t.Errorf("took %d elements with %d keys, want %d", n, len(seen), want)
				}
				rest, err := walk(t, m)
				if err != nil {
					t.Fatal(err)
				}
				if len(rest) != 20-want {
					t.Errorf("%d elements are left, want %d", len(rest), 20-want)
				}
				for _, k := range rest {
					if seen[k] {
						t.Errorf("key %d was taken and is there", k)
					}
				}
			})
		}
	}
}

func TestDrainValues(t *testing.T) {
	for name, c := range map[string]struct {
		typ  ebpf.MapType
		want []int
	}{"queue": {ebpf.Queue, []int{1, 2, 3}}, "stack": {ebpf.Stack, []int{3, 2, 1}}} {
		t.Run(name, func(t *testing.T) {
			m := newFake().create(t, Definition{Type: c.typ, ValueSize: 4, MaxEntries: 3})
			for i := 1; i <= 3; i++ {
				if err := m.Update(nil, u32(i), Any); err != nil {
					t.Fatal(err)
				}
			}
			var got []int
			stop := errors.New("enough")
			n, err := m.Drain(t.Context(), 0, func(e Entry) error {
				got = append(got, int(binary.NativeEndian.Uint32(e.Value)))
				return nil
			})
			if diff := cmp.Diff(c.want, got); diff != "" || n != 3 || err != nil {
				t.Errorf("%d, %v\n%s", n, err, diff)
			}
			m.Update(nil, u32(1), Any)
			if n, err := m.Drain(t.Context(), 0, func(Entry) error { return stop }); n != 0 || err != stop {
				t.Errorf("got %d, %v; want the function's error", n, err)
			}
		})
	}
}
