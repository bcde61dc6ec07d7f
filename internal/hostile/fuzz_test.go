// SPDX-License-Identifier: MIT

package hostile_test

import (
	"bytes"
	"encoding/json"
	"testing"

	"github.com/bpfload/bpfload/inspect"
	"github.com/bpfload/bpfload/internal/hostile"
	"github.com/bpfload/bpfload/internal/law"
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
		var o *loader.Object
		var err error
		law.Memory(t, len(data), 256, func() { o, err = loader.Open(data, nil) })
		again, err2 := loader.Open(data, nil)
		law.Same(t, err, err2)
		if err != nil {
			if law.Located(t, err); o != nil {
				t.Fatalf("an object beside %v", err)
			}
			return
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
