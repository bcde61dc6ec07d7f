// SPDX-License-Identifier: MIT

package elf_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/bpfload/bpfload/elf"
)

// What people give in the place of an object is named.
func TestNotELF(t *testing.T) {
	for data, want := range map[string]string{
		"":                              "not an ELF file, but empty",
		"BC\xc0\xde5\x14\x00\x00":       "LLVM bitcode; compile without -emit-llvm",
		"!<arch>\nx":                    "an archive",
		"\x1f\x8b\x08\x00":              "compressed",
		"#include <linux/bpf.h>\nint x": "if it is the source, compile it: clang -O2 -g -target bpf -c",
		"\x00\x01\x02\n":                "not an ELF file",
	} {
		f, err := elf.Parse([]byte(data))
		if f != nil || !errors.Is(err, elf.ErrMalformed) || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", data, err, want)
		}
	}
}
