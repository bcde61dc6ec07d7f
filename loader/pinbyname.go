// SPDX-License-Identifier: MIT

package loader

import (
	"context"
	"fmt"

	"golang.org/x/sys/unix"

	"github.com/bpfload/bpfload/internal/bpffs"
)

// lockDir keeps other loads of ours from pinning what objects ask for in a directory.
type lockDir struct{ dir string }

func (op *lockDir) step() Step {
	return Step{Op: "lock", Path: op.dir, Detail: "the object has pins of its own there"}
}

func (op *lockDir) run(ctx context.Context, l *load) error {
	if l.locks[op.dir] {
		return nil // by another object of the same set
	}
	if err := bpffs.CheckIn(l.k, op.dir); err != nil {
		return err
	}
	made, err := bpffs.MakeDirs(l.k, op.dir)
	l.undo = append(l.undo, func() {
		for i := len(made) - 1; i >= 0; i-- {
			l.k.Rmdir(made[i])
		}
	})
	if err != nil {
		return err
	}
	unlock, err := bpffs.Lock(ctx, l.k, op.dir)
	if err != nil {
		return err
	}
	l.release = append(l.release, unlock)
	l.locks[op.dir] = true
	return nil
}

// pinByName pins a map where the object asks for it.
type pinByName struct{ of *createMap }

func (op *pinByName) step() Step {
	return Step{Op: "pin-map", Map: op.of.spec.Name, Path: op.of.pin, Detail: "as the object asks"}
}

func (op *pinByName) run(_ context.Context, l *load) error {
	m := &l.maps[op.of.index]
	if !m.held || m.reused {
		return nil
	}
	p := op.of.pin
	if op.of.replaces {
		if err := l.takeOver(m.fd, p, func(doing string, err error) error { return op.of.fail(l, doing, err) }); err != nil {
			return err
		}
		return l.setMapOwner(op.of, p)
	}
	switch err := l.pin(m.fd, p); err {
	case nil:
	case unix.EEXIST:
		return &Error{Class: ClassPin, Code: "pin-raced", Map: op.of.spec.Name, Doing: "pinning it", Err: fmt.Errorf("%s: %w", p, err),
			Advice: "another program pinned a map there in the meantime; try again"}
	default:
		return op.of.fail(l, "pinning it at "+p, err)
	}
	l.undo = append(l.undo, func() { l.k.Unlink(p) })
	if err := l.setMapOwner(op.of, p); err != nil {
		return op.of.fail(l, "setting mode and owner of "+p, err)
	}
	return nil
}

// takeOver pins something in the place of what is pinned at p, in one step.
func (l *load) takeOver(fd int, p string, fail func(doing string, err error) error) error {
	aside := bpffs.StagingPath(p)
	if err := l.k.Unlink(aside); err != nil && err != unix.ENOENT {
		return fail("clearing "+aside, err)
	}
	if err := l.pin(fd, aside); err != nil {
		return fail("pinning it at "+aside, err)
	}
	l.release = append(l.release, func() { l.k.Unlink(aside) })
	flags := uint(unix.RENAME_NOREPLACE)
	if _, err := l.k.Lstat(p); err == nil {
		flags = unix.RENAME_EXCHANGE
	}
	err := l.k.Rename(aside, p, flags)
	if err == unix.EINVAL {
		flags = 0 // a kernel whose bpffs knows no flags
		if old, e := l.get(p); e == nil {
			l.release = append(l.release, func() { l.k.Close(old) })
			l.undo = append(l.undo, func() {
				l.k.Unlink(p)
				l.pin(old, p)
			})
		}
		err = l.k.Rename(aside, p, 0)
	}
	if err != nil {
		return fail("pinning it at "+p, err)
	}
	switch flags {
	case unix.RENAME_EXCHANGE:
		l.undo = append(l.undo, func() { l.k.Rename(aside, p, unix.RENAME_EXCHANGE) })
	case unix.RENAME_NOREPLACE:
		l.undo = append(l.undo, func() { l.k.Unlink(p) })
	}
	return nil
}

// setMapOwner applies what an Android record says, and then the options.
func (l *load) setMapOwner(op *createMap, p string) error {
	if r := op.spec.Legacy; r != nil && (r.Mode != 0 || r.UID != 0 || r.GID != 0) {
		if r.Mode != 0 {
			if err := l.k.Chmod(p, r.Mode&0o777); err != nil {
				return err
			}
		}
		if err := l.k.Chown(p, int(r.UID), int(r.GID)); err != nil {
			return err
		}
	}
	return l.setOwner(p, false)
}

// pinProgramByName pins a program where the object asks for it.
type pinProgramByName struct {
	index int
	name  string
	path  string
	owner *Owner // whom an Android object wants, nil for other objects
}

func (op *pinProgramByName) step() Step {
	return Step{Op: "pin-program", Program: op.name, Path: op.path, Detail: "as the object asks"}
}

func (op *pinProgramByName) run(_ context.Context, l *load) error {
	p := &l.programs[op.index]
	if !p.held {
		return nil
	}
	fail := func(doing string, err error) error {
		return &Error{Class: errnoClassOf(err), Code: "pin-refused", Program: op.name, Doing: doing, Err: err}
	}
	if l.opts.Replace {
		if err := l.takeOver(p.fd, op.path, fail); err != nil {
			return err
		}
		return l.ownProgram(op)
	}
	switch err := l.pin(p.fd, op.path); err {
	case nil:
	case unix.EEXIST:
		return bpffs.ExistsError(op.path)
	default:
		return fail("pinning it at "+op.path, err)
	}
	l.undo = append(l.undo, func() { l.k.Unlink(op.path) })
	if err := l.ownProgram(op); err != nil {
		return fail("setting mode and owner of "+op.path, err)
	}
	return nil
}
