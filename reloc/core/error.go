// SPDX-License-Identifier: MIT

package core

import (
	"errors"
	"fmt"
	"strconv"

	"github.com/bpfload/bpfload/elf"
)

var (
	// ErrAmbiguous says that several types of the kernel have the name asked
	// for and give different answers.
	ErrAmbiguous = errors.New("ambiguous")
	// ErrMismatch says that the instruction is not one that the relocation
	// can have been made for. The object was damaged after compilation.
	ErrMismatch = errors.New("instruction does not match its relocation")
	// ErrRange says that a field lies where its instruction cannot reach.
	ErrRange = errors.New("out of range")
)

// An Error says which relocation cannot be applied. It wraps one of the sentinels
// of this package or of package elf.
type Error struct {
	Insn   uint32 // index in the code
	Kind   Kind
	Object string // what is relocated, as in "struct task_struct.pid"
	Err    error
}

// Error formats the place first.
func (e *Error) Error() string {
	return fmt.Sprintf("insn %d: CO-RE %s of %s: %v", e.Insn, e.Kind, e.Object, e.Err)
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

func (r *Resolver) errorOf(rel Relocation, err error) error {
	return &Error{Insn: rel.Insn, Kind: rel.Kind, Object: r.describe(rel), Err: err}
}

// cause is a message that errors.Is recognises as its sentinel.
type cause struct {
	sentinel error
	msg      string
}

func (c *cause) Error() string { return c.msg }
func (c *cause) Unwrap() error { return c.sentinel }

func ambiguous(format string, args ...any) error {
	return &cause{ErrAmbiguous, fmt.Sprintf(format, args...)}
}
func mismatch(format string, args ...any) error {
	return &cause{ErrMismatch, fmt.Sprintf(format, args...)}
}
func outOfRange(format string, args ...any) error {
	return &cause{ErrRange, fmt.Sprintf(format, args...)}
}

var errTooComplex = elf.Malformed("comparing the types takes more than %d steps", maxSteps)

// clean returns a name as it is, unless a terminal would interpret it.
func clean(name string) string {
	for i := range len(name) {
		if c := name[i]; c <= ' ' || c >= 0x7f {
			return strconv.Quote(name)
		}
	}
	return name
}
