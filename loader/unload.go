// SPDX-License-Identifier: MIT

package loader

import (
	"context"
	"errors"
	"fmt"
	"path"
	"slices"

	"github.com/cilium/ebpf"
	"golang.org/x/sys/unix"

	"github.com/bpfload/bpfload/internal/bpffs"
	"github.com/bpfload/bpfload/internal/sys"
	"github.com/bpfload/bpfload/internal/tc"
)

// UnloadOptions say how a set of pins is removed.
type UnloadOptions struct {
	// DryRun only says what would be done.
	DryRun bool

	kernel sys.Kernel // for tests; nil is the running one
}

// Unload detaches and removes what a load pinned in dir, and returns what it did,
// step by step. The set disappears in one step, then links are detached, struct_ops
// unregistered and pins removed. A directory that is not there is an error with
// code "not-loaded".
func Unload(ctx context.Context, dir string, opts *UnloadOptions) ([]Step, error) {
	u := unload{k: sys.Host{}, dir: dir}
	if opts != nil {
		if u.dry = opts.DryRun; opts.kernel != nil {
			u.k = opts.kernel
		}
	}
	steps, err := u.run(ctx)
	if err != nil {
		return steps, classify(err)
	}
	return steps, nil
}

type unload struct {
	k   sys.Kernel
	dir string
	dry bool
}

func (u *unload) run(ctx context.Context) ([]Step, error) {
	// What is not there is not loaded, wherever it would be: a service may stop before
	// anybody has mounted the bpffs.
	if _, err := u.k.Lstat(u.dir); err == unix.ENOENT {
		return nil, &Error{Class: ClassOther, Code: "not-loaded", Err: fmt.Errorf("nothing is pinned at %s: %w", u.dir, err), Advice: "add --missing-ok if that is fine"}
	}
	if err := bpffs.Check(u.k, u.dir); err != nil {
		return nil, err
	}
	if u.dry {
		return u.remove(u.dir)
	}
	s, err := bpffs.Stage(ctx, u.k, u.dir)
	if err != nil {
		return nil, err
	}
	defer s.Discard()
	if err := s.Take(); err != nil {
		return nil, err
	}
	steps, err := u.remove(s.Path)
	if err != nil {
		return steps, err
	}
	return steps, s.Discard()
}

// remove takes out of use what is pinned below at, which was u.dir, links first.
func (u *unload) remove(at string) ([]Step, error) {
	var links, others []string
	if err := u.list(at, "", &links, &others); err != nil {
		return nil, err
	}
	u.qdiscsLast(at, links)
	var steps []Step
	for _, name := range append(links, others...) {
		step, err := u.takeOut(path.Join(at, name), path.Join(u.dir, name))
		if err != nil {
			return steps, err
		}
		steps = append(steps, step)
	}
	return append(steps, Step{Op: "remove-directory", Path: u.dir}), nil
}

// list collects the pins below a directory.
func (u *unload) list(root, sub string, links, others *[]string) error {
	names, err := u.k.ReadDir(path.Join(root, sub))
	if err != nil {
		return err
	}
	for _, name := range names {
		p := path.Join(sub, name)
		st, err := u.k.Lstat(path.Join(root, p))
		switch {
		case err != nil:
			return err
		case st.IsDir() && sub == "":
			if err := u.list(root, p, links, others); err != nil {
				return err
			}
		case bpffs.IsLink(name):
			*links = append(*links, p)
		default:
			*others = append(*others, p)
		}
	}
	return nil
}

// takeOut detaches a link and unregisters a struct_ops map; of anything else
// removing the pin is enough.
func (u *unload) takeOut(at, name string) (Step, error) {
	if st, err := u.k.Lstat(at); err == nil && st.IsLink() {
		return u.removeFilter(at, name)
	}
	fd, err := u.k.BPF(&sys.ObjGet{Obj: sys.Obj{Pathname: sys.CString(at)}})
	if err != nil {
		return Step{Op: "remove-pin", Path: name}, nil
	}
	defer u.k.Close(fd)
	if bpffs.IsLink(path.Base(name)) {
		if u.dry {
			return Step{Op: "detach", Path: name}, nil
		}
		// Kinds of link that know no detaching end with their last reference.
		_, err := u.k.BPF(&sys.LinkDetach{LinkFD: uint32(fd)})
		if err != nil && !isOneOf(err, []unix.Errno{unix.EOPNOTSUPP, unix.EINVAL, unix.ENOLINK}) {
			return Step{}, &Error{Class: errnoClassOf(err), Code: "detach", Doing: "detaching " + name, Err: err}
		}
		return Step{Op: "detach", Path: name}, nil
	}
	if !u.registered(fd) {
		return Step{Op: "remove-pin", Path: name}, nil
	}
	if !u.dry {
		_, err := u.k.BPF(&sys.MapDelete{Elem: sys.Elem{MapFD: uint32(fd), Key: sys.Bytes(make([]byte, 4))}})
		if err != nil && err != unix.ENOENT {
			return Step{}, &Error{Class: errnoClassOf(err), Code: "unregister", Doing: "unregistering " + name, Err: err}
		}
	}
	return Step{Op: "unregister", Path: name}, nil
}

// qdiscsLast puts those links last that are notes of filters with which a qdisc was made,
// which can go when no other filter uses it.
func (u *unload) qdiscsLast(at string, links []string) {
	notes := make(map[string]*tc.Record)
	for _, name := range links {
		p := path.Join(at, name)
		notes[name] = &tc.Record{}
		if st, err := u.k.Lstat(p); err != nil || !st.IsLink() {
			continue
		}
		if text, err := u.k.Readlink(p); err == nil {
			if r, ok := tc.ParseRecord(text); ok {
				notes[name] = r
			}
		}
	}
	slices.SortStableFunc(links, func(a, b string) int {
		return tc.DetachOrder(notes[a], notes[b])
	})
}

// removeFilter removes a classic filter of tc, of which the set has only a note.
func (u *unload) removeFilter(at, name string) (Step, error) {
	text, err := u.k.Readlink(at)
	if err != nil {
		return Step{}, &Error{Class: errnoClassOf(err), Code: "pin-unreadable", Doing: "reading " + name, Err: err}
	}
	record, ok := tc.ParseRecord(text)
	if !ok {
		return Step{Op: "remove-pin", Path: name}, nil
	}
	if !u.dry {
		if err := record.Detach(); err != nil && !errors.Is(err, tc.ErrGone) {
			return Step{}, &Error{Class: errnoClassOf(err), Code: "detach", Doing: "detaching " + name, Err: err}
		}
	}
	return Step{Op: "detach", Path: name, Detail: record.Target()}, nil
}

// registered says whether a descriptor is that of a struct_ops map that works
// without a link. Of a program the kernel answers the same question with other
// numbers, none of which looks like such a map.
func (u *unload) registered(fd int) bool {
	var info sys.MapInfo
	err := sys.Info(u.k, fd, &info)
	return err == nil && worksWithoutLink(&info)
}

func worksWithoutLink(info *sys.MapInfo) bool {
	return ebpf.MapType(info.Type) == ebpf.StructOpsMap && info.KeySize == 4 && info.MaxEntries == 1 && info.MapFlags&flagLink == 0
}
