// SPDX-License-Identifier: MIT

package loader

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sys/unix"

	"github.com/bpfload/bpfload/internal/sys/systest"
	"github.com/bpfload/bpfload/spec"
)

// Several objects are one load: a fault in the last leaves nothing of the first.
func TestLoadAll(t *testing.T) {
	k := systest.New()
	one, two := everything(t), everything(t)
	two.Name = "other.o"
	opts := LoadOptions{PinDir: "/sys/fs/bpf/app"}
	all, err := LoadAll(t.Context(), []*Object{one, two}, on(k, opts))
	if err != nil {
		t.Fatal(err)
	}
	for i, dir := range []string{"/sys/fs/bpf/app/everything/", "/sys/fs/bpf/app/other/"} {
		for _, m := range all[i].Maps {
			if !strings.HasPrefix(m.Pin, dir) || k.Pinned(m.Pin) == nil {
				t.Errorf("map %s is pinned at %q, want below %s", m.Spec.Name, m.Pin, dir)
			}
			if m.Reused != (i == 1 && m.Spec.Name == "shared") {
				t.Errorf("map %s of object %d: reused is %v", m.Spec.Name, i, m.Reused)
			}
		}
		all[i].Close()
	}
	before := k.Tree("/sys/fs/bpf")
	n := 0
	k.Reject = func(systest.Program) (unix.Errno, string) {
		if n++; n == 4 {
			return unix.EINVAL, ""
		}
		return 0, ""
	}
	opts.Replace = true
	if _, err := LoadAll(t.Context(), []*Object{one, two}, on(k, opts)); err == nil {
		t.Fatal("the second object was to fail")
	}
	if d := cmp.Diff(before, k.Tree("/sys/fs/bpf")); d != "" {
		t.Errorf("(-before +after):\n%s", d)
	}
	if open := k.Open(); len(open) > 0 {
		t.Errorf("still open: %q", open)
	}
	if plans, err := PlanAll([]*Object{one, two}, &opts); err != nil || len(plans) != 2 {
		t.Errorf("PlanAll: %d plans, %v", len(plans), err)
	}
}

// Maps that are given, or pinned elsewhere, take the place of the object's.
func TestGivenMaps(t *testing.T) {
	k := systest.New()
	first, err := everything(t).Load(t.Context(), on(k, LoadOptions{PinDir: "/sys/fs/bpf/first"}))
	if err != nil {
		t.Fatal(err)
	}
	defer first.Close()
	pins := map[string]string{"a": "/sys/fs/bpf/first/a", ".rodata": "/sys/fs/bpf/first/rodata"}
	second, err := everything(t).Load(t.Context(), on(k, LoadOptions{IgnorePins: true, MapPins: pins}))
	if err != nil {
		t.Fatal(err)
	}
	defer second.Close()
	for _, m := range second.Maps {
		_, want := pins[m.Spec.Name]
		if m.Reused != want {
			t.Errorf("map %s: reused is %v", m.Spec.Name, m.Reused)
		}
	}
	for name, tc := range map[string]struct {
		pin  string
		code string
	}{
		"missing":      {"/sys/fs/bpf/none", "pin-missing"},
		"incompatible": {"/sys/fs/bpf/first/jump", "pin-incompatible"},
	} {
		_, err := everything(t).Load(t.Context(), on(k, LoadOptions{IgnorePins: true, MapPins: map[string]string{"a": tc.pin}}))
		var e *Error
		if !errors.As(err, &e) || e.Code != tc.code || e.ExitCode() != 73 {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestReplaceCarriesOver(t *testing.T) {
	k := systest.New()
	dir := LoadOptions{PinDir: "/sys/fs/bpf/app", IgnorePins: true}
	first, err := everything(t).Load(t.Context(), on(k, dir))
	if err != nil {
		t.Fatal(err)
	}
	first.Close()
	if _, err := everything(t).Load(t.Context(), on(k, dir)); Classify(err).Code != "pin-exists" {
		t.Errorf("loading over a set: %v", err)
	}
	old := k.Pinned("/sys/fs/bpf/app/a")

	dir.Replace = true
	second, err := everything(t).Load(t.Context(), on(k, dir))
	if err != nil {
		t.Fatal(err)
	}
	second.Close()
	if k.Pinned("/sys/fs/bpf/app/a") == old {
		t.Error("a map was carried over though nobody asked")
	}

	old, b := k.Pinned("/sys/fs/bpf/app/a"), k.Pinned("/sys/fs/bpf/app/b")
	dir.Reuse = ReuseCompatible
	o := everything(t)
	o.Map("b").MaxEntries++
	third, err := o.Load(t.Context(), on(k, dir))
	if err != nil {
		t.Fatal(err)
	}
	defer third.Close()
	if k.Pinned("/sys/fs/bpf/app/a") != old || k.Pinned("/sys/fs/bpf/app/b") == b {
		t.Error("not just the map that did not change was carried over")
	}
	found := false
	for _, w := range third.Warnings {
		found = found || w.Code == "map-not-carried-over" && w.Symbol == "b" && strings.Contains(w.Message, "max_entries is 4, want 5")
	}
	if !found {
		t.Errorf("warnings %v", third.Warnings)
	}
}

// A map whose definition says so takes the place of the one that is pinned.
func TestPinReplace(t *testing.T) {
	for name, flags := range map[string]bool{"exchange": true, "old kernel": false} {
		t.Run(name, func(t *testing.T) {
			k := systest.New()
			if !flags {
				k.Fail = func(_ int, call string) unix.Errno {
					if strings.HasPrefix(call, "rename") && !strings.HasSuffix(call, " replace") {
						return unix.EINVAL
					}
					return 0
				}
			}
			load := func() (*Loaded, error) {
				o := everything(t)
				o.Map("shared").Pinning = spec.PinReplace
				return o.Load(t.Context(), on(k, LoadOptions{}))
			}
			for range 2 {
				before := k.Pinned("/sys/fs/bpf/shared")
				l, err := load()
				if err != nil {
					t.Fatal(err)
				}
				l.Close()
				if now := k.Pinned("/sys/fs/bpf/shared"); now == nil || now == before {
					t.Error("the pin is not the new map's")
				}
			}
			if d := cmp.Diff([]string{"/sys/fs/bpf/shared map:shared"}, k.Tree("/sys/fs/bpf")); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
		})
	}
}

// Pins get a mode and an owner; their directory stays with whoever loads, who replaces and
// unloads it later.
func TestModeAndOwner(t *testing.T) {
	for name, c := range map[string]struct {
		opts LoadOptions
		want map[string]string
	}{
		"both": {LoadOptions{Mode: 0o640, Owner: &Owner{UID: 7, GID: 8}}, map[string]string{
			"/sys/fs/bpf/app": "0751 0:8", "/sys/fs/bpf/app/a": "0640 7:8", "/sys/fs/bpf/app/first": "0640 7:8"}},
		"mode": {LoadOptions{Mode: 0o644}, map[string]string{
			"/sys/fs/bpf/app": "0755 0:0", "/sys/fs/bpf/app/a": "0644 0:0"}},
		"owner": {LoadOptions{Owner: &Owner{UID: 7, GID: 8}}, map[string]string{
			"/sys/fs/bpf/app": "0751 0:8", "/sys/fs/bpf/app/a": "0600 7:8"}},
		"owner without group": {LoadOptions{Owner: &Owner{UID: 7, GID: -1}}, map[string]string{
			"/sys/fs/bpf/app": "0711 0:0", "/sys/fs/bpf/app/first": "0600 7:0"}},
	} {
		t.Run(name, func(t *testing.T) {
			k := systest.New()
			for range 2 { // the second takes the place of the first
				opts := c.opts
				opts.PinDir, opts.IgnorePins, opts.Replace = "/sys/fs/bpf/app", true, true
				l, err := everything(t).Load(t.Context(), on(k, opts))
				if err != nil {
					t.Fatal(err)
				}
				l.Close()
				for path, want := range c.want {
					st, err := k.Lstat(path)
					if got := fmt.Sprintf("%04o %d:%d", st.Mode&0o777, st.UID, st.GID); err != nil || got != want {
						t.Errorf("%s: %s, %v, want %s", path, got, err, want)
					}
				}
			}
			if _, err := Unload(t.Context(), "/sys/fs/bpf/app", &UnloadOptions{kernel: k}); err != nil {
				t.Error(err)
			}
		})
	}
}

// A set that was loaded without pins is published later.
func TestPublishLater(t *testing.T) {
	k := systest.New()
	l, err := everything(t).Load(t.Context(), on(k, LoadOptions{IgnorePins: true, Attach: attachFirst(k)}))
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	if err := l.Publish(t.Context(), "/sys/fs/bpf/app"); err != nil {
		t.Fatal(err)
	}
	for _, m := range l.Maps {
		if k.Pinned(m.Pin) != k.Object(m.FD()) {
			t.Errorf("map %s is pinned at %q", m.Spec.Name, m.Pin)
		}
	}
	for _, p := range l.Programs {
		if k.Pinned(p.Pin) != k.Object(p.FD()) {
			t.Errorf("program %s is pinned at %q", p.Spec.Name, p.Pin)
		}
	}
	if l.Links[0].Pin != firstLink || k.Pinned(firstLink) == nil {
		t.Errorf("the link is pinned at %q", l.Links[0].Pin)
	}
	before := k.Tree("/sys/fs/bpf")
	for name, dir := range map[string]string{"pin-exists": "/sys/fs/bpf/app", "bpffs-not-mounted": "/run/app"} {
		if err := l.Publish(t.Context(), dir); Classify(err).Code != name {
			t.Errorf("into %s: %v", dir, err)
		}
	}
	for n := 0; ; n++ {
		failed := ""
		k.Reset()
		k.Fail = func(i int, call string) unix.Errno {
			if i == n {
				failed = call
				return unix.EIO
			}
			return 0
		}
		err := l.Publish(t.Context(), "/sys/fs/bpf/other")
		k.Fail = nil
		if failed == "" {
			break
		}
		if err == nil {
			t.Errorf("%s failed, and nobody said so", failed)
		}
		if d := cmp.Diff(before, k.Tree("/sys/fs/bpf")); d != "" && !strings.HasPrefix(failed, "rmdir") {
			t.Errorf("%s failed (-before +after):\n%s", failed, d)
		}
	}
}
