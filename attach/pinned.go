// SPDX-License-Identifier: MIT

package attach

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"strings"

	"github.com/cilium/ebpf"
	"github.com/cilium/ebpf/link"
	"golang.org/x/sys/unix"

	"github.com/bpfload/bpfload/attach/usdt"
	"github.com/bpfload/bpfload/internal/bpffs"
	"github.com/bpfload/bpfload/internal/sys"
	"github.com/bpfload/bpfload/internal/tc"
	"github.com/bpfload/bpfload/loader"
)

// Pinned attaches a pinned program, or a struct_ops map, and pins the links beside it,
// as NAME_link, NAME_link_2 and so on. It returns their paths. Either all of it is
// done or nothing.
func Pinned(ctx context.Context, pin string, t Target) (links []string, err error) {
	if t.kind == nil {
		return nil, usage("the target is empty")
	}
	unlock, err := lock(ctx, pin)
	if err != nil {
		return nil, err
	}
	defer unlock()
	made, err := attachPin(pin, t)
	if err != nil {
		return nil, err
	}
	for i, l := range made {
		p, err := pinBeside(l, pin)
		if err != nil {
			for _, p := range links {
				os.Remove(p)
			}
			for _, l := range made[:i] {
				undo(l)
			}
			closeAll(made[i:])
			return nil, t.fail(&Program{Name: path.Base(pin)}, fmt.Errorf("pinning the link: %w", err))
		}
		links = append(links, p)
	}
	closeAll(made)
	return links, nil
}

func undo(l Link) {
	if u, ok := l.(interface{ Undo() error }); ok {
		u.Undo()
		return
	}
	l.Close()
}

// lock keeps loads away that would replace the directory of a pin.
func lock(ctx context.Context, pin string) (unlock func(), err error) {
	k, dir := sys.Host{}, path.Dir(pin)
	if err := bpffs.CheckIn(k, dir); err != nil {
		return nil, loader.Classify(err)
	}
	st, err := k.Lstat(pin)
	if err == unix.ENOENT {
		return nil, unreadable(pin, "program", err)
	}
	if err == nil && st.IsDir() {
		e := usage("%s is a directory: want the pin of a program or link in it", pin)
		e.Advice = "bpfload status " + pin + " lists what is pinned there"
		return nil, e
	}
	unlock, err = bpffs.Lock(ctx, k, dir)
	if err != nil {
		return nil, loader.Classify(err)
	}
	return unlock, nil
}

func attachPin(pin string, t Target) ([]Link, error) {
	if t.kind.name == "struct_ops" {
		return attachMap(pin, t)
	}
	prog, err := ebpf.LoadPinnedProgram(pin, nil)
	if err != nil {
		return nil, unreadable(pin, "program", err)
	}
	defer prog.Close()
	var opened []*ebpf.Map
	defer func() {
		for _, m := range opened {
			m.Close()
		}
	}()
	return t.Attach(&Program{Program: prog, Name: path.Base(pin), Map: func(name string) (*ebpf.Map, error) {
		if name == usdt.SpecMap { // the object's own, which is pinned beside
			if m, err := ebpf.LoadPinnedMap(path.Join(path.Dir(pin), name), nil); err == nil {
				opened = append(opened, m)
				return m, nil
			}
		}
		return nil, usage("map %q: want the path of its pin, such as %s", name, path.Join(path.Dir(pin), name))
	}})
}

func attachMap(pin string, t Target) ([]Link, error) {
	m, err := ebpf.LoadPinnedMap(pin, nil)
	if err != nil {
		return nil, unreadable(pin, "struct_ops map", err)
	}
	defer m.Close()
	links, err := one(link.AttachStructOps(link.StructOpsOptions{Map: m}))
	if err != nil {
		e := t.fail(&Program{}, err)
		e.Map = path.Base(pin)
		return nil, e
	}
	return links, nil
}

func unreadable(pin, what string, err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return &loader.Error{Class: loader.ClassOther, Code: "not-loaded", Err: fmt.Errorf("nothing is pinned at %s: %w", pin, err), Advice: "bpfload status lists what is pinned"}
	}
	if is := pinned(pin); is != "" && !strings.HasSuffix(what, is) {
		e := usage("%s is the pin of a %s, want that of a %s", pin, is, what)
		e.Advice = "bpfload status " + path.Dir(pin) + " lists what is pinned there"
		return e
	}
	e := loader.Classify(err)
	return &loader.Error{Class: e.Class, Code: "pin-unreadable", Doing: fmt.Sprintf("opening the %s pinned at %s", what, pin), Err: err}
}

// pinned says of which kind a pin is, "" if that cannot be told.
func pinned(pin string) string {
	k := sys.Host{}
	fd, err := k.BPF(&sys.ObjGet{Obj: sys.Obj{Pathname: sys.CString(pin)}})
	if err != nil {
		return ""
	}
	defer k.Close(fd)
	kind, err := sys.KindOf(fd)
	if err != nil {
		return ""
	}
	return map[sys.FDKind]string{sys.ProgFD: "program", sys.MapFD: "map", sys.LinkFD: "link"}[kind]
}

// pinBeside pins a link under the first name that is free.
func pinBeside(l Link, pin string) (string, error) {
	for n := 1; ; n++ {
		p := bpffs.LinkName(pin, n)
		err := l.Pin(p)
		if err == nil || !errors.Is(err, unix.EEXIST) || n == 1<<16 {
			return p, err
		}
	}
}

// Detach detaches a pinned link and removes its pin. Of a pinned program it does so
// with all links beside it. It returns the paths of the links.
func Detach(ctx context.Context, pin string) ([]string, error) {
	unlock, err := lock(ctx, pin)
	if err != nil {
		return nil, err
	}
	defer unlock()
	isLink, err := detachLink(pin)
	switch {
	case err != nil:
		return nil, err
	case isLink:
		return []string{pin}, nil
	}
	names, err := os.ReadDir(path.Dir(pin))
	if err != nil {
		return nil, unreadable(path.Dir(pin), "directory", err)
	}
	var done []string
	for _, entry := range names {
		if !bpffs.IsLinkOf(entry.Name(), path.Base(pin)) {
			continue
		}
		p := path.Join(path.Dir(pin), entry.Name())
		isLink, err := detachLink(p)
		if err != nil {
			return done, err
		}
		if isLink {
			done = append(done, p)
		}
	}
	if len(done) == 0 {
		return nil, &loader.Error{Class: loader.ClassOther, Code: "not-attached", Err: fmt.Errorf("%s is no link, and none is pinned beside it", pin)}
	}
	return done, nil
}

// detachLink detaches what is pinned at p, if that is a link.
func detachLink(p string) (isLink bool, err error) {
	if text, err := os.Readlink(p); err == nil {
		record, ok := tc.ParseRecord(text)
		if !ok {
			return false, nil
		}
		if err := record.Detach(); err != nil && !errors.Is(err, tc.ErrGone) {
			return true, detachError(p, err)
		}
		return true, remove(p)
	}
	k := sys.Host{}
	fd, err := k.BPF(&sys.ObjGet{Obj: sys.Obj{Pathname: sys.CString(p)}})
	if err != nil {
		return false, unreadable(p, "link", err)
	}
	defer k.Close(fd)
	kind, err := sys.KindOf(fd)
	if err != nil {
		return false, unreadable(p, "link", err)
	}
	if kind != sys.LinkFD {
		return false, nil
	}
	// Kinds of link that know no detaching end with their last reference.
	_, err = k.BPF(&sys.LinkDetach{LinkFD: uint32(fd)})
	if err != nil && !errors.Is(err, unix.EOPNOTSUPP) && !errors.Is(err, unix.EINVAL) && !errors.Is(err, unix.ENOLINK) {
		return true, detachError(p, err)
	}
	return true, remove(p)
}

func remove(p string) error {
	if err := os.Remove(p); err != nil {
		return detachError(p, err)
	}
	return nil
}

func detachError(p string, err error) error {
	e := loader.Classify(err)
	return &loader.Error{Class: e.Class, Code: "detach", Doing: "detaching " + p, Err: err}
}
