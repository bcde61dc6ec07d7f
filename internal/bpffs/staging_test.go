// SPDX-License-Identifier: MIT

package bpffs_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sys/unix"

	"github.com/bpfload/bpfload/internal/bpffs"
	"github.com/bpfload/bpfload/internal/sys"
	"github.com/bpfload/bpfload/internal/sys/systest"
)

func stage(t *testing.T, k sys.Kernel, dir string) *bpffs.Staging {
	t.Helper()
	s, err := bpffs.Stage(t.Context(), k, dir)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func pin(t *testing.T, k sys.Kernel, path string) {
	t.Helper()
	fd, err := k.BPF(&sys.MapCreate{MapType: 2, KeySize: 4, ValueSize: 4, MaxEntries: 1, MapName: sys.NewName("m")})
	if err != nil {
		t.Fatal(err)
	}
	defer k.Close(fd)
	if _, err := k.BPF(&sys.ObjPin{Obj: sys.Obj{Pathname: sys.CString(path), BPFFD: uint32(fd)}}); err != nil {
		t.Fatal(err)
	}
}

func TestPublish(t *testing.T) {
	k := systest.New()
	const dir = "/sys/fs/bpf/deep/app"
	s := stage(t, k, dir)
	pin(t, k, s.Path+"/m")
	if err := s.Publish(); err != nil {
		t.Fatal(err)
	}
	if err := s.Discard(); err != nil {
		t.Fatal(err)
	}
	want := []string{"/sys/fs/bpf/deep/", "/sys/fs/bpf/deep/app/", "/sys/fs/bpf/deep/app/m map:m"}
	if d := cmp.Diff(want, k.Tree("/sys/fs/bpf")); d != "" {
		t.Errorf("after Publish (-want +got):\n%s", d)
	}
	if open := k.Open(); len(open) > 0 {
		t.Errorf("still open: %q", open)
	}

	again := stage(t, k, dir)
	if err := again.Publish(); !errors.Is(err, bpffs.ErrExists) {
		t.Errorf("second Publish: got %v, want ErrExists", err)
	}
	if err := again.Discard(); err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(want, k.Tree("/sys/fs/bpf")); d != "" {
		t.Errorf("after a second Publish (-want +got):\n%s", d)
	}
}

func TestDiscardRestores(t *testing.T) {
	k := systest.New()
	s := stage(t, k, "/sys/fs/bpf/a/b/app")
	pin(t, k, s.Path+"/m")
	if err := s.Discard(); err != nil {
		t.Fatal(err)
	}
	if tree := k.Tree("/sys/fs/bpf"); len(tree) > 0 {
		t.Errorf("left behind: %q", tree)
	}
}

func TestReplace(t *testing.T) {
	for name, old := range map[string]bool{"exchange": false, "kernel without RENAME_EXCHANGE": true} {
		t.Run(name, func(t *testing.T) {
			k := systest.New()
			first := stage(t, k, "/sys/fs/bpf/app")
			pin(t, k, first.Path+"/old")
			if err := first.Publish(); err != nil {
				t.Fatal(err)
			}
			first.Discard()
			if old {
				k.Fail = func(_ int, call string) unix.Errno {
					if strings.HasSuffix(call, "exchange") {
						return unix.EINVAL
					}
					return 0
				}
			}
			s := stage(t, k, "/sys/fs/bpf/app")
			pin(t, k, s.Path+"/new")
			exchanged, err := s.Replace()
			if err != nil || exchanged == old {
				t.Fatalf("Replace: %v, %v", exchanged, err)
			}
			if err := s.Discard(); err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff([]string{"/sys/fs/bpf/app/", "/sys/fs/bpf/app/new map:m"}, k.Tree("/sys/fs/bpf")); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
			if open := k.Open(); len(open) > 0 {
				t.Errorf("still open: %q", open)
			}
		})
	}
}

// A loader that dies leaves its staging directory; the next one clears it.
func TestAdoptStale(t *testing.T) {
	k := systest.New()
	dead := stage(t, k, "/sys/fs/bpf/app")
	pin(t, k, dead.Path+"/half")
	k.CloseAll()
	s := stage(t, k, "/sys/fs/bpf/app")
	if d := cmp.Diff([]string{s.Path + "/"}, k.Tree("/sys/fs/bpf")); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}

func TestAdoptMovedAside(t *testing.T) {
	k := systest.New()
	k.MakeDir("/sys/fs/bpf/0-bpfload-app-old", 0o700, 0)
	pin(t, k, "/sys/fs/bpf/0-bpfload-app-old/m")
	s := stage(t, k, "/sys/fs/bpf/app")
	if there, err := s.Exists(); !there || err != nil {
		t.Errorf("the set moved aside was not moved back: %v, %v", there, err)
	}
	s.Discard()
	if d := cmp.Diff([]string{"/sys/fs/bpf/app/", "/sys/fs/bpf/app/m map:m"}, k.Tree("/sys/fs/bpf")); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}

func TestBusy(t *testing.T) {
	k := systest.New()
	s := stage(t, k, "/sys/fs/bpf/app")
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Millisecond)
	defer cancel()
	if _, err := bpffs.Stage(ctx, k, "/sys/fs/bpf/app"); !errors.Is(err, bpffs.ErrBusy) {
		t.Errorf("got %v, want ErrBusy", err)
	}
	if _, err := bpffs.Stage(ctx, k, "/sys/fs/bpf/other"); err != nil {
		t.Errorf("another directory: %v", err)
	}
	s.Discard()
	if _, err := bpffs.Stage(t.Context(), k, "/sys/fs/bpf/app"); err != nil {
		t.Errorf("after Discard: %v", err)
	}
}

func TestTake(t *testing.T) {
	k := systest.New()
	k.MakeDir("/sys/fs/bpf/app", 0o700, 0)
	pin(t, k, "/sys/fs/bpf/app/m")
	s := stage(t, k, "/sys/fs/bpf/app")
	if err := s.Take(); err != nil {
		t.Fatal(err)
	}
	if err := s.Discard(); err != nil {
		t.Fatal(err)
	}
	if tree := k.Tree("/sys/fs/bpf"); len(tree) > 0 {
		t.Errorf("left behind: %q", tree)
	}
}

// Whichever call fails, Discard leaves what was there before.
func TestFaults(t *testing.T) {
	run := func(k *systest.Kernel) error {
		s, err := bpffs.Stage(context.Background(), k, "/sys/fs/bpf/a/app")
		if err != nil {
			return err
		}
		defer s.Discard()
		return s.Publish()
	}
	for n := 0; ; n++ {
		k := systest.New()
		failed := ""
		k.Fail = func(i int, call string) unix.Errno {
			if i == n {
				failed = call
				return unix.EIO
			}
			return 0
		}
		err := run(k)
		if failed == "" {
			break
		}
		if open := k.Open(); len(open) > 0 {
			t.Errorf("%s failed: still open: %q", failed, open)
		}
		if err == nil {
			continue // a call of Discard, after the fact
		}
		if tree := k.Tree("/sys/fs/bpf"); len(tree) > 0 && !strings.HasPrefix(failed, "rmdir") {
			t.Errorf("%s failed: left behind %q", failed, tree)
		}
	}
}

func TestConcurrent(t *testing.T) {
	k := systest.New()
	var wg sync.WaitGroup
	var mu sync.Mutex
	published := 0
	for range 20 {
		wg.Go(func() {
			s, err := bpffs.Stage(t.Context(), k, "/sys/fs/bpf/dir/app")
			if err != nil {
				t.Error(err)
				return
			}
			defer s.Discard()
			err = s.Publish()
			mu.Lock()
			defer mu.Unlock()
			if err == nil {
				published++
			} else if !errors.Is(err, bpffs.ErrExists) {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if published != 1 {
		t.Errorf("%d of 20 were published, want 1", published)
	}
	if d := cmp.Diff([]string{"/sys/fs/bpf/dir/", "/sys/fs/bpf/dir/app/"}, k.Tree("/sys/fs/bpf")); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}
