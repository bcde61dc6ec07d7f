// SPDX-License-Identifier: MIT

// Package extern resolves what an object takes from the kernel by name: the values
// of __kconfig variables, the addresses and BTF ids of __ksym variables and
// functions, and the functions that programs attach to.
//
// The kernel is a [kernel.Kernel], which may as well be a recording. The results
// are plain values, which package reloc writes into instructions.
package extern

import (
	"errors"
	"fmt"
	"slices"

	"github.com/bpfload/bpfload/elf"
	"github.com/bpfload/bpfload/internal/near"
)

var (
	// ErrMissing says that the kernel has nothing of that name.
	ErrMissing = errors.New("not in the kernel")
	// ErrIncompatible says that the kernel has something else under the name.
	ErrIncompatible = errors.New("incompatible with the kernel's")
	// ErrAmbiguous says that the kernel has several things under the name.
	ErrAmbiguous = errors.New("ambiguous")
	// ErrValue says that a value of the kernel's configuration does not fit
	// the variable that is to hold it.
	ErrValue = errors.New("value does not fit")
)

// cause is a message that errors.Is recognises as its sentinel.
type cause struct {
	sentinel error
	msg      string
}

func (c *cause) Error() string { return c.msg }
func (c *cause) Unwrap() error { return c.sentinel }

func because(sentinel error, format string, args ...any) error {
	return &cause{sentinel, fmt.Sprintf(format, args...)}
}

// at gives an error the place of an extern.
func at(section string, offset uint32, name string, err error) error {
	return &elf.Error{Section: section, Offset: uint64(offset), Kind: "extern", Symbol: name, Err: err}
}

// proposal is the end of a sentence that says a name was not found.
func proposal(name string, have func(yield func(string) bool)) string {
	if best := near.Best(name, slices.Collect(have)); best != "" {
		return fmt.Sprintf("; the nearest name is %q", best)
	}
	return ""
}
