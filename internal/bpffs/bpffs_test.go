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

func TestCheck(t *testing.T) {
	for name, tc := range map[string]struct {
		prepare func(k *systest.Kernel)
		dir     string
		want    error
		text    string
	}{
		"new directory":        {dir: "/sys/fs/bpf/app"},
		"new directories":      {dir: "/sys/fs/bpf/a/b/c"},
		"existing":             {dir: "/sys/fs/bpf/app", prepare: func(k *systest.Kernel) { k.MakeDir("/sys/fs/bpf/app", 0o700, 0) }},
		"sticky parent":        {dir: "/sys/fs/bpf/app", prepare: func(k *systest.Kernel) { k.Chmod("/sys/fs/bpf", 0o1777) }},
		"relative":             {dir: "app", want: bpffs.ErrUnsafe, text: "app is no absolute path"},
		"dot dot":              {dir: "/sys/fs/bpf/a/../b", want: bpffs.ErrUnsafe, text: "without . and .. components"},
		"root of the bpffs":    {dir: "/sys/fs/bpf", want: bpffs.ErrUnsafe, text: "is the root of a bpffs"},
		"not a bpffs":          {dir: "/run/app", want: bpffs.ErrNotMounted, text: "is not on a bpffs"},
		"dot in the name":      {dir: "/sys/fs/bpf/app.v1", want: bpffs.ErrName, text: `/sys/fs/bpf/app.v1 has a dot in the name "app.v1"`},
		"world-writable":       {dir: "/sys/fs/bpf/w/app", prepare: func(k *systest.Kernel) { k.MakeDir("/sys/fs/bpf/w", 0o777, 0) }, want: bpffs.ErrUnsafe, text: "may be written by everybody (mode 0777)"},
		"another user's":       {dir: "/sys/fs/bpf/u/app", prepare: func(k *systest.Kernel) { k.MakeDir("/sys/fs/bpf/u", 0o700, 7) }, want: bpffs.ErrUnsafe, text: "belongs to user 7"},
		"our own, not root's":  {dir: "/sys/fs/bpf/u/app", prepare: func(k *systest.Kernel) { k.User = 7; k.MakeDir("/sys/fs/bpf/u", 0o700, 7) }},
		"symbolic link":        {dir: "/sys/fs/bpf/ip/app", prepare: func(k *systest.Kernel) { k.Symlink("tc", "/sys/fs/bpf/ip") }, want: bpffs.ErrUnsafe, text: `/sys/fs/bpf/ip is a symbolic link to "/sys/fs/bpf/tc"`},
		"line in the name":     {dir: "/sys/fs/bpf/a\nb/c", prepare: func(k *systest.Kernel) { k.Symlink("tc", "/sys/fs/bpf/a\nb") }, want: bpffs.ErrUnsafe, text: `"/sys/fs/bpf/a\nb" is a symbolic link`},
		"another user's taken": {dir: "/sys/fs/bpf/app", prepare: func(k *systest.Kernel) { k.Chmod("/sys/fs/bpf", 0o1777); k.MakeDir("/sys/fs/bpf/app", 0o700, 7) }, want: bpffs.ErrUnsafe, text: "anybody may make directories beside it"},
	} {
		t.Run(name, func(t *testing.T) {
			k := systest.New()
			if tc.prepare != nil {
				tc.prepare(k)
			}
			err := bpffs.Check(k, tc.dir)
			if !errors.Is(err, tc.want) || tc.want == nil && err != nil {
				t.Fatalf("got error %v, want %v", err, tc.want)
			}
			if err != nil && !strings.Contains(err.Error(), tc.text) {
				t.Errorf("error %q does not say %q", err, tc.text)
			}
			var e *bpffs.Error
			if err != nil && (!errors.As(err, &e) || e.Path == "") {
				t.Errorf("error %v has no path", err)
			}
		})
	}
}

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
