// SPDX-License-Identifier: MIT

package hostile_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"runtime"
	"testing"

	"github.com/bpfload/bpfload/elf"
	"github.com/bpfload/bpfload/inspect"
	"github.com/bpfload/bpfload/internal/hostile"
	"github.com/bpfload/bpfload/loader"
)

// FuzzOpen goes through all decoders at once: an object or a located error, the
// same twice, for no more memory than the file can ask for.
func FuzzOpen(f *testing.F) {
	for _, o := range hostile.Objects() {
		if data := o.Build(); len(data) < 8<<10 {
			f.Add(data)
		}
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		o, err := loader.Open(data, nil)
		runtime.ReadMemStats(&after)
		if n := after.TotalAlloc - before.TotalAlloc; n > 1<<20+256*uint64(len(data)) {
			t.Fatalf("%d bytes were allocated for %d", n, len(data))
		}
		again, err2 := loader.Open(data, nil)
		if err != nil {
			if place := (*elf.Error)(nil); o != nil || !errors.As(err, &place) || err2 == nil || err.Error() != err2.Error() {
				t.Fatalf("%v, then %v", err, err2)
			}
			checkPlain(t, err.Error())
			return
		}
		if err2 != nil {
			t.Fatal(err2)
		}
		first, err := json.Marshal(inspect.Describe("x", o))
		if err != nil {
			t.Fatal(err)
		}
		second, err := json.Marshal(inspect.Describe("x", again))
		if err != nil || !bytes.Equal(first, second) {
			t.Fatalf("%s, then %s, %v", first, second, err)
		}
		var text bytes.Buffer
		if err := inspect.Describe("x", o).WriteText(&text); err != nil {
			t.Fatal(err)
		}
		checkPlain(t, text.String())
	})
}
