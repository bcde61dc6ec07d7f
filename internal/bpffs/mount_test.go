// SPDX-License-Identifier: MIT

package bpffs_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/bpfload/bpfload/internal/bpffs"
	"github.com/bpfload/bpfload/internal/sys/systest"
)

func TestMount(t *testing.T) {
	k := systest.New()
	k.Unmount("/sys/fs/bpf")
	if err := bpffs.Mount(k, "/sys/fs/bpf"); err != nil || !bpffs.Mounted(k, "/sys/fs/bpf") {
		t.Errorf("Mount: %v", err)
	}
	k.MakeDir("/run/full", 0o755, 0)
	k.MakeDir("/run/full/x", 0o755, 0)
	if err := bpffs.Mount(k, "/run/full"); !errors.Is(err, bpffs.ErrUnsafe) {
		t.Errorf("mounting over a full directory: %v", err)
	}
	if err := bpffs.Mount(k, "/run/none"); !errors.Is(err, bpffs.ErrNotMounted) {
		t.Errorf("mounting on nothing: %v", err)
	}
}

func TestWait(t *testing.T) {
	k := systest.New()
	k.Unmount("/sys/fs/bpf")
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Millisecond)
	defer cancel()
	if err := bpffs.Wait(ctx, k, "/sys/fs/bpf"); !errors.Is(err, bpffs.ErrNotMounted) {
		t.Errorf("got %v, want ErrNotMounted", err)
	}
	go func() {
		time.Sleep(2 * time.Millisecond)
		k.MountBPFFS("/sys/fs/bpf")
	}()
	if err := bpffs.Wait(t.Context(), k, "/sys/fs/bpf"); err != nil {
		t.Error(err)
	}
}
