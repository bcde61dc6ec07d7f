// SPDX-License-Identifier: MIT

package bpffs_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/bpfload/bpfload/internal/bpffs"
	"github.com/bpfload/bpfload/internal/sys"
)

// mount gives the test a bpffs of its own.
func mount(t *testing.T) string {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("mounting a bpffs needs root")
	}
	dir := t.TempDir()
	if err := bpffs.Mount(sys.Host{}, dir); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := unix.Unmount(dir, unix.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})
	return dir
}

func names(t *testing.T, dir string) []string {
	t.Helper()
	names, err := sys.Host{}.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	return names
}

func TestKernelStaging(t *testing.T) {
	root := mount(t)
	k := sys.Host{}
	target := filepath.Join(root, "sub", "app")

	s := stage(t, k, target)
	pin(t, k, s.Path+"/one")
	if err := s.Publish(); err != nil {
		t.Fatal(err)
	}
	if err := s.Discard(); err != nil {
		t.Fatal(err)
	}

	s = stage(t, k, target)
	pin(t, k, s.Path+"/two")
	if err := s.Publish(); !errors.Is(err, bpffs.ErrExists) {
		t.Fatalf("Publish over a set: %v", err)
	}
	exchanged, err := s.Replace()
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("RENAME_EXCHANGE on this kernel's bpffs: %v", exchanged)
	if err := s.Discard(); err != nil {
		t.Fatal(err)
	}
	if got := names(t, target); len(got) != 1 || got[0] != "two" {
		t.Errorf("after Replace: %q, want two", got)
	}

	s = stage(t, k, target)
	if err := s.Take(); err != nil {
		t.Fatal(err)
	}
	if err := s.Discard(); err != nil {
		t.Fatal(err)
	}
	if got := names(t, filepath.Join(root, "sub")); len(got) != 0 {
		t.Errorf("after Take: %q, want nothing", got)
	}
}

func TestKernelCheck(t *testing.T) {
	root := mount(t)
	k := sys.Host{}
	if err := bpffs.Check(k, root); !errors.Is(err, bpffs.ErrUnsafe) {
		t.Errorf("root of the bpffs: %v", err)
	}
	if err := bpffs.Check(k, filepath.Join(root, "app")); err != nil {
		t.Errorf("a new directory: %v", err)
	}
	if err := bpffs.Check(k, filepath.Join(filepath.Dir(root), "app")); !errors.Is(err, bpffs.ErrNotMounted) {
		t.Errorf("beside the bpffs: %v", err)
	}
	if err := os.Mkdir(filepath.Join(root, "open"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(filepath.Join(root, "open"), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := bpffs.Check(k, filepath.Join(root, "open", "app")); !errors.Is(err, bpffs.ErrUnsafe) {
		t.Errorf("below a directory that everybody may write: %v", err)
	}
}
