// SPDX-License-Identifier: MIT

package mapops

import (
	"errors"
	"fmt"

	"golang.org/x/sys/unix"

	"github.com/bpfload/bpfload/loader"
)

// What errors match, beside the errno of the kernel.
var (
	// ErrNotFound says that there is no such key, or nothing to take.
	ErrNotFound = errors.New("not found")
	// ErrExists says that a key that was to be new is there.
	ErrExists = errors.New("exists")
	// ErrChanging says that a map was changed faster than it could be walked.
	ErrChanging = errors.New("the map is changed faster than it can be read")
)

// answer is a sentence that matches a sentinel and an errno.
type answer struct {
	text     string
	sentinel error
	errno    unix.Errno
}

func (a *answer) Error() string   { return a.text }
func (a *answer) Unwrap() []error { return []error{a.sentinel, a.errno} }

// reason is what an errno means here. The kernel's own sentence ("argument list too
// long") would mislead.
type reason struct {
	text  string
	errno unix.Errno
}

func (r *reason) Error() string { return r.text + " (" + errnoName(r.errno) + ")" }
func (r *reason) Unwrap() error { return r.errno }

func errnoName(errno unix.Errno) string {
	if errno == enotsupp {
		return "ENOTSUPP"
	}
	return unix.ErrnoName(errno)
}

func absent(format string, args ...any) error {
	return &answer{fmt.Sprintf(format, args...), ErrNotFound, unix.ENOENT}
}

// An operation is what was tried.
type operation uint8

const (
	opLookup operation = iota
	opUpdate
	opDelete
	opPop
	opNext
	opWalk
	opFreeze
)

var doing = [...]string{"looking up", "writing", "deleting", "taking", "finding the key after", "reading all elements", "freezing the map"}

// enotsupp is ENOTSUPP, which the kernel was never meant to show.
const enotsupp = unix.Errno(524)

// fail says what the kernel's answer to an operation means; nil for nil.
func (m *Map) fail(op operation, err error, key []byte, flags Flags) error {
	if err == nil {
		return nil
	}
	e := *loader.Classify(err)
	e.Map, e.Doing = m.Name, doing[op]
	switch {
	case len(key) > 0 && m.traits.keys != holdsNothing:
		e.Doing += " what belongs to " + m.traits.keys.String() // a descriptor's number says nothing
	case len(key) > 0:
		if text, formatErr := m.FormatKey(nil, key); formatErr == nil {
			e.Doing += " " + string(text)
		}
	case op == opUpdate:
		e.Doing = "writing a value"
	case op == opLookup, op == opPop:
		e.Doing += " a value"
	case op == opNext:
		e.Doing = "finding the first key"
	}
	var errno unix.Errno
	if errors.As(err, &errno) {
		m.explain(&e, op, errno, key, flags)
	}
	return &e
}
