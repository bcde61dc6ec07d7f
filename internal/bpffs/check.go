// SPDX-License-Identifier: MIT

// Package bpffs prepares and publishes directories of pins.
//
// A set of pins is made in a staging directory beside its destination and moved
// into place in one step, so that nobody ever sees half of it. The staging
// directory is at the same time the lock: its name follows from the
// destination's, and whoever holds the flock(2) of the directory that stands
// under that name may write to the destination. A loader that dies gives back the
// lock with its descriptors, and what it left is cleared by the next.
//
// Nothing here opens a path that [Check] has not found safe: every directory on
// the way belongs to root or to us, and nobody else can rename or replace it.
package bpffs

import (
	"fmt"
	"path"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/bpfload/bpfload/internal/sys"
)

// DefaultRoot is where a bpffs is mounted by custom.
const DefaultRoot = "/sys/fs/bpf"

// Check says whether pins may be put into dir, which need not exist. It follows
// the path from the root of the file system down and refuses symbolic links,
// directories of other users, directories that other users may change, a file
// system that is not a bpffs, and names that a bpffs does not allow.
func Check(fs sys.Files, dir string) error {
	if err := CheckIn(fs, dir); err != nil {
		return err
	}
	switch magic, err := fs.FSType(path.Dir(dir)); {
	case err == unix.ENOENT:
		return nil // to be made, below the root
	case err != nil:
		return failed(path.Dir(dir), "asking for the file system's type", err)
	case magic != sys.BPFFSMagic:
		return &Error{Path: dir, Kind: ErrUnsafe, Msg: "is the root of a bpffs", Hint: "use " + path.Join(dir, "NAME")}
	}
	return nil
}

// CheckIn is [Check] for a directory in which single pins are made, which may be the
// root of a bpffs.
func CheckIn(fs sys.Files, dir string) error {
	missing, err := walk(fs, dir)
	if err != nil {
		return err
	}
	there := dir
	for range missing {
		there = path.Dir(there)
	}
	if err := wantBPFFS(fs, there); err != nil {
		return err
	}
	return checkNames(dir, missing)
}

func checkNames(dir string, missing []string) error {
	for _, name := range missing {
		if err := CheckName(dir, name); err != nil {
			return err
		}
	}
	return nil
}

// CheckName refuses what a bpffs refuses as the name of an entry below dir.
func CheckName(dir, name string) error {
	if !strings.Contains(name, ".") {
		return nil
	}
	return &Error{Path: dir, Kind: ErrName, Msg: fmt.Sprintf("has a dot in the name %q, which a bpffs does not allow", name),
		Hint: "use " + path.Join(path.Dir(dir), strings.ReplaceAll(name, ".", "_"))}
}

// walk checks every directory on the way to dir, which is absolute, and returns
// the components that do not exist.
func walk(fs sys.Files, dir string) (missing []string, err error) {
	if !path.IsAbs(dir) || path.Clean(dir) != dir {
		return nil, &Error{Path: dir, Kind: ErrUnsafe, Msg: "is no absolute path without . and .. components"}
	}
	names := strings.Split(strings.TrimPrefix(dir, "/"), "/")
	at, sticky := "/", false
	for i, name := range names {
		at = path.Join(at, name)
		st, err := fs.Lstat(at)
		switch {
		case err == unix.ENOENT, err == unix.EPERM && strings.Contains(name, "."):
			// A bpffs answers EPERM when asked for a name with a dot.
			return names[i:], nil
		case err != nil:
			return nil, failed(at, "looking at the directory", err)
		case st.IsLink():
			target, _ := fs.Readlink(at)
			if !path.IsAbs(target) {
				target = path.Join(path.Dir(at), target)
			}
			return nil, &Error{Path: at, Kind: ErrUnsafe, Msg: fmt.Sprintf("is a symbolic link to %q", target),
				Hint: "use " + path.Join(append([]string{target}, names[i+1:]...)...)}
		case !st.IsDir():
			return nil, &Error{Path: at, Kind: ErrUnsafe, Msg: "is not a directory"}
		case st.UID != 0 && st.UID != fs.UID():
			msg := fmt.Sprintf("belongs to user %d, who could replace what is pinned there", st.UID)
			if sticky {
				msg += "; anybody may make directories beside it"
			}
			return nil, &Error{Path: at, Kind: ErrUnsafe, Msg: msg, Hint: "use a directory of your own"}
		case st.Mode&0o002 != 0 && st.Mode&unix.S_ISVTX == 0:
			return nil, &Error{Path: at, Kind: ErrUnsafe, Msg: fmt.Sprintf("may be written by everybody (mode %#o)", st.Mode&0o7777),
				Hint: "chmod o-w " + at}
		}
		sticky = st.Mode&unix.S_ISVTX != 0
	}
	return nil, nil
}

func wantBPFFS(fs sys.Files, dir string) error {
	magic, err := fs.FSType(dir)
	if err != nil {
		return failed(dir, "asking for the file system's type", err)
	}
	if magic == sys.BPFFSMagic {
		return nil
	}
	return &Error{Path: dir, Kind: ErrNotMounted, Msg: "is not on a bpffs", Hint: MountHint(fs, dir)}
}

// MountHint says what to do about a directory that is not on a bpffs. To mount one over
// a directory that somebody mistook would hide what is in it.
func MountHint(fs sys.Files, dir string) string {
	magic, err := fs.FSType(DefaultRoot)
	mounted := err == nil && magic == sys.BPFFSMagic
	switch inside := dir == DefaultRoot || strings.HasPrefix(dir, DefaultRoot+"/") || strings.HasPrefix(DefaultRoot, dir+"/"); {
	case !mounted && inside:
		return "mount -t bpf bpf " + DefaultRoot
	case !mounted:
		return "mount -t bpf bpf " + DefaultRoot + ", and use " + DefaultRoot + "/NAME"
	}
	return "use " + DefaultRoot + "/NAME"
}
