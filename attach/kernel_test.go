// SPDX-License-Identifier: MIT

package attach_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/cilium/ebpf"
	"github.com/google/go-cmp/cmp"

	"github.com/bpfload/bpfload/attach"
	"github.com/bpfload/bpfload/internal/kerneltest"
	"github.com/bpfload/bpfload/loader"
)

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
