// SPDX-License-Identifier: MIT

package attach

import (
	"debug/elf"
	"errors"
	"io/fs"
	"os"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/bpfload/bpfload/internal/near"
	"github.com/bpfload/bpfload/loader"
)

// absent says in words that a target is not there, or is not what its kind wants, and
// which is nearest; nil where the error is about something else.
func (t Target) absent(err error) *loader.Error {
	missing := errors.Is(err, unix.ENOENT) || errors.Is(err, fs.ErrNotExist)
	switch kind := t.kind.name; {
	case kind == "tracepoint" && missing:
		category, name, _ := strings.Cut(strings.Replace(t.Place, ":", "/", 1), "/")
		e := notFound("there is no tracepoint %q", category+"/"+name)
		if best := near.Best(category+"/"+name, tracepoints()); best != "" {
			e.Advice = "did you mean: tracepoint:" + best
		} else {
			e.Advice = "/sys/kernel/tracing/available_events lists all"
		}
		return e
	case kind == "raw_tp" && missing:
		e := notFound("there is no tracepoint %q", t.Place)
		var names []string
		for _, tp := range tracepoints() {
			_, name, _ := strings.Cut(tp, "/")
			// Those of one system call each are no tracepoints, but filters of two.
			if !strings.HasPrefix(tp, "syscalls/") {
				names = append(names, name)
			}
		}
		if best := near.Best(t.Place, names); best != "" {
			e.Advice = "did you mean: raw_tp:" + best
		}
		return e
	case strings.HasPrefix(kind, "kprobe") || strings.HasPrefix(kind, "kretprobe"):
		function, _, cutErr := cutOffset(t.Place)
		if !missing || cutErr != nil || isPattern(function) {
			return nil
		}
		e := notFound("the kernel has no function %q that a probe can be put on: %w", function, err)
		var names []string
		if probeable(func(name string) { names = append(names, name) }) == nil {
			if best := near.Best(function, names); best != "" {
				e.Advice = "did you mean: " + kind + ":" + best
			}
		}
		return e
	case strings.HasPrefix(kind, "uprobe") || strings.HasPrefix(kind, "uretprobe"):
		file, _, _ := cutLast(t.Place)
		var format *elf.FormatError
		switch {
		case errors.As(err, &format), errors.Is(err, unix.EISDIR):
			return notFound("%s is neither a program nor a library", file)
		case missing:
			return notFound("there is no file %s", file)
		}
	case kind == "netns" && errors.Is(err, unix.EINVAL):
		return notFound("%s is no network namespace: %w", t.Place, err)
	case kind == "cgroup" && errors.Is(err, unix.EBADF):
		e := notFound("%s is no directory of cgroup2: %w", t.Place, err)
		if at := cgroup2(); at != "" {
			e.Advice = "cgroup2 is mounted on " + at
		} else {
			e.Advice = "mount -t cgroup2 cgroup2 /sys/fs/cgroup"
		}
		return e
	}
	var path *fs.PathError
	if missing && errors.As(err, &path) && path.Path == t.Place {
		return notFound("there is no %s", t.Place)
	}
	return nil
}

// tracepoints lists the kernel's, as CATEGORY/NAME; none where tracefs does not tell.
func tracepoints() []string {
	text, err := readTracefs("available_events")
	if err != nil {
		return nil
	}
	var list []string
	for line := range strings.Lines(text) {
		list = append(list, strings.Replace(strings.TrimSpace(line), ":", "/", 1))
	}
	return list
}

// cgroup2 returns where the first one is mounted, "" if none is.
func cgroup2() string {
	text, err := os.ReadFile("/proc/self/mounts")
	if err != nil {
		return ""
	}
	for line := range strings.Lines(string(text)) {
		if f := strings.Fields(line); len(f) > 2 && f[2] == "cgroup2" {
			return f[1]
		}
	}
	return ""
}
