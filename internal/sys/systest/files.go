// SPDX-License-Identifier: MIT

package systest

import (
	"path"
	"slices"

	"golang.org/x/sys/unix"

	"github.com/bpfload/bpfload/internal/sys"
)

var inode uint64

// OpenDir implements [sys.Files].
func (k *Kernel) OpenDir(p string) (int, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if err := k.enter("open %s", p); err != nil {
		return -1, err
	}
	n := k.at(p)
	switch {
	case n == nil:
		return -1, unix.ENOENT
	case n.link != "":
		return -1, unix.ELOOP
	case n.entries == nil:
		return -1, unix.ENOTDIR
	}
	return k.newFD(&descriptor{dir: n}), nil
}

// Lstat implements [sys.Files].
func (k *Kernel) Lstat(p string) (sys.Stat, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if err := k.enter("lstat %s", p); err != nil {
		return sys.Stat{}, err
	}
	n := k.at(p)
	if n == nil {
		return sys.Stat{}, unix.ENOENT
	}
	return n.stat, nil
}

// FSType implements [sys.Files].
func (k *Kernel) FSType(p string) (int64, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if err := k.enter("statfs %s", p); err != nil {
		return 0, err
	}
	switch n := k.at(p); {
	case n == nil:
		return 0, unix.ENOENT
	case n.bpffs:
		return sys.BPFFSMagic, nil
	}
	return unix.TMPFS_MAGIC, nil
}

// ReadDir implements [sys.Files].
func (k *Kernel) ReadDir(p string) ([]string, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if err := k.enter("readdir %s", p); err != nil {
		return nil, err
	}
	n := k.at(p)
	if n == nil {
		return nil, unix.ENOENT
	}
	var names []string
	for name := range n.entries {
		names = append(names, name)
	}
	slices.Sort(names)
	return names, nil
}

// Readlink implements [sys.Files].
func (k *Kernel) Readlink(p string) (string, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if err := k.enter("readlink %s", p); err != nil {
		return "", err
	}
	if n := k.at(p); n != nil && n.link != "" {
		return n.link, nil
	}
	return "", unix.EINVAL
}

// Mkdir implements [sys.Files].
func (k *Kernel) Mkdir(p string, mode uint32) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	if err := k.enter("mkdir %s %#o", p, mode); err != nil {
		return err
	}
	return k.mkdir(p, mode)
}

// Rmdir implements [sys.Files].
func (k *Kernel) Rmdir(p string) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	if err := k.enter("rmdir %s", p); err != nil {
		return err
	}
	switch n := k.at(p); {
	case n == nil:
		return unix.ENOENT
	case n.entries == nil:
		return unix.ENOTDIR
	case len(n.entries) > 0:
		return unix.ENOTEMPTY
	}
	delete(k.at(path.Dir(p)).entries, path.Base(p))
	return nil
}

// Unlink implements [sys.Files].
func (k *Kernel) Unlink(p string) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	if err := k.enter("unlink %s", p); err != nil {
		return err
	}
	n := k.at(p)
	switch {
	case n == nil:
		return unix.ENOENT
	case n.entries != nil:
		return unix.EISDIR
	}
	if n.object != nil {
		n.object.refs--
	}
	delete(k.at(path.Dir(p)).entries, path.Base(p))
	return nil
}

// Rename implements [sys.Files].
func (k *Kernel) Rename(from, to string, flags uint) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	how := map[uint]string{unix.RENAME_NOREPLACE: "noreplace", unix.RENAME_EXCHANGE: "exchange", 0: "replace"}[flags]
	if err := k.enter("rename %s %s %s", from, to, how); err != nil {
		return err
	}
	src, dst := k.at(from), k.at(to)
	a, b := k.at(path.Dir(from)), k.at(path.Dir(to))
	switch {
	case src == nil || b == nil:
		return unix.ENOENT
	case flags == unix.RENAME_NOREPLACE && dst != nil:
		return unix.EEXIST
	case flags == unix.RENAME_EXCHANGE && dst == nil:
		return unix.ENOENT
	case flags == 0 && dst != nil && len(dst.entries) > 0:
		return unix.ENOTEMPTY
	}
	delete(a.entries, path.Base(from))
	b.entries[path.Base(to)] = src
	if flags == unix.RENAME_EXCHANGE {
		a.entries[path.Base(from)] = dst
	}
	return nil
}

// Chmod implements [sys.Files].
func (k *Kernel) Chmod(p string, mode uint32) error {
	return k.change("chmod", p, func(s *sys.Stat) { s.Mode = s.Mode&unix.S_IFMT | mode })
}

// Chown implements [sys.Files].
func (k *Kernel) Chown(p string, uid, gid int) error {
	return k.change("chown", p, func(s *sys.Stat) {
		if uid >= 0 { // -1 leaves it as it is
			s.UID = uint32(uid)
		}
		if gid >= 0 {
			s.GID = uint32(gid)
		}
	})
}

func (k *Kernel) change(what, p string, f func(*sys.Stat)) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	if err := k.enter("%s %s", what, p); err != nil {
		return err
	}
	n := k.at(p)
	if n == nil {
		return unix.ENOENT
	}
	f(&n.stat)
	return nil
}

// Flock implements [sys.Files]. It never waits.
func (k *Kernel) Flock(fd, how int) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	d := k.fds[fd]
	if d == nil || d.dir == nil {
		return unix.EBADF
	}
	if how == unix.LOCK_UN {
		d.dir.locked = 0
		return nil
	}
	if err := k.enter("flock"); err != nil {
		return err
	}
	if held := d.dir.locked; held != 0 && held != fd && k.fds[held] != nil && k.fds[held].dir == d.dir {
		return unix.EWOULDBLOCK
	}
	d.dir.locked = fd
	return nil
}

// MountBPFFS implements [sys.Files].
func (k *Kernel) MountBPFFS(p string) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	if err := k.enter("mount bpf %s", p); err != nil {
		return err
	}
	n := k.at(p)
	if n == nil || n.entries == nil {
		return unix.ENOENT
	}
	n.bpffs, n.entries = true, map[string]*node{}
	return nil
}

// Unmount takes a bpffs away again.
func (k *Kernel) Unmount(p string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.at(p).bpffs = false
}

// UID implements [sys.Files].
func (k *Kernel) UID() uint32 { return k.User }
