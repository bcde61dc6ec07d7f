// SPDX-License-Identifier: MIT

package attach_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/cilium/ebpf"

	"github.com/bpfload/bpfload/attach"
	"github.com/bpfload/bpfload/loader"
	"github.com/bpfload/bpfload/spec"
)

func ExampleParse() {
	t, err := attach.Parse("cgroup_skb/egress:/sys/fs/cgroup/system.slice")
	fmt.Println(t.Kind, t.Place, err)
	_, err = attach.Parse("kprobe:do_unlinkat+x")
	fmt.Println(err)
	// Output:
	// cgroup_skb/egress /sys/fs/cgroup/system.slice <nil>
	// target "kprobe:do_unlinkat+x": "do_unlinkat+x": want FUNC+OFFSET with a number of bytes
}

func TestParse(t *testing.T) {
	for _, text := range []string{
		"xdp:eth0", "xdpdrv:eth0", "xdpgeneric:eth0.7", "tcx-egress:eth0", "tc-ingress:eth0,prio=65535", "netkit-peer:nk0",
		"netfilter:ipv6/postrouting,prio=-200,defrag", "netns:/proc/self/ns/net", "cgroup:/sys/fs/cgroup", "cgroup/connect4:/x", "sockops:/x",
		"lsm_cgroup:/x", "sk_skb/verdict:/pin", "sk_msg:/pin", "sockmap:own", "kprobe:f+0x10", "kretprobe:f", "kprobe.multi:tcp_*", "kprobe.session:f",
		"ksyscall:openat", "uprobe:/bin/a:b:f+4", "uprobe:libc.so.6:malloc", "uretprobe.multi:/x:f?", "uprobe.session:/x:*", "usdt:/bin/a:b:c", "fsession.multi:tcp_*", "tracepoint:sched/sched_switch", "tracepoint:sched:sched_switch",
		"raw_tp:sched_switch", "perf_event:cpu-clock,freq=99,cpu=0", "perf_event:page-faults,period=10", "trace", "lsm", "iter", "iter:/pin", "freplace", "freplace:/pin:f", "struct_ops",
	} {
		got, err := attach.Parse(text)
		if err != nil || got.String() != text {
			t.Errorf("Parse(%q) = %q, %v", text, got, err)
		}
	}
}

func TestParseErrors(t *testing.T) {
	for text, want := range map[string]string{
		"":                                  `there is no kind ""`,
		"eth0":                              `there is no kind "eth0"`,
		"xdp":                               "want xdp:IFACE",
		"xdp:":                              "want xdp:IFACE",
		"iter:":                             "want iter[:MAP]",
		"trace:f":                           "kind trace has no place",
		"tc-ingress:eth0,prio=65536":        "prio=65536: want a number from 0 to 65535",
		"tc-ingress:eth0,x=1":               `"x" is no setting: want prio`,
		"tc-ingress:,prio=1":                "the place is empty",
		"netfilter:arp/input":               `family "arp": want ipv4 or ipv6`,
		"netfilter:ipv4/in":                 `hook "in": want prerouting, input, forward, output, postrouting`,
		"kretprobe:f+4":                     "a return has no offset",
		"kprobe:+4":                         "want FUNC+OFFSET",
		"uprobe:/bin/a":                     "want PATH:FUNC",
		"uprobe.multi:/bin/a:":              "want PATH:PATTERN",
		"tracepoint:sched_switch":           "want CATEGORY/NAME",
		"perf_event:cpu":                    `event "cpu": want one of`,
		"perf_event:cycles,freq=1,period=2": "exclude each other",
		"perf_event:cycles,freq=0":          "want a number from 1",
		"usdt:/bin/a:b":                     "want PATH:PROVIDER:NAME",
		"xdp/x:eth0":                        `there is no kind "xdp/x"`,
		"kprobe/f:x":                        `there is no kind "kprobe/f"`,
		"freplace:f":                        "want PIN:FUNC",
	} {
		_, err := attach.Parse(text)
		var e *loader.Error
		if !errors.As(err, &e) || e.Class != loader.ClassUsage || !strings.Contains(err.Error(), want) || !strings.HasPrefix(err.Error(), fmt.Sprintf("target %q: ", text)) {
			t.Errorf("Parse(%q): %v, want %q", text, err, want)
		}
	}
}

func TestSectionTarget(t *testing.T) {
	for section, c := range map[string]struct {
		typ    ebpf.ProgramType
		attach ebpf.AttachType
		want   string // "" for none, "!" for an error
	}{
		"kprobe/vfs_read":            {ebpf.Kprobe, 0, "kprobe:vfs_read"},
		"kprobe/do_unlinkat+0x10":    {ebpf.Kprobe, 0, "kprobe:do_unlinkat+0x10"},
		"kprobe":                     {ebpf.Kprobe, 0, ""},
		"kprobe.multi/tcp_v?_*":      {ebpf.Kprobe, ebpf.AttachTraceKprobeMulti, "kprobe.multi:tcp_v?_*"},
		"kprobe.session/f":           {ebpf.Kprobe, ebpf.AttachTraceKprobeSession, "kprobe.session:f"},
		"ksyscall/unlinkat":          {ebpf.Kprobe, 0, "ksyscall:unlinkat"},
		"uprobe.s//bin/sh:main":      {ebpf.Kprobe, 0, "uprobe:/bin/sh:main"},
		"uprobe.multi.s//bin/sh:m*":  {ebpf.Kprobe, ebpf.AttachTraceUprobeMulti, "uprobe.multi:/bin/sh:m*"},
		"uretprobe/libc.so.6:malloc": {ebpf.Kprobe, 0, "uretprobe:libc.so.6:malloc"},
		"usdt/libc.so.6:libc:setjmp": {ebpf.Kprobe, 0, "usdt:libc.so.6:libc:setjmp"},
		"uprobe.session//bin/sh:m*":  {ebpf.Kprobe, spec.AttachTraceUprobeSession, "uprobe.session:/bin/sh:m*"},
		"uprobe/main":                {ebpf.Kprobe, 0, "!"},
		"tp/sched/sched_switch":      {ebpf.TracePoint, 0, "tracepoint:sched/sched_switch"},
		"tracepoint.s/a/b":           {ebpf.TracePoint, 0, "tracepoint:a/b"},
		"tracepoint":                 {ebpf.TracePoint, 0, ""},
		"raw_tracepoint.w/bpf_test":  {ebpf.RawTracepointWritable, 0, "raw_tp:bpf_test"},
		"tp_btf/sched_switch":        {ebpf.Tracing, ebpf.AttachTraceRawTp, "trace"},
		"fexit.s/f":                  {ebpf.Tracing, ebpf.AttachTraceFExit, "trace"},
		"fexit.multi/tcp_*":          {ebpf.Tracing, spec.AttachTraceFExitMulti, "fexit.multi:tcp_*"},
		"fentry.multi.s/f":           {ebpf.Tracing, spec.AttachTraceFEntryMulti, "fentry.multi:f"},
		"fsession.multi":             {ebpf.Tracing, spec.AttachTraceFSessionMulti, ""},
		"iter/task":                  {ebpf.Tracing, ebpf.AttachTraceIter, "iter"},
		"lsm/file_open":              {ebpf.LSM, ebpf.AttachLSMMac, "lsm"},
		"lsm_cgroup/socket_bind":     {ebpf.LSM, ebpf.AttachLSMCgroup, ""},
		"freplace/f":                 {ebpf.Extension, 0, "freplace"},
		"xdp":                        {ebpf.XDP, ebpf.AttachXDP, ""},
		"tcx/ingress":                {ebpf.SchedCLS, ebpf.AttachTCXIngress, ""},
		"cgroup/connect4":            {ebpf.CGroupSockAddr, ebpf.AttachCGroupInet4Connect, ""},
		"perf_event":                 {ebpf.PerfEvent, 0, ""},
	} {
		got, ok, err := attach.SectionTarget(&spec.Program{Name: "p", Section: section, Type: c.typ, AttachType: c.attach})
		text := got.String()
		if err != nil {
			text = "!"
		}
		if text != c.want || ok != (c.want != "" && c.want != "!") {
			t.Errorf("section %q: %q, %v, %v, want %q", section, got, ok, err, c.want)
		}
	}
	// perf's sections are named like events.
	got, ok, err := attach.SectionTarget(&spec.Program{Section: "syscalls:sys_enter_openat", Type: ebpf.TracePoint, TypeFrom: "perf"})
	if !ok || err != nil || got.String() != "tracepoint:syscalls:sys_enter_openat" {
		t.Errorf("an event of perf: %q, %v, %v", got, ok, err)
	}
}

func TestKindsAreSayable(t *testing.T) {
	for _, k := range attach.Kinds() {
		if k.About == "" || k.Since == "0.0" || len(k.Syntax) > 48 {
			t.Errorf("kind %+v", k)
		}
	}
}
