// SPDX-License-Identifier: MIT

package bpffs

import (
	"errors"
	"fmt"
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
	Path string
	Kind error // one of this package's sentinels, or what the kernel answered
	Msg  string
	Hint string // a command or a change that helps; may be empty
}

// Error formats the path first.
func (e *Error) Error() string { return fmt.Sprintf("%q: %s", e.Path, e.Msg) }

// Unwrap returns Kind.
func (e *Error) Unwrap() error { return e.Kind }

// failed wraps what the kernel answered to an operation on a path.
func failed(path, doing string, err error) error {
	return &Error{Path: path, Kind: err, Msg: doing + ": " + err.Error()}
}
