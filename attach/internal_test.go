// SPDX-License-Identifier: MIT

package attach

import (
	"debug/elf"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sys/unix"
)

func TestMatch(t *testing.T) {
	for pattern, names := range map[string][2][]string{
		"tcp_*":   {{"tcp_", "tcp_v4_rcv"}, {"tcp", "xtcp_"}},
		"tcp_v?_": {{"tcp_v4_", "tcp_v6_"}, {"tcp_v_", "tcp_v46_"}},
		"*a*b":    {{"ab", "xaxb", "abab"}, {"aba", "b"}},
		"":        {{""}, {"x"}},
		"**":      {{"", "x"}, nil},
		"f":       {{"f"}, {"ff", ""}},
	} {
		for _, n := range names[0] {
			if !match(pattern, n) {
				t.Errorf("%q does not match %q", pattern, n)
			}
		}
		for _, n := range names[1] {
			if match(pattern, n) {
				t.Errorf("%q matches %q", pattern, n)
			}
		}
	}
	// In the worst case the product of the lengths, not a power.
	if match(strings.Repeat("*a", 50)+"b", strings.Repeat("a", 5000)) {
		t.Error("a string without b matches a pattern that ends in b")
	}
}

func TestParseCPUs(t *testing.T) {
	for text, want := range map[string][]int{"0": {0}, "0-3,6": {0, 1, 2, 3, 6}, "2,0-1": {0, 1, 2}} {
		got, err := parseCPUs(text)
		if err != nil {
			t.Error(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%q (-want +got):\n%s", text, diff)
		}
	}
	for _, text := range []string{"", "x", "3-1", "0-", "0-99999"} {
		if got, err := parseCPUs(text); err == nil {
			t.Errorf("%q gave %v", text, got)
		}
	}
}

func TestFindFile(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"libown.so", "own"} {
		if err := os.WriteFile(filepath.Join(dir, name), nil, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	t.Setenv("LD_LIBRARY_PATH", dir)
	t.Setenv("PATH", dir)
	for name, want := range map[string]string{"libown.so": dir + "/libown.so", "own": dir + "/own", "./own": "./own"} {
		if got, err := findFile(name); err != nil || got != want {
			t.Errorf("findFile(%q) = %q, %v", name, got, err)
		}
	}
	for _, name := range []string{"libother.so.1", "other"} {
		if got, err := findFile(name); err == nil {
			t.Errorf("findFile(%q) = %q", name, got)
		}
	}
}

func TestEventName(t *testing.T) {
	sources := fstest.MapFS{"msr/type": {Data: []byte("9\n")}, "odd/type": {Data: []byte("7\n")}, "software/type": {Data: []byte("1\n")}}
	for _, c := range []struct {
		typ    uint32
		config uint64
		want   string
	}{
		{1, 0, "cpu-clock"},
		{1, 2, "page-faults"},
		{0, 0, "cycles"},
		{1, 99, "software config 0x63"},
		{9, 3, "msr config 0x3"},
		{6, 0, "cpu-clock"},
		{6, 1, "type 6 config 0x1"},
		{7, 0, "odd config 0x0"}, // has a directory, so it is no clock
		{8, 0, "type 8 config 0x0"},
	} {
		if got := eventName(sources, c.typ, c.config); got != c.want {
			t.Errorf("type %d config %#x: %q, want %q", c.typ, c.config, got, c.want)
		}
	}
}

// What is not there, or is something else, is said in words instead of those of whoever
// noticed.
func TestAbsent(t *testing.T) {
	gone := &fs.PathError{Op: "open", Path: "/gone", Err: unix.ENOENT}
	for target, c := range map[string]struct {
		err  error
		want string // "" for an error that is about something else
	}{
		"tracepoint:sched/nope":         {gone, `there is no tracepoint "sched/nope"`},
		"tracepoint:sched/sched_switch": {unix.EINVAL, ""},
		"raw_tp:nope":                   {unix.ENOENT, `there is no tracepoint "nope"`},
		"kprobe:bpfload_nope+4":         {unix.ENOENT, `the kernel has no function "bpfload_nope" that a probe can be put on: no such file or directory`},
		"kretprobe.multi:bpfload_nope":  {unix.ENOENT, `the kernel has no function "bpfload_nope" that a probe can be put on: no such file or directory`},
		"kprobe.multi:bpfload_*":        {unix.ENOENT, ""},
		"kprobe:do_exit":                {unix.EPERM, ""},
		"uretprobe:/gone:main":          {gone, "there is no file /gone"},
		"uprobe.multi:/etc/hosts:m*":    {&elf.FormatError{}, "/etc/hosts is neither a program nor a library"},
		"uprobe:/etc:main":              {unix.EISDIR, "/etc is neither a program nor a library"},
		"uprobe:/bin/sh:main":           {unix.EINVAL, ""},
		"netns:/etc/hosts":              {unix.EINVAL, "/etc/hosts is no network namespace: invalid argument"},
		"netns:/gone":                   {gone, "there is no /gone"},
		"cgroup:/etc":                   {unix.EBADF, "/etc is no directory of cgroup2: bad file descriptor"},
		"cgroup:/gone":                  {gone, "there is no /gone"},
		"cgroup_skb/egress:/etc":        {unix.EBADF, "/etc is no directory of cgroup2: bad file descriptor"},
		"cgroup:/sys/fs/cgroup":         {unix.EINVAL, ""},
		"xdp:nosuch":                    {unix.ENODEV, ""},
	} {
		parsed, err := Parse(target)
		if err != nil {
			t.Fatal(err)
		}
		got := ""
		if e := parsed.absent(c.err); e != nil {
			got = e.Err.Error()
			if e.Code != "target-not-found" {
				t.Errorf("%s: code %s", target, e.Code)
			}
		}
		if got != c.want {
			t.Errorf("%s: %q, want %q", target, got, c.want)
		}
	}
}
