// SPDX-License-Identifier: MIT

package loader

import (
	"context"
	"errors"
	"fmt"
	"path"
	"slices"

	"golang.org/x/sys/unix"

	"github.com/bpfload/bpfload/internal/bpffs"
	"github.com/bpfload/bpfload/internal/sys"
	"github.com/bpfload/bpfload/internal/tc"
	"github.com/bpfload/bpfload/spec"
)

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
	if l.opts.Attach == nil {
		for _, p := range l.registeredIn(op.dir) {
			return &Error{Class: ClassRefused, Code: "link-not-updated", Map: path.Base(p), Doing: "exchanging it",
				Err:    errors.New("the kernel uses this struct_ops table without a link, through which it could be exchanged"),
				Advice: "to register the new one and then end the old: add --attach; under the same name: bpfload unload " + op.dir + " first"}
		}
	}
	taken := slices.Concat(l.plan.names.programs, l.plan.names.maps)
	for _, name := range names {
		if !bpffs.IsLink(name) || slices.Contains(taken, name) {
			continue
		}
		if err := op.link(l, name); err != nil {
			return err
		}
	}
	return nil
}

// link carries over what is pinned as name, if it is a link of something that the
// new set has.
func (op *carryLinks) link(l *load, name string) error {
	for i, of := range l.plan.names.programs {
		if !l.programs[i].held || !bpffs.IsLinkOf(name, of) {
			continue
		}
		if err := op.program(l, i, name); err != nil {
			e := classify(err)
			e.Program, e.Doing = l.o.Programs[i].Name, "updating its link in place"
			return e
		}
		return nil
	}
	for i, of := range l.plan.names.maps {
		if !l.maps[i].held || l.o.Maps[i].Origin != spec.OriginStructOps || !bpffs.IsLinkOf(name, of) {
			continue
		}
		fd, err := l.get(path.Join(op.dir, name))
		if err != nil {
			return &Error{Class: errnoClassOf(err), Code: "pin-unreadable", Map: l.o.Maps[i].Name, Doing: "opening its link", Err: err}
		}
		if l.oldOps == nil {
			l.oldOps = make(map[int]int)
		}
		l.oldOps[i] = fd
		l.links = append(l.links, heldLink{Link: Link{Name: l.o.Maps[i].Name, Attachment: fdLink{l.k, fd}}})
		return nil
	}
	l.warn(spec.Warning{Code: "link-ended", Symbol: name, Message: "the new set has no program for " + path.Join(op.dir, name) + ", which ends with the replaced set"})
	return nil
}

// program updates one link of a program and pins it in the new set.
func (op *carryLinks) program(l *load, i int, name string) error {
	at := path.Join(op.dir, name)
	old, err := l.get(path.Join(op.dir, l.plan.names.programs[i]))
	if err != nil {
		return fmt.Errorf("the program it is attached with: %w", err)
	}
	l.release = append(l.release, func() { l.k.Close(old) })
	if st, err := l.k.Lstat(at); err == nil && st.IsLink() {
		return op.record(l, i, at, old)
	}
	link, err := l.get(at)
	if err != nil {
		return err
	}
	p := &l.programs[i]
	_, err = l.k.BPF(&sys.LinkUpdate{LinkFD: uint32(link), NewFD: uint32(p.fd)})
	if err != nil {
		l.k.Close(link)
		if err == unix.ENOLINK {
			l.warn(spec.Warning{Code: "not-attached", Symbol: l.o.Programs[i].Name, Message: "what the replaced program was attached to through " + at + " is gone"})
			return nil
		}
		if !isOneOf(err, []unix.Errno{unix.EINVAL, unix.EOPNOTSUPP}) {
			return err
		}
		// A kind that cannot be updated; the caller attaches it anew.
		if l.opts.Attach == nil {
			return notUpdated(l.o.Programs[i], err)
		}
		l.dropped = append(l.dropped, i)
		return nil
	}
	l.undo = append(l.undo, func() { l.k.BPF(&sys.LinkUpdate{LinkFD: uint32(link), NewFD: uint32(old)}) })
	p.attached = true
	l.links = append(l.links, heldLink{Link: Link{Name: l.o.Programs[i].Name, Attachment: fdLink{l.k, link}}})
	return nil
}

// notUpdated is the error for a link that would end with the replaced set.
func notUpdated(p *spec.Program, err error) *Error {
	return &Error{Class: ClassRefused, Code: "link-not-updated", Program: p.Name, Doing: "updating its link in place",
		Err:    fmt.Errorf("links of this kind keep their program: %w", err),
		Advice: "to attach the new program before the old one goes: add --attach, or --attach=" + p.Name + "=TARGET"}
}

// reattached makes sure that the caller attached what carryLinks left to it.
func (l *load) reattached() error {
	for _, i := range l.dropped {
		p := l.o.Programs[i]
		if !slices.ContainsFunc(l.links, func(h heldLink) bool { return h.Name == p.Name }) {
			return notUpdated(p, unix.EINVAL)
		}
	}
	return nil
}

// record carries over a classic filter of tc, which has no link but a note where it
// is.
func (op *carryLinks) record(l *load, i int, at string, old int) error {
	text, err := l.k.Readlink(at)
	if err != nil {
		return err
	}
	record, ok := tc.ParseRecord(text)
	if !ok {
		return nil // not of ours
	}
	p, name := &l.programs[i], l.o.Programs[i].Name
	now, err := record.Update(p.fd, name)
	if errors.Is(err, tc.ErrGone) {
		l.warn(spec.Warning{Code: "not-attached", Symbol: name, Message: fmt.Sprintf("the filter on %s is not there any more", record.Target())})
		return nil
	}
	if err != nil {
		return err
	}
	l.undo = append(l.undo, func() { now.Update(old, name) })
	p.attached = true
	l.links = append(l.links, heldLink{Link: Link{Name: name, Attachment: carriedFilter{now}}})
	return nil
}

// carriedFilter is a filter that goes on with a new program.
type carriedFilter struct{ record *tc.Record }

func (f carriedFilter) Pin(p string) error { return f.record.Pin(p) }
func (f carriedFilter) Close() error       { return nil }

// Target says where the filter is.
func (f carriedFilter) Target() string { return f.record.Target() }

// detachLeft removes the filters that only the replaced set, now out of sight, has
// notes of.
func (l *load) detachLeft(old, now string) {
	keep := l.records(now)
	left := l.records(old)
	slices.SortStableFunc(left, tc.DetachOrder)
	for _, r := range left {
		if slices.ContainsFunc(keep, r.Same) {
			continue
		}
		if err := r.Detach(); err != nil && !errors.Is(err, tc.ErrGone) {
			l.warn(spec.Warning{Code: "not-detached", Message: fmt.Sprintf("the filter on %s is still there: %v", r.Target(), err)})
		}
	}
}

// records reads the notes of a set and of the directories in it.
func (l *load) records(dir string) []*tc.Record {
	names, err := l.k.ReadDir(dir)
	if err != nil {
		return nil
	}
	var list []*tc.Record
	for _, name := range names {
		p := path.Join(dir, name)
		st, err := l.k.Lstat(p)
		switch {
		case err != nil:
		case st.IsDir():
			list = append(list, l.records(p)...)
		case st.IsLink():
			if text, err := l.k.Readlink(p); err == nil {
				if r, ok := tc.ParseRecord(text); ok {
					list = append(list, r)
				}
			}
		}
	}
	return list
}
