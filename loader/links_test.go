// SPDX-License-Identifier: MIT

package loader

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sys/unix"

	"github.com/bpfload/bpfload/internal/sys"
	"github.com/bpfload/bpfload/internal/sys/systest"
)

// attachFirst attaches the program "first" unless that is done.
func attachFirst(k *systest.Kernel) func(context.Context, *Loaded) ([]Link, error) {
	return func(_ context.Context, l *Loaded) ([]Link, error) {
		for _, p := range l.Programs {
			if p.Spec.Name != "first" || p.Attached {
				continue
			}
			fd, err := k.BPF(&sys.LinkCreate{ProgFD: uint32(p.FD()), AttachType: 37})
			if err != nil {
				return nil, fmt.Errorf("attaching %s: %w", p.Spec.Name, err)
			}
			return []Link{{Name: p.Spec.Name, Attachment: fdLink{k, fd}}}, nil
		}
		return nil, nil
	}
}

const firstLink = "/sys/fs/bpf/app/first_link"

func TestAttach(t *testing.T) {
	k := systest.New()
	l, err := everything(t).Load(t.Context(), on(k, LoadOptions{PinDir: "/sys/fs/bpf/app", IgnorePins: true, Attach: attachFirst(k)}))
	if err != nil {
		t.Fatal(err)
	}
	if len(l.Links) != 1 || l.Links[0].Pin != firstLink {
		t.Errorf("links %+v", l.Links)
	}
	if link := k.Pinned(firstLink); link == nil || link.Target != k.Pinned("/sys/fs/bpf/app/first") {
		t.Errorf("the link is %+v", link)
	}
	if err := l.Close(); err != nil {
		t.Error(err)
	}
	if open := k.Open(); len(open) > 0 {
		t.Errorf("still open: %q", open)
	}
}

// A link of the set that is replaced goes on with the new program and is pinned in
// the new set: at no moment is nothing attached.
func TestReplaceUpdatesLinks(t *testing.T) {
	k := systest.New()
	opts := LoadOptions{PinDir: "/sys/fs/bpf/app", IgnorePins: true, Attach: attachFirst(k)}
	l, err := everything(t).Load(t.Context(), on(k, opts))
	if err != nil {
		t.Fatal(err)
	}
	l.Close()
	link, old := k.Pinned(firstLink), k.Pinned("/sys/fs/bpf/app/first")
	for name, attach := range map[string]func(context.Context, *Loaded) ([]Link, error){"attaching": opts.Attach, "not attaching": nil} {
		t.Run(name, func(t *testing.T) {
			opts := opts
			opts.Replace, opts.Attach = true, attach
			l, err := everything(t).Load(t.Context(), on(k, opts))
			if err != nil {
				t.Fatal(err)
			}
			defer l.Close()
			now := k.Pinned("/sys/fs/bpf/app/first")
			if now == old || k.Pinned(firstLink) != link || link.Target != now {
				t.Errorf("the link is attached with %v, want the new program", link.Target)
			}
			if detached := k.Log("LINK_DETACH"); len(detached) > 0 {
				t.Errorf("detached: %q", detached)
			}
		})
	}
}

// Whatever fails while a set with a link is replaced, the link is attached with the
// old program afterwards.
func TestFaultsWithLinks(t *testing.T) {
	o := everything(t)
	for _, errno := range []unix.Errno{unix.EPERM, unix.EINVAL, unix.EIO} {
		for n := 0; ; n++ {
			k := systest.New()
			opts := LoadOptions{PinDir: "/sys/fs/bpf/app", IgnorePins: true, Attach: attachFirst(k)}
			l, err := o.Load(t.Context(), on(k, opts))
			if err != nil {
				t.Fatal(err)
			}
			l.Close()
			link, old, before := k.Pinned(firstLink), k.Pinned("/sys/fs/bpf/app/first"), k.Tree("/sys/fs/bpf")
			k.Reset()
			failed := ""
			k.Fail = func(i int, call string) unix.Errno {
				if i == n {
					failed = call
					return errno
				}
				return 0
			}
			opts.Replace = true
			l, err = o.Load(t.Context(), on(k, opts))
			k.Fail = nil
			if failed == "" {
				l.Close()
				break
			}
			check(t, k, failed, errno, before, l, err)
			want := old
			if err == nil {
				want = k.Pinned("/sys/fs/bpf/app/first")
			}
			if pin := k.Pinned(firstLink); pin == nil || pin.Target != want {
				t.Errorf("%s = %s: %v: the link is attached with another program", failed, unix.ErrnoName(errno), err)
			}
			if err != nil && k.Pinned(firstLink) != link {
				t.Errorf("%s = %s: the link is another one", failed, unix.ErrnoName(errno))
			}
		}
	}
}

func TestUnload(t *testing.T) {
	k := systest.New()
	opts := LoadOptions{PinDir: "/sys/fs/bpf/app", IgnorePins: true, Attach: attachFirst(k)}
	l, err := everything(t).Load(t.Context(), on(k, opts))
	if err != nil {
		t.Fatal(err)
	}
	l.Close()
	link, before := k.Pinned(firstLink), k.Tree("/sys/fs/bpf")
	want := []string{"detach first_link", "remove-pin a", "remove-pin b", "remove-pin bss", "remove-pin first", "remove-pin jump", "remove-pin rodata", "remove-pin second", "remove-pin shared", "remove-pin tables", "remove-directory "}
	for _, dry := range []bool{true, false} {
		steps, err := Unload(t.Context(), "/sys/fs/bpf/app", &UnloadOptions{DryRun: dry, kernel: k})
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, s := range steps {
			got = append(got, s.Op+" "+strings.TrimPrefix(strings.TrimPrefix(s.Path, "/sys/fs/bpf/app"), "/"))
		}
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("dry run %v: steps (-want +got):\n%s", dry, d)
		}
		if dry {
			if d := cmp.Diff(before, k.Tree("/sys/fs/bpf")); d != "" || link.Target == nil {
				t.Errorf("the dry run changed something:\n%s", d)
			}
		}
	}
	if tree := k.Tree("/sys/fs/bpf"); len(tree) > 0 || link.Target != nil {
		t.Errorf("left behind: %q, attached: %v", tree, link.Target != nil)
	}
	if open := k.Open(); len(open) > 0 {
		t.Errorf("still open: %q", open)
	}
	_, err = Unload(t.Context(), "/sys/fs/bpf/app", &UnloadOptions{kernel: k})
	var e *Error
	if !errors.As(err, &e) || e.Code != "not-loaded" || e.ExitCode() != 1 {
		t.Errorf("a second time: %v", err)
	}
}

func TestUnloadRefuses(t *testing.T) {
	k := systest.New()
	k.MakeDir("/sys/fs/bpf/theirs", 0o700, 1000)
	for dir, exit := range map[string]int{"/sys/fs/bpf": 6, "/run": 6, "/sys/fs/bpf/theirs": 6} {
		_, err := Unload(t.Context(), dir, &UnloadOptions{kernel: k})
		if e := Classify(err); err == nil || e.ExitCode() != exit {
			t.Errorf("%s: %v, want exit %d", dir, err, exit)
		}
	}
}
