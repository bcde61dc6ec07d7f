// SPDX-License-Identifier: MIT

package bpffs

import (
	"errors"

	"github.com/bpfload/bpfload/internal/plain"
)

// What can be wrong with a place for pins.
var (
	ErrNotMounted = errors.New("no bpffs")
	ErrUnsafe     = errors.New("unsafe pin directory")
	ErrName       = errors.New("name refused by bpffs")
	ErrExists     = errors.New("pin exists")
	ErrBusy       = errors.New("another load holds the directory")
)

// An Error names the path that cannot be used, why, and what to do.
type Error struct {
	Path  string
	Kind  error  // one of this package's sentinels, or what the kernel answered
	Doing string // what the kernel refused, such as "locking the directory"
	Msg   string // where Doing is empty: what Path is or does, such as "is not on a bpffs"
	Hint  string // a command or a change that helps; may be empty
}

// Error formats the path first.
func (e *Error) Error() string {
	p := plain.Path(e.Path)
	if e.Doing != "" {
		return p + ": " + e.Doing + ": " + e.Kind.Error()
	}
	return p + " " + e.Msg
}

// Unwrap returns Kind.
func (e *Error) Unwrap() error { return e.Kind }

// failed wraps what the kernel answered to an operation on a path.
func failed(path, doing string, err error) error {
	return &Error{Path: path, Kind: err, Doing: doing}
}

// ExistsError returns the error for a pin or a set of pins that would take the place
// of another.
func ExistsError(path string) error {
	return &Error{Path: path, Kind: ErrExists, Msg: "already exists", Hint: "add --replace, or bpfload unload " + path}
}
