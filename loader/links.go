// SPDX-License-Identifier: MIT

package loader

import (
	"context"
	"path"
	"slices"

	"github.com/bpfload/bpfload/internal/bpffs"
	"github.com/bpfload/bpfload/internal/sys"
)

// A Link attaches a program, or a struct_ops variable, to the kernel.
type Link struct {
	// Name is that of the program or variable.
	Name string
	Attachment
}

// An Attachment is what keeps a program attached until it is closed. The links of
// github.com/cilium/ebpf/link fit; one that cannot be pinned may still be held. If the
// load fails after all, Undo is called in the place of Close where there is one.
type Attachment interface {
	Pin(path string) error
	Close() error
}

// heldLink is a link of this load.
type heldLink struct {
	Link
	pin string
}

// undo takes back what attached the link, pinned or not.
func (h heldLink) undo() error {
	if u, ok := h.Attachment.(interface{ Undo() error }); ok {
		return u.Undo()
	}
	return h.Close()
}

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

// FD returns the descriptor, for whoever wants to know where the link is attached.
func (f fdLink) FD() int { return f.fd }

// attachAll has the caller attach programs.
type attachAll struct{ list []Step }

func (op *attachAll) step() Step { return Step{Op: "attach", Detail: "what the caller wants attached"} }

// steps says what that is, where the caller did.
func (op *attachAll) steps() []Step {
	if op.list == nil {
		return []Step{op.step()}
	}
	return op.list
}

func (op *attachAll) run(ctx context.Context, l *load) error {
	view := l.loaded().borrow()
	links, err := l.opts.Attach(ctx, view)
	l.warnings = view.Warnings
	view.Links = nil
	view.Close()
	for _, link := range links {
		l.links = append(l.links, heldLink{Link: link})
	}
	if err == nil {
		err = l.reattached()
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
	return Step{Op: "pin-links", Path: op.dir, Detail: "each beside its program, as NAME" + bpffs.LinkSuffix}
}

func (op *pinLinks) run(_ context.Context, l *load) error {
	names := pinNames{}
	for _, name := range slices.Concat(l.plan.names.programs, l.plan.names.maps) {
		names[name] = true
	}
	for i := range l.links {
		h := &l.links[i]
		name := names.pick(bpffs.LinkName(h.Name, 1))
		p := path.Join(l.staging.Path, op.sub, name)
		err := h.Pin(p)
		if err == nil && !l.isNote(p) {
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

// isNote says whether a pin is a symbolic link, which has no permissions: in a set that
// is a note of a filter of tc.
func (l *load) isNote(p string) bool {
	st, err := l.k.Lstat(p)
	return err == nil && st.IsLink()
}

// get opens what is pinned at p.
func (l *load) get(p string) (int, error) {
	return l.k.BPF(&sys.ObjGet{Obj: sys.Obj{Pathname: sys.CString(p)}})
}
