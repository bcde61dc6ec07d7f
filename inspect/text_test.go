// SPDX-License-Identifier: MIT

package inspect_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/bpfload/bpfload/inspect"
	"github.com/bpfload/bpfload/loader"
)

// What only a legacy record says is told to people, too, not in JSON alone.
func TestTextOfRecords(t *testing.T) {
	for file, want := range map[string][]string{
		"gobpf280.o":     {"pinned namespace tracer, gobpf"},
		"name_differs.o": {"symbol flow_table"},
		"iproute36.o":    {"pinned custom by id "},
		"android48.o":    {"on kernels from 4.14.0", "on kernels from 4.14.0 to before 5.10.0"},
		"android120.o":   {"on kernels before 4.9.0"},
	} {
		data, err := os.ReadFile(filepath.Join("../testdata/bpf/legacy", file))
		if err != nil {
			t.Fatal(err)
		}
		o, err := loader.Open(data, nil)
		if err != nil {
			t.Fatal(err)
		}
		var b bytes.Buffer
		if err := inspect.Describe(file, o).WriteText(&b); err != nil {
			t.Fatal(err)
		}
		for _, w := range want {
			if !strings.Contains(b.String(), w) {
				t.Errorf("%s: no %q in\n%s", file, w, b.String())
			}
		}
	}
}
