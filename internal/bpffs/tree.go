// SPDX-License-Identifier: MIT

package bpffs

import (
	"errors"
	"path"

	"golang.org/x/sys/unix"

	"github.com/bpfload/bpfload/internal/sys"
	"github.com/bpfload/bpfload/internal/tc"
)

// clearDir removes everything below dir. A load makes at most one level of
// directories in a set; two are tolerated.
func clearDir(fs sys.Files, dir string) error { return clearLevels(fs, dir, 3) }

func clearLevels(fs sys.Files, dir string, levels int) error {
	names, err := fs.ReadDir(dir)
	if err == unix.ENOENT {
		return nil
	}
	if err != nil {
		return failed(dir, "reading the directory", err)
	}
	for _, name := range names {
		p := path.Join(dir, name)
		st, err := fs.Lstat(p)
		switch {
		case err == unix.ENOENT:
			continue
		case err != nil:
			return failed(p, "looking at the entry", err)
		case st.IsLink():
			err = removeNote(fs, p)
		case !st.IsDir():
			err = fs.Unlink(p)
		case levels == 0:
			return &Error{Path: p, Kind: ErrUnsafe, Msg: "is nested deeper than a load nests directories"}
		default:
			if err := clearLevels(fs, p, levels-1); err != nil {
				return err
			}
			err = fs.Rmdir(p)
		}
		if err != nil && err != unix.ENOENT {
			return failed(p, "removing the entry", err)
		}
	}
	return nil
}

// removeNote removes a symbolic link and the filter of tc that it is the note of. A
// load that died may have left both; a filter that was handed on to another program is
// not what the note says any more, and stays.
func removeNote(fs sys.Files, p string) error {
	if text, err := fs.Readlink(p); err == nil {
		if r, ok := tc.ParseRecord(text); ok {
			if err := r.Detach(); err != nil && !errors.Is(err, tc.ErrGone) {
				return err
			}
		}
	}
	return fs.Unlink(p)
}

// MakeDirs makes dir and the directories above it that do not exist, with mode 0700,
// and returns those, outermost first, even with an error.
func MakeDirs(fs sys.Files, dir string) (made []string, err error) {
	var missing []string
	for at := dir; ; at = path.Dir(at) {
		if _, err := fs.Lstat(at); err == nil {
			break
		} else if err != unix.ENOENT || at == "/" {
			return nil, failed(at, "looking at the directory", err)
		}
		missing = append(missing, at)
	}
	for i := len(missing) - 1; i >= 0; i-- {
		switch err := fs.Mkdir(missing[i], 0o700); err {
		case nil:
			made = append(made, missing[i])
		case unix.EEXIST:
			// Another load was faster, or somebody means harm.
			if err := CheckIn(fs, missing[i]); err != nil {
				return made, err
			}
		default:
			return made, failed(missing[i], "making the directory", err)
		}
	}
	return made, nil
}
