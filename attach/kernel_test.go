// SPDX-License-Identifier: MIT

package attach_test

import (
	"context"
	"debug/elf"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"

	"github.com/cilium/ebpf"
	"github.com/google/go-cmp/cmp"
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

func TestKernelAttach(t *testing.T) {
	for name, c := range map[string]struct {
		object     string
		programs   []string // to be loaded
		sections   bool
		requests   [][2]string
		want       []string // CGROUP stands for the test's
		since      string
		attachType ebpf.AttachType // in the place of the object's, if not 0
		probes     bool            // the kernel has to have kprobes
	}{
		"xdp": {object: "xdp_counters", requests: [][2]string{{"count", "xdpgeneric:lo"}}, want: []string{"count xdp:lo"}},
		"tcx": {object: "tcx", programs: []string{"ingress", "egress"}, since: "6.6",
			requests: [][2]string{{"ingress", "tcx-ingress:lo"}, {"egress", "tcx-egress:lo"}}, want: []string{"egress tcx-egress:lo", "ingress tcx-ingress:lo"}},
		"tc": {object: "tcx", programs: []string{"older_name"}, requests: [][2]string{{"older_name", "tc-ingress:lo"}, {"older_name", "tc-egress:lo,prio=3"}},
			want: []string{"older_name tc-ingress:lo", "older_name tc-egress:lo"}},
		"cgroup": {object: "cgroup",
			requests: [][2]string{{"packet_in", "cgroup:CGROUP"}, {"packet_out", "cgroup_skb/egress:CGROUP"}, {"socket_created", "cgroup:CGROUP"},
				{"bind4", "cgroup:CGROUP"}, {"connect4", "cgroup/connect4:CGROUP"}, {"getsockopt", "cgroup:CGROUP"}, {"sysctl", "cgroup:CGROUP"}, {"device", "cgroup:CGROUP"}},
			want: []string{"bind4 cgroup:CGROUP", "connect4 cgroup:CGROUP", "device cgroup:CGROUP", "getsockopt cgroup:CGROUP",
				"packet_in cgroup:CGROUP", "packet_out cgroup:CGROUP", "socket_created cgroup:CGROUP", "sysctl cgroup:CGROUP"}},
		"netfilter":  {object: "netfilter", since: "6.4", requests: [][2]string{{"filter", "netfilter:ipv4/input,prio=-5"}}, want: []string{"filter netfilter:ipv4/input,prio=-5"}},
		"iter":       {object: "iter_task", programs: []string{"list_tasks"}, sections: true, since: "5.9", want: []string{"list_tasks iter/task"}},
		"struct_ops": {object: "struct_ops_tcp", sections: true, since: "6.4", want: []string{"linked registered"}},
		"raw_tp":     {object: "tracepoint", programs: []string{"by_number"}, sections: true, want: []string{"by_number raw_tp:sched_switch"}},
		"tp_btf":     {object: "tracepoint", programs: []string{"by_type"}, sections: true, want: []string{"by_type raw_tp:sched_switch"}},
		"tracepoint": {object: "tracepoint", programs: []string{"by_record"}, sections: true, since: "5.15", want: []string{"by_record tracepoint:sched_switch"}},
		"kprobe": {object: "kprobe", programs: []string{"read_starts", "read_ends"}, sections: true, since: "5.15", probes: true,
			want: []string{"read_ends kretprobe:vfs_read", "read_starts kprobe:vfs_read"}},
		"ksyscall": {object: "kprobe", programs: []string{"unlink_called"}, sections: true, since: "5.15", probes: true,
			want: []string{"unlink_called kprobe:__x64_sys_unlinkat"}},
		"kprobe.multi": {object: "kprobe", programs: []string{"any_of_tcp"}, sections: true, since: "5.18", probes: true,
			want: []string{"any_of_tcp kprobe.multi:N functions"}},
		"iter map": {object: "iter_task", programs: []string{"list_elements"}, requests: [][2]string{{"list_elements", "iter:PINNED"}}, since: "5.9",
			want: []string{"list_elements iter/bpf_map_elem"}},
		"sockmap": {object: "sockmap", programs: []string{"shortcut", "whole_message", "send_on"}, since: "6.10",
			requests: [][2]string{{"whole_message", "sockmap:fixed"}, {"send_on", "sk_skb/stream_verdict:fixed"}}, want: []string{"send_on sockmap:id N", "whole_message sockmap:id N"}},
		"fentry": {object: "fentry", sections: true, probes: true, since: "5.5", want: []string{"enters fentry/vfs_read", "leaves fexit/vfs_read"}},
		"lsm":    {object: "lsm", sections: true, probes: true, since: "5.7", want: []string{"committed lsm/bprm_committed_creds", "file_open lsm/file_open"}},
		"lsm_cgroup": {object: "lsm", programs: []string{"socket_bind"}, requests: [][2]string{{"socket_bind", "lsm_cgroup:CGROUP"}}, probes: true, since: "6.0",
			want: []string{"socket_bind cgroup:CGROUP"}},
		"sk_lookup": {object: "socket", programs: []string{"any_port"}, requests: [][2]string{{"any_port", "netns:/proc/self/ns/net"}}, since: "5.9",
			want: []string{"any_port netns:/proc/self/ns/net"}},
		"flow_dissector": {object: "sec_table", programs: []string{"as_flow_dissector"}, requests: [][2]string{{"as_flow_dissector", "netns:/proc/self/ns/net"}},
			want: []string{"as_flow_dissector netns:/proc/self/ns/net"}},
		"perf_event": {object: "sec_table", programs: []string{"as_perf_event"}, requests: [][2]string{{"as_perf_event", "perf_event:page-faults,period=1000,cpu=0"}}, since: "5.15",
			want: []string{"as_perf_event perf_event:page-faults"}},
		"uprobe.multi": {object: "uprobe", programs: []string{"anywhere"}, attachType: ebpf.AttachTraceUprobeMulti, since: "6.6",
			requests: [][2]string{{"anywhere", "uprobe:EXE:TEXT"}}, want: []string{"anywhere uprobe.multi:EXE:N functions"}},
		"uprobe": {object: "uprobe", programs: []string{"anywhere"}, requests: [][2]string{{"anywhere", "uprobe:EXE:TEXT"}, {"anywhere", "uretprobe:EXE:TEXT"}}, since: "5.15",
			want: []string{"anywhere uprobe:EXE", "anywhere uretprobe:EXE"}},
	} {
		t.Run(name, func(t *testing.T) {
			if c.since != "" {
				kerneltest.Need(t, c.since, name)
			}
			if name == "kprobe.multi" && !kerneltest.Has(t, "6.2") {
				t.Skip("Debian's Linux 6.1 is built without CONFIG_FPROBE")
			}
			if c.probes && !hasProbes() {
				kerneltest.Without(t, "this kernel is built without probes")
			}
			if name == "struct_ops" {
				kerneltest.Alone(t, "congestion-control")
			}
			apart(t, func(t *testing.T, at place) {
				o := only(t, open(t, c.object), c.programs...)
				exe, err := os.Executable()
				if err != nil {
					t.Fatal(err)
				}
				for _, p := range o.Programs {
					p.AttachType = or(c.attachType, p.AttachType)
				}
				fill := strings.NewReplacer("CGROUP", at.cgroup, "EXE", exe, "TEXT", text(t, exe), "PINNED", pinnedMap(t, at))
				opts := attach.Options{Sections: c.sections}
				for _, r := range c.requests {
					opts.Requests = append(opts.Requests, request(t, r[0], fill.Replace(r[1])))
				}
				if err := opts.Check([]*loader.Object{o}); err != nil {
					t.Fatal(err)
				}
				dir := filepath.Join(at.pins, "set")
				l, err := o.Load(context.Background(), &loader.LoadOptions{PinDir: dir, Attach: opts.Func()})
				if c.object == "lsm" && c.sections && !lsmActive() {
					// Never to be silent about programs that would not run.
					var e *loader.Error
					if !errors.As(err, &e) || e.Class != loader.ClassFeature {
						t.Errorf("without BPF among the security modules: %v", err)
					}
					nothingLeft(t, at.pins)
					return
				}
				if err != nil {
					t.Fatal(err)
				}
				if err := l.Close(); err != nil {
					t.Error(err)
				}
				got := attached(t, dir)
				fill = strings.NewReplacer("CGROUP", filepath.Base(at.cgroup), "EXE", exe)
				var want []string
				for _, w := range c.want {
					want = append(want, told(fill.Replace(w)))
				}
				if diff := cmp.Diff(want, got); diff != "" {
					t.Errorf("attached (-want +got):\n%s", diff)
				}
				if _, err := loader.Unload(context.Background(), dir, nil); err != nil {
					t.Error(err)
				}
				nothingLeft(t, at.pins)
			})
		})
	}
}

// TestKernelNotLasting wants what this kernel cannot pin refused, and undone.
func TestKernelNotLasting(t *testing.T) {
	if kerneltest.Has(t, "6.6") {
		t.Skip("for kernels that lack links of a kind, the last of which came with Linux 6.6")
	}
	for name, c := range map[string]struct{ object, program, target, since string }{
		"tracepoint": {"tracepoint", "by_record", "", "5.15"},
		"kprobe":     {"kprobe", "read_starts", "", "5.15"},
		"uprobe":     {"uprobe", "on_malloc", "uprobe:EXE:TEXT", "5.15"},
		"perf_event": {"sec_table", "as_perf_event", "perf_event:page-faults,cpu=0", "5.15"},
		"tcx":        {"tcx", "older_name", "tcx-ingress:lo", "6.6"},
	} {
		if kerneltest.Has(t, c.since) {
			continue // and TestKernelAttach attaches it
		}
		t.Run(name, func(t *testing.T) {
			apart(t, func(t *testing.T, at place) {
				exe, err := os.Executable()
				if err != nil {
					t.Fatal(err)
				}
				target := strings.NewReplacer("EXE", exe, "TEXT", text(t, exe)).Replace(c.target)
				opts := attach.Options{Requests: []attach.Request{request(t, c.program, target)}}
				o := only(t, open(t, c.object), c.program)
				_, err = o.Load(context.Background(), &loader.LoadOptions{PinDir: filepath.Join(at.pins, "set"), Attach: opts.Func()})
				var e *loader.Error
				if !errors.As(err, &e) || e.ExitCode() != 3 || !strings.Contains(e.Error()+e.Advice, "Linux "+c.since) {
					t.Errorf("want Linux %s named: %v", c.since, err)
				}
				nothingLeft(t, at.pins)
			})
		})
	}
}
