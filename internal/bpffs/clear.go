// SPDX-License-Identifier: MIT

package bpffs

import (
	"path"

	"golang.org/x/sys/unix"

	"github.com/bpfload/bpfload/internal/sys"
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
