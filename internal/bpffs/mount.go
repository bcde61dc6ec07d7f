// SPDX-License-Identifier: MIT

package bpffs

import (
	"context"
	"fmt"
	"time"

	"github.com/bpfload/bpfload/internal/sys"
)

// Mounted says whether dir lies on a bpffs.
func Mounted(fs sys.Files, dir string) bool {
	magic, err := fs.FSType(dir)
	return err == nil && magic == sys.BPFFSMagic
}

// Mount mounts a bpffs on root unless there is one. It never covers anything: the
// directory must exist, be safe as [Check] means it, and be empty.
func Mount(fs sys.Files, root string) error {
	if Mounted(fs, root) {
		return nil
	}
	missing, err := walk(fs, root)
	if err != nil {
		return err
	}
	if len(missing) > 0 {
		return &Error{Path: root, Kind: ErrNotMounted, Msg: "does not exist, so no bpffs can be mounted on it", Hint: "mkdir -p " + root}
	}
	names, err := fs.ReadDir(root)
	if err != nil {
		return failed(root, "reading the directory", err)
	}
	if len(names) > 0 {
		return &Error{Path: root, Kind: ErrUnsafe, Msg: fmt.Sprintf("is not empty (it holds %q): a bpffs mounted there would cover it", names[0]),
			Hint: "choose an empty directory"}
	}
	if err := fs.MountBPFFS(root); err != nil {
		return failed(root, "mounting a bpffs", err)
	}
	if !Mounted(fs, root) {
		return &Error{Path: root, Kind: ErrNotMounted, Msg: "is still not on a bpffs after mounting one"}
	}
	return nil
}

// Wait returns when root lies on a bpffs, or with an error when ctx ends first.
// It is for programs that start while the system does.
func Wait(ctx context.Context, fs sys.Files, root string) error {
	return poll(ctx, func() (bool, error) { return Mounted(fs, root), nil }, func() error {
		return wantBPFFS(fs, root)
	})
}

// poll calls try, less and less often, until it is done, fails, or ctx ends; then
// the error is late's.
func poll(ctx context.Context, try func() (bool, error), late func() error) error {
	pause := time.Millisecond
	for {
		if done, err := try(); done || err != nil {
			return err
		}
		t := time.NewTimer(pause)
		select {
		case <-ctx.Done():
			t.Stop()
			if err := late(); err != nil {
				return err
			}
			return ctx.Err()
		case <-t.C:
		}
		pause = min(2*pause, 100*time.Millisecond)
	}
}
