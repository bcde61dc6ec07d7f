// SPDX-License-Identifier: MIT

package loader

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sys/unix"

	"github.com/bpfload/bpfload/internal/golden"
	"github.com/bpfload/bpfload/internal/sys/systest"
)

// The plans of samples, as --dry-run prints them.
func TestPlanGolden(t *testing.T) {
	var b strings.Builder
	for _, name := range []string{"tailcall.o", "map_in_map.o", "globals.o", "pinning.o", "legacy_maps.o", "static_values.o", "optional_slot.o",
		"subprogs.o", "core_task.o", "kconfig.o", "ksyms.o", "struct_ops_multi.o", "arena-clang22.o", "jumptable-clang22.o", "text_only.o", "sec_unknown.o"} {
		fmt.Fprintf(&b, "# %s\n", name)
		o, err := OpenFile(samplePath(name), nil)
		if err != nil {
			fmt.Fprintf(&b, "cannot be opened: %v\n\n", err)
			continue
		}
		p, err := o.Plan(&LoadOptions{PinDir: "/sys/fs/bpf/app"})
		if err != nil {
			fmt.Fprintf(&b, "%v\n\n", err)
			continue
		}
		fmt.Fprintf(&b, "%s\n", p)
	}
	golden.Check(t, filepath.Join("testdata", "plans.txt"), []byte(b.String()))
}

func TestPlanIsPure(t *testing.T) {
	o := everything(t)
	opts := &LoadOptions{PinDir: "/sys/fs/bpf/app", Replace: true}
	first, err := o.Plan(opts)
	if err != nil {
		t.Fatal(err)
	}
	for range 20 {
		again, err := o.Plan(opts)
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(first.String(), again.String()); d != "" {
			t.Fatalf("a second plan differs:\n%s", d)
		}
	}
	for _, s := range first.Steps() {
		if s.Op == "" || strings.Contains(s.String(), "\n") {
			t.Errorf("step %+v is no line", s)
		}
	}
}

// What a load asks of the kernel, in order.
func TestCallsGolden(t *testing.T) {
	var b strings.Builder
	for _, tc := range []struct {
		name string
		opts LoadOptions
		want string
	}{
		{"descriptors only", LoadOptions{}, ""},
		{"pinned", LoadOptions{PinDir: "/sys/fs/bpf/app"}, ""},
		{"pins ignored", LoadOptions{IgnorePins: true}, ""},
	} {
		k := systest.New()
		l, err := everything(t).Load(t.Context(), on(k, tc.opts))
		if err != nil {
			t.Fatalf("%s: %v", tc.name, err)
		}
		fmt.Fprintf(&b, "# %s\n%s\n", tc.name, strings.Join(k.Calls(), "\n"))
		fmt.Fprintf(&b, "\nopen: %s\npins: %s\n\n", strings.Join(k.Open(), " "), strings.Join(k.Tree("/sys/fs/bpf"), " "))
		if err := l.Close(); err != nil {
			t.Errorf("%s: Close: %v", tc.name, err)
		}
		if open := k.Open(); len(open) > 0 {
			t.Errorf("%s: open after Close: %q", tc.name, open)
		}
	}
	golden.Check(t, filepath.Join("testdata", "calls.txt"), []byte(b.String()))
}

// A small object costs at most ten commands of bpf(2), pins included.
func TestFewCommands(t *testing.T) {
	for _, name := range []string{"xdp_counters.o", "xdp_counters-clang22.o", "tailcall.o", "percpu.o"} {
		k := systest.New()
		l, err := sample(t, name).Load(t.Context(), on(k, LoadOptions{PinDir: "/sys/fs/bpf/app"}))
		if err != nil {
			t.Fatal(err)
		}
		l.Close()
		bpf := 0
		for _, c := range k.Calls() {
			if word, _, _ := strings.Cut(c, " "); word == strings.ToUpper(word) {
				bpf++
			}
		}
		if bpf > 16 || name == "xdp_counters.o" && bpf > 10 {
			t.Errorf("%s took %d commands:\n%s", name, bpf, strings.Join(k.Calls(), "\n"))
		}
	}
}

func TestUnknownNames(t *testing.T) {
	o := everything(t)
	for name, tc := range map[string]struct {
		opts LoadOptions
		hint string
	}{
		"map":      {LoadOptions{MapPins: map[string]string{"tabels": "/sys/fs/bpf/x"}}, "did you mean tables"},
		"program":  {LoadOptions{Optional: []string{"frist"}}, "did you mean first"},
		"pin path": {LoadOptions{PinDir: "app"}, ""},
		"replace":  {LoadOptions{Replace: true}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := o.Plan(&tc.opts)
			var e *Error
			if !errors.As(err, &e) || e.Class != ClassUsage {
				t.Fatalf("got %v, want a usage error", err)
			}
			if e.Hint() != tc.hint {
				t.Errorf("hint %q, want %q", e.Hint(), tc.hint)
			}
		})
	}
}

// plausible errnos for the fault injection.
var errnos = []unix.Errno{unix.EPERM, unix.EINVAL, unix.ENOMEM, unix.EBUSY, unix.EEXIST, unix.ENOSPC, unix.EIO}

// Every call of a load fails in turn with each errno. Afterwards there is nothing
// that was not there before, or the load has succeeded all the same.
func TestFaults(t *testing.T) {
	o := everything(t)
	for name, prepare := range map[string]func(*systest.Kernel) LoadOptions{
		"fresh": func(k *systest.Kernel) LoadOptions { return LoadOptions{PinDir: "/sys/fs/bpf/dir/app"} },
		"replace": func(k *systest.Kernel) LoadOptions {
			l, err := o.Load(t.Context(), on(k, LoadOptions{PinDir: "/sys/fs/bpf/app"}))
			if err != nil {
				t.Fatal(err)
			}
			l.Close()
			return LoadOptions{PinDir: "/sys/fs/bpf/app", Replace: true, Reuse: ReuseCompatible}
		},
	} {
		t.Run(name, func(t *testing.T) {
			for _, errno := range errnos {
				for n := 0; ; n++ {
					k := systest.New()
					opts := prepare(k)
					before := k.Tree("/sys/fs/bpf")
					k.Reset()
					failed := ""
					k.Fail = func(i int, call string) unix.Errno {
						if i == n {
							failed = call
							return errno
						}
						return 0
					}
					l, err := o.Load(t.Context(), on(k, opts))
					k.Fail = nil
					if failed == "" {
						if err != nil {
							t.Fatalf("no call failed, but the load did: %v", err)
						}
						l.Close()
						break
					}
					check(t, k, failed, errno, before, l, err)
				}
			}
		})
	}
}

func check(t *testing.T, k *systest.Kernel, failed string, errno unix.Errno, before []string, l *Loaded, err error) {
	t.Helper()
	what := fmt.Sprintf("%s = %s", failed, unix.ErrnoName(errno))
	if err == nil {
		if err := l.Close(); err != nil {
			t.Errorf("%s: Close: %v", what, err)
		}
	} else {
		var e *Error
		if !errors.As(err, &e) || e.Code == "" {
			t.Errorf("%s: error %v has no class", what, err)
		}
		after := k.Tree("/sys/fs/bpf")
		// What cannot be removed stays: that is the fault's own doing.
		cleanup := strings.HasPrefix(failed, "rmdir") || strings.HasPrefix(failed, "unlink") || strings.HasPrefix(failed, "readdir")
		if d := cmp.Diff(before, after); d != "" && !cleanup {
			t.Errorf("%s: %v: the bpffs is not as it was (-before +after):\n%s", what, err, d)
		}
	}
	if open := k.Open(); len(open) > 0 {
		t.Errorf("%s: %v: still open: %q", what, err, open)
	}
	for _, c := range k.Calls() {
		if strings.HasPrefix(c, "close of") {
			t.Errorf("%s: %s", what, c)
		}
	}
}
