// SPDX-License-Identifier: MIT

package loader

import (
	"context"
	"path"

	"github.com/bpfload/bpfload/internal/bpffs"
	"github.com/bpfload/bpfload/internal/sys"
	"github.com/bpfload/bpfload/spec"
)

// stagePins checks that the set of pins can be made, waits for other loads into
// the same place, and makes the directory in which the set is put together.
type stagePins struct {
	dir     string
	replace bool
}

func (op *stagePins) step() Step {
	s := Step{Op: "stage-pins", Path: op.dir, Detail: "nothing may be there"}
	if op.replace {
		s.Detail = "what is there is replaced"
	}
	return s
}

func (op *stagePins) run(ctx context.Context, l *load) error {
	s, err := bpffs.Stage(ctx, l.k, op.dir)
	if err != nil {
		return err
	}
	l.staging = s
	l.release = append(l.release, func() {
		if err := s.Discard(); err != nil {
			l.warn(spec.Warning{Code: "staging-left", Message: err.Error() + "; the next load into " + op.dir + " clears it"})
		}
	})
	there, err := s.Exists()
	if err != nil {
		return err
	}
	if there && !op.replace {
		return bpffs.ExistsError(op.dir)
	}
	return nil
}

// makeDir makes the directory for the pins of one of several objects.
type makeDir struct{ dir, name string }

func (op *makeDir) step() Step { return Step{Op: "make-directory", Path: op.dir} }

func (op *makeDir) run(_ context.Context, l *load) error {
	p := path.Join(l.staging.Path, op.name)
	err := l.k.Mkdir(p, 0o700)
	if err == nil {
		err = l.setOwner(p, true)
	}
	if err != nil {
		return &Error{Class: errnoClassOf(err), Code: "pin-refused", Doing: "making " + op.dir, Err: err}
	}
	return nil
}

// A pinPath is where something in the set is pinned: in the end, and until then
// below the staging directory.
type pinPath struct{ final, staged string }

// pinProgram pins a program in the set.
type pinProgram struct {
	index int
	name  string
	path  pinPath
}

func (op *pinProgram) step() Step {
	return Step{Op: "pin-program", Program: op.name, Path: op.path.final}
}

func (op *pinProgram) run(_ context.Context, l *load) error {
	p := &l.programs[op.index]
	if !p.held {
		return nil
	}
	if err := l.stage(p.fd, op.path); err != nil {
		return &Error{Class: errnoClassOf(err), Code: "pin-refused", Program: op.name, Doing: "pinning it", Err: err}
	}
	p.pin = op.path.final
	return nil
}

// pinMap pins a map in the set.
type pinMap struct {
	of   *createMap
	path pinPath
}

func (op *pinMap) step() Step { return Step{Op: "pin-map", Map: op.of.spec.Name, Path: op.path.final} }

func (op *pinMap) run(_ context.Context, l *load) error {
	m := &l.maps[op.of.index]
	if !m.held {
		return nil
	}
	if err := l.stage(m.fd, op.path); err != nil {
		return op.of.fail(l, "pinning it", err)
	}
	m.pin = op.path.final
	return nil
}

// stage pins something under the name that it will have in the set.
func (l *load) stage(fd int, to pinPath) error {
	p := path.Join(l.staging.Path, to.staged)
	if err := l.pin(fd, p); err != nil {
		return err
	}
	return l.setOwner(p, false)
}

func (l *load) pin(fd int, p string) error {
	_, err := l.k.BPF(&sys.ObjPin{Obj: sys.Obj{Pathname: sys.CString(p), BPFFD: uint32(fd)}})
	return err
}

// setOwner gives a pin the permissions and the owner that were asked for.
//
// A directory gets an execute bit for each read bit. It stays with whoever loads, who
// could not trust, replace or unload it otherwise; a new owner of the pins may pass, and
// with its group look, but not put others in their place.
func (l *load) setOwner(p string, dir bool) error {
	mode, owner := uint32(l.opts.Mode.Perm()), l.opts.Owner
	if dir && mode != 0 {
		mode |= mode & 0o444 >> 2
	}
	uid, gid := -1, -1
	if owner != nil {
		uid, gid = owner.UID, owner.GID
	}
	if dir && owner != nil {
		uid = -1
		if mode |= 0o711; gid >= 0 {
			mode |= 0o050
		}
	}
	if mode != 0 {
		if err := l.k.Chmod(p, mode); err != nil {
			return err
		}
	}
	if uid < 0 && gid < 0 {
		return nil
	}
	return l.k.Chown(p, uid, gid)
}

// publish makes the set visible, all of it at once.
type publish struct {
	dir     string
	replace bool
}

func (op *publish) step() Step {
	if op.replace {
		return Step{Op: "publish", Path: op.dir, Detail: "in exchange for what is there"}
	}
	return Step{Op: "publish", Path: op.dir}
}

func (op *publish) run(_ context.Context, l *load) error {
	s := l.staging
	if err := l.setOwner(s.Path, true); err != nil {
		return &Error{Class: errnoClassOf(err), Code: "pin-refused", Doing: "setting mode and owner of " + op.dir, Err: err}
	}
	if op.replace {
		there, err := s.Exists()
		if err != nil {
			return err
		}
		if there {
			if _, err := s.Replace(); err != nil {
				return err
			}
			l.detachLeft(s.Path, s.Target)
			l.unregisterLeft(s.Path)
			return nil
		}
	}
	return s.Publish()
}
