// SPDX-License-Identifier: MIT

package loader

import (
	"errors"
	"fmt"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/bpfload/bpfload/elf"
	"github.com/bpfload/bpfload/internal/bpffs"
)

// A Class is a kind of failure that a caller can act on. Each has an exit code of
// the command.
type Class uint8

// The classes of failure.
const (
	ClassOther       Class = iota // of no other class
	ClassUsage                    // the options contradict each other or the object
	ClassFeature                  // the kernel lacks something that the object needs
	ClassCapability               // a capability is missing, or a security module or lockdown forbids it
	ClassBPFFS                    // no bpffs, or an unsafe pin directory
	ClassObject                   // the object is malformed or of a kind that is not supported
	ClassOpen                     // the object cannot be read
	ClassBug                      // this package did something impossible
	ClassRefused                  // the kernel refused: the verifier, or another error
	ClassNoKernelBTF              // the kernel has no BTF, and the object needs it
	ClassPin                      // a pin exists and is incompatible, or may not be reused
	ClassAgain                    // it may work later: EAGAIN, EBUSY, ENOMEM
)

var classes = [...]struct {
	exit int
	name string
}{
	ClassOther:       {1, "other"},
	ClassUsage:       {2, "usage"},
	ClassFeature:     {3, "kernel-feature"},
	ClassCapability:  {4, "capability"},
	ClassBPFFS:       {6, "bpffs"},
	ClassObject:      {65, "object"},
	ClassOpen:        {66, "open"},
	ClassBug:         {70, "bug"},
	ClassRefused:     {71, "refused"},
	ClassNoKernelBTF: {72, "kernel-btf"},
	ClassPin:         {73, "pin"},
	ClassAgain:       {75, "again"},
}

// ExitCode returns the exit code of the command for a failure of this class.
func (c Class) ExitCode() int { return classes[c.known()].exit }

// String returns a short name.
func (c Class) String() string { return classes[c.known()].name }

// known takes a class that there is none of for ClassOther.
func (c Class) known() Class {
	if int(c) < len(classes) {
		return c
	}
	return ClassOther
}

// An Error is something that could not be done: a load, or an operation of packages
// mapops, attach and status, which share its classes. The message is made of the
// other fields.
type Error struct {
	Class Class
	// Code names the failure more closely than the class, such as
	// "verifier-rejected"; it is the argument of "bpfload explain".
	Code string
	// Object is the name of the file, if known.
	Object string
	// Map or Program is what failed; both are empty where the object as a
	// whole did.
	Map, Program string
	// Doing is what was tried, such as "creating the map".
	Doing string
	// Err is the cause: an errno, or a located error.
	Err error
	// Advice is one change or command that helps; may be empty.
	Advice string
	// Log is what the verifier, or the kernel's BTF checker, wrote.
	Log string
}

// Error says what failed, doing what, and why.
func (e *Error) Error() string {
	what := ""
	switch {
	case e.Map != "":
		what = fmt.Sprintf("map %q: ", e.Map)
	case e.Program != "":
		what = fmt.Sprintf("program %q: ", e.Program)
	}
	if e.Doing != "" {
		what += e.Doing + ": "
	}
	cause := e.Class.String()
	if e.Err != nil {
		cause = e.Err.Error()
	}
	if strings.HasPrefix(cause, what) {
		return cause // which says it by itself
	}
	return what + cause
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// ExitCode returns that of the class.
func (e *Error) ExitCode() int { return e.Class.ExitCode() }

// Hint returns the advice.
func (e *Error) Hint() string { return e.Advice }

// usage makes an error of options that cannot be carried out.
func usage(format string, args ...any) *Error {
	return &Error{Class: ClassUsage, Code: "usage", Err: fmt.Errorf(format, args...)}
}

// classify gives an error of a lower package its class. An *Error stays as it is.
func classify(err error) *Error {
	var (
		done  *Error
		place *elf.Error
		pin   *bpffs.Error
		errno unix.Errno
	)
	switch {
	case errors.As(err, &done):
		return done
	case errors.As(err, &place):
		return &Error{Class: ClassObject, Code: "object", Object: place.File, Err: err}
	case errors.As(err, &pin):
		return pinError(pin)
	case errors.As(err, &errno):
		return &Error{Class: errnoClass(errno), Code: errnoClass(errno).String(), Err: err}
	}
	return &Error{Class: ClassOther, Code: "other", Err: err}
}

func pinError(e *bpffs.Error) *Error {
	out := &Error{Class: ClassBPFFS, Code: "bpffs", Err: e, Advice: e.Hint}
	var errno unix.Errno
	switch {
	case errors.Is(e, bpffs.ErrNotMounted):
		out.Code = "bpffs-not-mounted"
	case errors.Is(e, bpffs.ErrUnsafe):
		out.Code = "pin-directory-unsafe"
	case errors.Is(e, bpffs.ErrName):
		out.Code = "pin-name"
	case errors.Is(e, bpffs.ErrExists):
		out.Class, out.Code = ClassPin, "pin-exists"
	case errors.Is(e, bpffs.ErrBusy):
		out.Class, out.Code = ClassAgain, "pin-directory-busy"
	case errors.As(e, &errno):
		if c := errnoClass(errno); c == ClassCapability || c == ClassAgain {
			out.Class, out.Code = c, c.String()
		}
	}
	return out
}

// errnoClass says what an errno means where nothing more is known.
func errnoClass(errno unix.Errno) Class {
	switch errno {
	case unix.EPERM, unix.EACCES:
		return ClassCapability
	case unix.EAGAIN, unix.EBUSY, unix.ENOMEM, unix.EINTR, unix.EMFILE, unix.ENFILE:
		return ClassAgain
	}
	return ClassRefused
}

// Classify gives any error of this module its class, for the command.
func Classify(err error) *Error { return classify(err) }
