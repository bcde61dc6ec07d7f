// SPDX-License-Identifier: MIT

package attach

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"

	"github.com/cilium/ebpf/link"
	"golang.org/x/sys/unix"

	"github.com/bpfload/bpfload/loader"
)

// usage is an error of the command line.
func usage(format string, args ...any) *loader.Error {
	return &loader.Error{Class: loader.ClassUsage, Code: "usage", Err: fmt.Errorf(format, args...)}
}

// notFound is the error for a target that does not exist.
func notFound(format string, args ...any) *loader.Error {
	return &loader.Error{Class: loader.ClassRefused, Code: "target-not-found", Err: fmt.Errorf(format, args...)}
}

// fail gives an error its class, and says what was tried.
func (t Target) fail(p *Program, err error) *loader.Error {
	var done *loader.Error
	if !errors.As(err, &done) {
		done = t.classify(err)
	}
	e := *done
	e.Program = cmp.Or(e.Program, p.Name)
	e.Doing = cmp.Or(e.Doing, "attaching it to "+t.String())
	return &e
}

func (t Target) classify(err error) *loader.Error {
	if absent := t.absent(err); absent != nil {
		return absent
	}
	e := loader.Classify(err)
	e = &loader.Error{Class: e.Class, Code: "attach-refused", Err: err}
	switch {
	case errors.Is(err, unix.EOPNOTSUPP) && (t.Kind == "xdpdrv" || t.Kind == "xdpoffload"):
		e.Class, e.Code = loader.ClassFeature, "feature-missing"
		e.Err = fmt.Errorf("the driver of %s cannot run XDP programs this way: %w", t.Place, err)
		e.Advice = fmt.Sprintf("use xdpgeneric:%s, or xdp:%s to take whichever the driver has", t.Place, t.Place)
	case errors.Is(err, link.ErrNotSupported), errors.Is(err, unix.EINVAL) && t.kind.newer():
		e.Class, e.Code = loader.ClassFeature, "feature-missing"
		if t.kind.since != 0 && t.kind.newer() {
			e.Advice = fmt.Sprintf("targets of kind %s need Linux %s", t.kind.name, t.kind.since)
		}
	case errors.Is(err, unix.EPERM), errors.Is(err, unix.EACCES), errors.Is(err, fs.ErrPermission):
		e.Class, e.Code = loader.ClassCapability, "capability"
	case errors.Is(err, unix.ENODEV), errors.Is(err, unix.ENOENT), errors.Is(err, fs.ErrNotExist):
		e.Class, e.Code = loader.ClassRefused, "target-not-found"
	case errors.Is(err, unix.EBUSY), errors.Is(err, unix.EEXIST):
		e.Class, e.Code = loader.ClassAgain, "attach-busy"
		e.Advice = "something is attached there already: bpfload status"
	case e.Class == loader.ClassOther:
		e.Class = loader.ClassRefused
	}
	return e
}
