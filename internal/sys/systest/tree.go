// SPDX-License-Identifier: MIT

package systest

import (
	"path"
	"slices"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/bpfload/bpfload/internal/sys"
)

type node struct {
	stat    sys.Stat
	entries map[string]*node // of a directory
	object  *Object          // of a pin
	link    string           // of a symbolic link
	bpffs   bool             // this directory and what is below it
	locked  int              // descriptor that holds the lock
}

func newDir(mode, uid uint32) *node {
	inode++
	return &node{entries: map[string]*node{}, stat: sys.Stat{Mode: unix.S_IFDIR | mode, UID: uid, Ino: inode}}
}

// at returns the node at an absolute path, nil where there is none.
func (k *Kernel) at(p string) *node {
	n := k.root
	for _, name := range strings.Split(strings.Trim(path.Clean(p), "/"), "/") {
		if name == "" {
			continue
		}
		for range 8 {
			if n == nil || n.link == "" {
				break
			}
			n = k.at(n.link)
		}
		if n == nil || n.entries == nil {
			return nil
		}
		next := n.entries[name]
		if next != nil && n.bpffs && next.entries != nil {
			next.bpffs = true
		}
		n = next
	}
	return n
}

func (k *Kernel) mkdir(p string, mode uint32) error {
	parent := k.at(path.Dir(p))
	switch name := path.Base(p); {
	case parent == nil || parent.entries == nil:
		return unix.ENOENT
	case parent.entries[name] != nil:
		return unix.EEXIST
	case parent.bpffs && strings.Contains(name, "."):
		return unix.EPERM
	default:
		parent.entries[name] = newDir(mode, k.User)
		return nil
	}
}

// Tree lists the paths below a directory in order, directories with a slash at the
// end.
func (k *Kernel) Tree(dir string) []string {
	k.mu.Lock()
	defer k.mu.Unlock()
	var out []string
	var walk func(n *node, p string)
	walk = func(n *node, p string) {
		var names []string
		for name := range n.entries {
			names = append(names, name)
		}
		slices.Sort(names)
		for _, name := range names {
			e, q := n.entries[name], p+"/"+name
			switch {
			case e.entries != nil:
				out = append(out, q+"/")
				walk(e, q)
			case e.object != nil:
				out = append(out, q+" "+e.object.String())
			default:
				out = append(out, q)
			}
		}
	}
	if n := k.at(dir); n != nil {
		walk(n, dir)
	}
	return out
}

// MakeDir makes a directory as the caller's test wants it, owner included.
func (k *Kernel) MakeDir(p string, mode, uid uint32) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.mkdir(p, mode)
	n := k.at(p)
	n.stat.Mode, n.stat.UID = unix.S_IFDIR|mode, uid
}

// Symlink makes a symbolic link.
func (k *Kernel) Symlink(target, p string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.at(path.Dir(p)).entries[path.Base(p)] = &node{link: target, stat: sys.Stat{Mode: unix.S_IFLNK | 0o777}}
}

// Pinned returns what is pinned at a path, nil for nothing.
func (k *Kernel) Pinned(p string) *Object {
	k.mu.Lock()
	defer k.mu.Unlock()
	if n := k.at(p); n != nil {
		return n.object
	}
	return nil
}
