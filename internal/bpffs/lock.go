// SPDX-License-Identifier: MIT

package bpffs

import (
	"context"

	"golang.org/x/sys/unix"

	"github.com/bpfload/bpfload/internal/sys"
)

// Lock waits until no other load of ours holds dir, a directory in which maps are
// pinned under names of their own, and returns what gives the lock back. A process
// that dies gives it back with its descriptors.
func Lock(ctx context.Context, k sys.Kernel, dir string) (unlock func(), err error) {
	fd := -1
	err = poll(ctx, func() (bool, error) {
		var err error
		fd, err = lockDir(k, k, dir)
		if err == unix.EWOULDBLOCK {
			return false, nil
		}
		if err != nil {
			return false, failed(dir, "locking the directory", err)
		}
		return true, nil
	}, func() error {
		return &Error{Path: dir, Kind: ErrBusy, Msg: "is held by another load or unload"}
	})
	if err != nil {
		return nil, err
	}
	return func() { k.Close(fd) }, nil
}
