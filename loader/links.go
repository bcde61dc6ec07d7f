// SPDX-License-Identifier: MIT

package loader

import (
	"context"
	"fmt"
	"path"

	"golang.org/x/sys/unix"

	"github.com/bpfload/bpfload/internal/sys"
)

// A Link attaches a program, or a struct_ops variable, to the kernel.
type Link struct {
	// Name is that of the program or variable.
	Name string
	// Link keeps it attached until it is closed. The links of
	// github.com/cilium/ebpf/link fit; one that cannot be pinned may still be
	// held.
	Link interface {
		Pin(path string) error
		Close() error
	}
}

// linkSuffix is added to the name of a pinned program for the pin of its link.
const linkSuffix = "_link"

// heldLink is a link of this load.
type heldLink struct {
	Link
	pin string
}

func (h heldLink) Close() error { return h.Link.Link.Close() }

// fdLink is a link by its descriptor.
type fdLink struct {
	k  sys.Kernel
	fd int
}

func (f fdLink) Pin(p string) error {
	_, err := f.k.BPF(&sys.ObjPin{Obj: sys.Obj{Pathname: sys.CString(p), BPFFD: uint32(f.fd)}})
	return err
}

func (f fdLink) Close() error { return f.k.Close(f.fd) }

// attachAll has the caller attach programs.
type attachAll struct{}

func (op *attachAll) step() Step { return Step{Op: "attach", Detail: "what the caller wants attached"} }

func (op *attachAll) run(ctx context.Context, l *load) error {
	view := l.loaded().borrow()
	links, err := l.opts.Attach(ctx, view)
	view.Close()
	for _, link := range links {
		l.links = append(l.links, heldLink{Link: link})
	}
	if err != nil {
		e := classify(err)
		if e.Doing == "" {
			e.Doing = "attaching"
		}
		return e
	}
	return nil
}

// pinLinks pins the links of the load beside their programs.
type pinLinks struct{ dir, sub string }

func (op *pinLinks) step() Step {
	return Step{Op: "pin-links", Path: op.dir, Detail: "each beside its program, as NAME" + linkSuffix}
}

func (op *pinLinks) run(_ context.Context, l *load) error {
	names := pinNames{}
	for i := range l.links {
		h := &l.links[i]
		name := names.pick(h.Name + linkSuffix)
		p := path.Join(l.staging.Path, op.sub, name)
		err := h.Link.Link.Pin(p)
		if err == nil {
			err = l.setOwner(p, false)
		}
		if err != nil {
			e := classify(err)
			e.Program, e.Doing = h.Name, "pinning its link"
			return e
		}
		h.pin = path.Join(op.dir, name)
	}
	return nil
}

// carryLinks makes the links of the set that is replaced go on with the new
// programs. A link is changed in place: at every moment one program or the other is
// attached.
type carryLinks struct{ dir, sub string }

func (op *carryLinks) step() Step {
	return Step{Op: "carry-links", Path: op.dir, Detail: "links pinned there go on with the new programs"}
}

func (op *carryLinks) run(_ context.Context, l *load) error {
	there, err := l.staging.Exists()
	if err != nil || !there {
		return err
	}
	names, err := l.k.ReadDir(op.dir)
	if err == unix.ENOENT {
		return nil // an object that the old set did not have
	}
	if err != nil {
		return &Error{Class: errnoClassOf(err), Code: "pin-unreadable", Doing: "listing what is pinned in " + op.dir, Err: err}
	}
	have := make(map[string]bool, len(names))
	for _, name := range names {
		have[name] = true
	}
	for i := range l.programs {
		p := &l.programs[i]
		name := l.plan.names.programs[i]
		if !p.held || !have[name+linkSuffix] {
			continue
		}
		if err := op.carry(l, i, name); err != nil {
			e := classify(err)
			e.Program, e.Doing = l.o.Programs[i].Name, "updating its link in place"
			return e
		}
	}
	return nil
}

// carry updates one link and pins it in the new set.
func (op *carryLinks) carry(l *load, i int, name string) error {
	p := &l.programs[i]
	link, err := l.get(path.Join(op.dir, name+linkSuffix))
	if err != nil {
		return err
	}
	old, err := l.get(path.Join(op.dir, name))
	if err != nil {
		l.k.Close(link)
		return fmt.Errorf("the program it is attached with: %w", err)
	}
	l.release = append(l.release, func() { l.k.Close(old) })
	_, err = l.k.BPF(&sys.LinkUpdate{LinkFD: uint32(link), NewFD: uint32(p.fd)})
	if err != nil {
		l.k.Close(link)
		if isOneOf(err, []unix.Errno{unix.EINVAL, unix.EOPNOTSUPP}) && l.opts.Attach != nil {
			return nil // a kind that cannot be updated; the caller attaches it anew
		}
		return err
	}
	l.undo = append(l.undo, func() { l.k.BPF(&sys.LinkUpdate{LinkFD: uint32(link), NewFD: uint32(old)}) })
	p.attached = true
	l.links = append(l.links, heldLink{Link: Link{Name: l.o.Programs[i].Name, Link: fdLink{l.k, link}}})
	return nil
}

// get opens what is pinned at p.
func (l *load) get(p string) (int, error) {
	return l.k.BPF(&sys.ObjGet{Obj: sys.Obj{Pathname: sys.CString(p)}})
}
