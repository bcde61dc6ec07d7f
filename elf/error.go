// SPDX-License-Identifier: MIT

package elf

import (
	"errors"
	"fmt"
	"strings"

	"github.com/bpfload/bpfload/internal/plain"
)

var (
	// ErrMalformed says that the bytes contradict the ELF or BTF format.
	ErrMalformed = errors.New("malformed object")
	// ErrUnsupported says that the file is sound but of a kind this project
	// does not load: another machine, class, type or relocation form.
	ErrUnsupported = errors.New("unsupported object")
)

// An Error locates a problem in an object file.
type Error struct {
	File    string // name of the file as given by the caller, if known
	Section string // ELF section, such as ".maps"; empty for the file's headers
	Offset  uint64 // bytes from the start of Section, or of the file when Section is empty
	Kind    string // what Symbol names: "map", "program", "variable"; empty means "symbol"
	Symbol  string // symbol being decoded, if any
	Err     error  // a sentinel, or a wrapped cause
}

// Error formats the place first, then the cause, and quotes every name taken
// from the file.
func (e *Error) Error() string {
	var b strings.Builder
	if e.File != "" {
		b.WriteString(plain.Path(e.File))
		b.WriteString(": ")
	}
	if e.Section != "" {
		fmt.Fprintf(&b, "section %q+%#x", e.Section, e.Offset)
	} else if e.Symbol == "" || e.Offset != 0 {
		fmt.Fprintf(&b, "offset %#x", e.Offset)
	}
	if e.Symbol != "" {
		kind := e.Kind
		if kind == "" {
			kind = "symbol"
		}
		if e.Section != "" || e.Offset != 0 {
			fmt.Fprintf(&b, " (%s %q)", kind, e.Symbol)
		} else {
			fmt.Fprintf(&b, "%s %q", kind, e.Symbol)
		}
	}
	if e.Err != nil {
		b.WriteString(": ")
		b.WriteString(e.Err.Error())
	}
	return b.String()
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// Malformed wraps a message as an [ErrMalformed] cause. What a terminal would
// interpret in it is escaped.
func Malformed(format string, args ...any) error {
	return &cause{ErrMalformed, plain.Line(fmt.Sprintf(format, args...))}
}

// Unsupported wraps a message as an [ErrUnsupported] cause.
func Unsupported(format string, args ...any) error {
	return &cause{ErrUnsupported, plain.Line(fmt.Sprintf(format, args...))}
}

// cause is a message that errors.Is recognises as its sentinel, without
// repeating the sentinel's words.
type cause struct {
	sentinel error
	msg      string
}

func (c *cause) Error() string { return c.msg }
func (c *cause) Unwrap() error { return c.sentinel }
