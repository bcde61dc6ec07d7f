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

// MustParse is [Parse] for what has to be sound.
func MustParse(t testing.TB, data []byte) (*elf.File, *rawbtf.Spec) {
	t.Helper()
	f, types, err := Parse(data)
	if err != nil {
		t.Fatal(err)
	}
	return f, types
}

// Open is [MustParse] for a compiled object.
func Open(t testing.TB, path string) (*elf.File, *rawbtf.Spec) {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return MustParse(t, data)
}
