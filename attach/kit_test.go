// SPDX-License-Identifier: MIT

package attach_test

import (
	"debug/elf"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"

	"github.com/cilium/ebpf"
	"golang.org/x/sys/unix"

	"github.com/bpfload/bpfload/attach"
	"github.com/bpfload/bpfload/internal/kernel"
	"github.com/bpfload/bpfload/internal/kerneltest"
	"github.com/bpfload/bpfload/loader"
	"github.com/bpfload/bpfload/status"
)

// A place is a part of the machine that a test has for itself.
type place struct {
	pins, cgroup string
}

// apart runs a test in network and mount namespaces of its own, with everything
// mounted that attaching needs. What it leaves ends with its thread.
func apart(t *testing.T, test func(t *testing.T, at place)) {
	kerneltest.Root(t, "attaching")
	done := make(chan struct{})
	go func() {
		defer close(done)
		runtime.LockOSThread() // and never unlock: the thread ends with the goroutine
		if err := unix.Unshare(unix.CLONE_NEWNET | unix.CLONE_NEWNS); err != nil {
			t.Errorf("namespaces of one's own: %v", err)
			return
		}
		if err := unix.Mount("", "/", "", unix.MS_REC|unix.MS_PRIVATE, ""); err != nil {
			t.Errorf("keeping mounts private: %v", err)
			return
		}
		dir := t.TempDir()
		at := place{pins: filepath.Join(dir, "bpffs"), cgroup: filepath.Join(dir, "cgroup")}
		for _, m := range []struct{ fs, at string }{{"bpf", at.pins}, {"cgroup2", at.cgroup}, {"tracefs", "/sys/kernel/tracing"}, {"securityfs", "/sys/kernel/security"}} {
			os.Mkdir(m.at, 0o700)
			if err := unix.Mount(m.fs, m.at, m.fs, 0, ""); err != nil && strings.HasPrefix(m.at, dir) {
				t.Errorf("mounting %s: %v", m.fs, err)
				return
			}
			if strings.HasPrefix(m.at, dir) {
				defer unix.Unmount(m.at, unix.MNT_DETACH)
			}
		}
		os.Chmod(at.pins, 0o700)
		// The hierarchy is everybody's, those who run the same test included.
		cgroup, err := os.MkdirTemp(at.cgroup, "bpfload-"+strings.ReplaceAll(t.Name(), "/", "-")+"-")
		if err != nil {
			t.Errorf("a cgroup of one's own: %v", err)
			return
		}
		at.cgroup = cgroup
		defer os.Remove(at.cgroup)
		test(t, at)
	}()
	<-done
}

// open reads a sample object.
func open(t *testing.T, name string) *loader.Object {
	t.Helper()
	dir := os.Getenv("BPFLOAD_SAMPLES")
	if dir == "" {
		dir = "../testdata"
	}
	o, err := loader.OpenFile(filepath.Join(dir, "bpf", name+".o"), nil)
	if err != nil {
		t.Fatal(err)
	}
	return o
}

// only has no programs loaded but those named.
func only(t *testing.T, o *loader.Object, names ...string) *loader.Object {
	t.Helper()
	for _, name := range names {
		if o.Program(name) == nil {
			t.Fatalf("the object has no program %q", name)
		}
	}
	for _, p := range o.Programs {
		p.Autoload = len(names) == 0 && p.Autoload
		for _, n := range names {
			p.Autoload = p.Autoload || p.Name == n
		}
	}
	return o
}

func or(a, b ebpf.AttachType) ebpf.AttachType {
	if a != 0 {
		return a
	}
	return b
}

func lsmActive() bool {
	data, err := os.ReadFile("/sys/kernel/security/lsm")
	return err == nil && strings.Contains(string(data), "bpf")
}

// pinnedMap pins a map outside of the set that a test loads, and returns the path.
func pinnedMap(t *testing.T, at place) string {
	t.Helper()
	m, err := ebpf.NewMap(&ebpf.MapSpec{Type: ebpf.Array, KeySize: 4, ValueSize: 4, MaxEntries: 1})
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	dir := filepath.Join(at.pins, "other")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := m.Pin(filepath.Join(dir, "elements")); err != nil {
		t.Fatal(err)
	}
	return filepath.Join(dir, "elements")
}

// text returns the place of a program's first function, as an offset in the file.
func text(t *testing.T, path string) string {
	t.Helper()
	f, err := elf.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	return fmt.Sprintf("%#x", f.Section(".text").Offset)
}

func request(t *testing.T, program, target string) attach.Request {
	t.Helper()
	r := attach.Request{Program: program}
	if target != "" {
		var err error
		if r.Target, err = attach.Parse(target); err != nil {
			t.Fatal(err)
		}
	}
	return r
}

// hasProbes says whether the kernel was built with kprobes and what stands on them.
func hasProbes() bool {
	_, err := os.Stat("/sys/bus/event_source/devices/kprobe")
	return err == nil
}

// numbers are what differs from run to run.
var numbers = regexp.MustCompile(`\d+ functions$|id \d+$|:0x[0-9a-f]+$`)

// told takes away from what a program's attachment is said to be what older kernels do
// not tell.
func told(line string) string {
	v, _ := kernel.Running().Version()
	program, target, _ := strings.Cut(line, " ")
	kind, _, _ := strings.Cut(target, ":")
	switch kind {
	case "tracepoint", "kprobe", "kretprobe", "uprobe", "uretprobe", "perf_event":
		if v < 6<<16|6<<8 {
			return program + " perf_event"
		}
	}
	switch hook, _, _ := strings.Cut(target, "/"); hook {
	case "iter":
		if v < 6<<16 {
			return program + " iter"
		}
	case "fentry", "fexit", "lsm":
		if v < 5<<16|13<<8 {
			return program + " " + hook
		}
	}
	return line
}

func plain(target string) string {
	return numbers.ReplaceAllStringFunc(target, func(s string) string {
		switch {
		case strings.HasPrefix(s, ":"):
			return ""
		case strings.HasPrefix(s, "id"):
			return "id N"
		}
		return "N functions"
	})
}

// attached lists what status says of programs, as "PROGRAM TARGET".
func attached(t *testing.T, dir string) []string {
	t.Helper()
	r, err := status.Read(dir)
	if err != nil {
		t.Fatal(err)
	}
	list := []string{}
	for _, p := range r.Programs {
		for _, target := range p.Attached {
			if kind, place, _ := strings.Cut(target, ":"); kind == "cgroup" {
				target = "cgroup:" + filepath.Base(place) // which may be mounted in several places
			}
			list = append(list, filepath.Base(p.Pin)+" "+plain(target))
		}
	}
	for _, m := range r.Maps {
		if m.Attached {
			list = append(list, filepath.Base(m.Pin)+" registered")
		}
	}
	return list
}

// nothingLeft checks that an unloaded or failed set has left no pin.
func nothingLeft(t *testing.T, dir string) {
	t.Helper()
	names, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range names {
		if n.Name() != "other" && !strings.Contains(n.Name(), ".") { // the kernel's own
			t.Errorf("%s is still pinned", n.Name())
		}
	}
}
