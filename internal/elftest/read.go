// SPDX-License-Identifier: MIT

package elftest

import (
	"os"
	"testing"

	"github.com/bpfload/bpfload/elf"
	"github.com/bpfload/bpfload/rawbtf"
)

// Parse reads what the decoders start from; types are nil where there is no .BTF.
func Parse(data []byte) (f *elf.File, types *rawbtf.Spec, err error) {
	if f, err = elf.Parse(data); err != nil {
		return nil, nil, err
	}
	if s, ok := f.SectionNamed(".BTF"); ok {
		types, err = rawbtf.Parse(s.Data, nil)
	}
	return f, types, err
}

// Open is [Parse] for a compiled object, which has to be sound.
func Open(t testing.TB, path string) (*elf.File, *rawbtf.Spec) {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	f, types, err := Parse(data)
	if err != nil {
		t.Fatal(err)
	}
	return f, types
}
