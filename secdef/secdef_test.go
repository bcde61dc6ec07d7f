// SPDX-License-Identifier: MIT

package secdef_test

import (
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/cilium/ebpf"

	"github.com/bpfload/bpfload/secdef"
	"github.com/bpfload/bpfload/spec"
)

// line writes a definition as testdata/libbpf.txt does.
func line(d secdef.Def) string {
	fields := []string{d.Pattern, spec.ProgramTypeName(d.Type), "-"}
	if d.AttachType != ebpf.AttachNone {
		fields[2] = spec.AttachTypeName(d.AttachType)
	}
	for _, f := range []struct {
		set  bool
		name string
	}{
		{d.NeedsTarget, "attach_btf"}, {d.AttachTypeOptional, "exp_attach_opt"}, {d.Flags&16 != 0, "sleepable"},
		{d.USDT, "usdt"}, {d.Flags&32 != 0, "xdp_frags"},
	} {
		if f.set {
			fields = append(fields, f.name)
		}
	}
	return strings.Join(fields, " ")
}

func TestMatchEveryNameOfLibbpf(t *testing.T) {
	text, err := os.ReadFile("testdata/libbpf.txt")
	if err != nil {
		t.Fatal(err)
	}
	known := spec.ProgramTypeNames()
	count := 0
	for want := range strings.Lines(string(text)) {
		want = strings.TrimSpace(want)
		if strings.HasPrefix(want, "#") {
			continue
		}
		count++
		pattern, _, _ := strings.Cut(want, " ")
		name, open := strings.CutSuffix(pattern, "+")
		known = append(known, name)
		d, ok := secdef.Match(name)
		if got := line(d); !ok || got != want || d.Extra != "" {
			t.Errorf("%q is %q %q, want %q", name, got, d.Extra, want)
		}
		d, ok = secdef.Match(name + "/some/thing")
		if ok != open || open && (line(d) != want || d.Extra != "some/thing") {
			t.Errorf("%q is %q %q %v", name+"/some/thing", line(d), d.Extra, ok)
		}
		for _, other := range []string{name + "x", name + "1", name + "_x", "x" + name, "?" + name, strings.ToUpper(name)} {
			if d, ok := secdef.Match(other); ok {
				t.Errorf("%q is %q", other, line(d))
			}
		}
	}
	if count != 116 {
		t.Errorf("%d names, want 116", count)
	}
	for _, name := range secdef.Names() {
		if !slices.Contains(known, name) {
			t.Errorf("%q is no name of libbpf's", name)
		}
	}
}

func TestMatch(t *testing.T) {
	for name, want := range map[string]struct {
		line, extra string
	}{
		"kprobe/":                 {"kprobe+ kprobe -", ""},
		"kprobe//x":               {"kprobe+ kprobe -", "/x"},
		"uprobe.s//bin/sh:main+4": {"uprobe.s+ kprobe - sleepable", "/bin/sh:main+4"},
		"fentry/tcp:tcp_connect":  {"fentry+ tracing trace_fentry attach_btf", "tcp:tcp_connect"},
		"xdp/devmap":              {"xdp/devmap xdp xdp_devmap", ""},
		"xdp.frags/cpumap":        {"xdp.frags/cpumap xdp xdp_cpumap xdp_frags", ""},
		"tc/ingress":              {"tc/ingress sched_cls tcx_ingress", ""},
	} {
		if d, ok := secdef.Match(name); !ok || line(d) != want.line || d.Extra != want.extra {
			t.Errorf("%q is %q %q %v", name, line(d), d.Extra, ok)
		}
	}
	for _, name := range []string{"", "/", "/kprobe", "tc/", "tc/x", "xdp/", "xdp/x", "classifier/x", "socket1", "socket/1",
		"xdp_prog", "sk_lookup/", "sk_skb1", "cgroup/sock1", "cgroup", "cgroup/", "tcpfoo", "maps", ".text", "license", "2/1"} {
		if d, ok := secdef.Match(name); ok {
			t.Errorf("%q is %q", name, line(d))
		}
	}
}

func TestMatchLegacy(t *testing.T) {
	for _, c := range []struct {
		section    string
		convention secdef.Convention
		want       string // "" where the name says nothing
	}{
		{"classifier/x", secdef.Libbpf0, "classifier* sched_cls -"},
		{"tc/tail", secdef.Libbpf0, "tc* sched_cls -"},
		{"tc/ingress/x", secdef.Libbpf0, "tc/ingress* sched_cls tcx_ingress"},
		{"socket/x", secdef.Libbpf0, "socket* socket_filter -"},
		{"socket1", secdef.Libbpf0, "socket* socket_filter -"},
		{"socket_filter", secdef.Libbpf0, "socket* socket_filter -"},
		{"xdp_prog", secdef.Libbpf0, "xdp* xdp xdp exp_attach_opt"},
		{"xdp/tail", secdef.Libbpf0, "xdp* xdp xdp exp_attach_opt"},
		{"xdp_devmap/map_prog", secdef.Libbpf0, "xdp_devmap/* xdp xdp_devmap"},
		{"xdp_cpumap/x", secdef.Libbpf0, "xdp_cpumap/* xdp xdp_cpumap"},
		{"xdp.frags_x", secdef.Libbpf0, "xdp.frags* xdp xdp xdp_frags"},
		{"cgroup/sock1", secdef.Libbpf0, "cgroup/sock* cgroup_sock cgroup_inet_sock_create exp_attach_opt"},
		{"cgroup/sock_create_2", secdef.Libbpf0, "cgroup/sock_create* cgroup_sock cgroup_inet_sock_create"},
		{"sk_lookup/x", secdef.Libbpf0, "sk_lookup* sk_lookup sk_lookup"},
		{"sk_skb1", secdef.Libbpf0, "sk_skb* sk_skb -"},
		{"sk_msg1", secdef.Libbpf0, "sk_msg* sk_msg sk_msg_verdict exp_attach_opt"},
		{"tcpfoo", secdef.Libbpf0, ""},
		{"xdpfoo", secdef.Libbpf0, ""},
		{"kprobe_x", secdef.Libbpf0, ""},
		{"license_check", secdef.Libbpf0, ""},
		{"versioned_x", secdef.Libbpf0, ""},
		{"xdp", secdef.Libbpf0, ""},
		{"zebra", secdef.Libbpf0, ""},
		{"", secdef.Libbpf0, ""},

		{"socket1", secdef.KernelSamples, "socket* socket_filter -"},
		{"xdp_sock", secdef.KernelSamples, "xdp* xdp xdp exp_attach_opt"},
		{"xdp1", secdef.KernelSamples, "xdp* xdp xdp exp_attach_opt"},
		{"cgroup/sock1", secdef.KernelSamples, "cgroup/sock* cgroup_sock cgroup_inet_sock_create exp_attach_opt"},
		{"cgroup/skb/1", secdef.KernelSamples, "cgroup/skb* cgroup_skb -"},
		{"sockops/2", secdef.KernelSamples, "sockops* sock_ops cgroup_sock_ops exp_attach_opt"},
		{"sk_skb3", secdef.KernelSamples, "sk_skb* sk_skb -"},
		{"classifier/x", secdef.KernelSamples, ""},

		{"prog", secdef.IPRoute2, "prog xdp xdp exp_attach_opt"},
		{"prog1", secdef.IPRoute2, ""},
		{"2/1", secdef.IPRoute2, ""},

		{"sched_cls/x", secdef.GoBPF, "sched_cls/* sched_cls -"},
		{"sched_act/x", secdef.GoBPF, "sched_act/* sched_act -"},
		{"sched_cls", secdef.GoBPF, ""},
		{"tc_cls", secdef.GoEBPF, "tc_cls sched_cls -"},
		{"tc_act/x", secdef.AWS, "tc_act/* sched_act -"},
		{"bind4/x", secdef.Android, "bind4/* cgroup_sock_addr cgroup_inet4_bind"},
		{"ingress/x", secdef.Android, "ingress/* cgroup_skb -"},
		{"skfilter/x", secdef.Android, "skfilter/* socket_filter -"},
		{"ingress", secdef.Android, ""},
		{"ingress", secdef.OVS, "ingress sched_cls -"},
		{"tail-12", secdef.OVS, "tail-* sched_cls -"},
		{"af_xdp", secdef.OVS, "af_xdp xdp xdp exp_attach_opt"},
		{"syscalls:sys_enter_openat", secdef.Perf, "*:* tracepoint -"},
		{"hrtimer_nanosleep=hrtimer_nanosleep rqtp", secdef.Perf, "*=* kprobe -"},
		{"exec=/lib/libc.so.6;libcwrite=__write", secdef.Perf, "*=* kprobe -"},
		{"a:b:c", secdef.Perf, ""},
		{":b", secdef.Perf, ""},
		{"a=", secdef.Perf, ""},
		{"", secdef.Perf, ""},
		{"lirc_mode2/nec", secdef.Keytable, "lirc_mode2/* lirc_mode2 lirc_mode2"},
		{"nec", secdef.Keytable, "* lirc_mode2 lirc_mode2"},
		{"xdp1", "nobody", ""},
	} {
		d, ok := secdef.MatchLegacy(c.section, c.convention)
		if ok != (c.want != "") || ok && line(d) != c.want {
			t.Errorf("%s: %q is %q %v, want %q", c.convention, c.section, line(d), ok, c.want)
		}
	}
}

// The names of perf's events say what to attach to.
func TestMatchEvent(t *testing.T) {
	for section, want := range map[string]string{
		"syscalls:sys_enter_openat":                "syscalls/sys_enter_openat",
		"hrtimer_nanosleep=hrtimer_nanosleep rqtp": "hrtimer_nanosleep",
		"func=vfs_read":                            "vfs_read",
		"func=vfs_read+4":                          "",
		"exec=/lib/libc.so.6;libcwrite=__write":    "",
	} {
		if d, ok := secdef.MatchLegacy(section, secdef.Perf); !ok || d.Extra != want {
			t.Errorf("%q is about %q %v, want %q", section, d.Extra, ok, want)
		}
	}
}

// Every convention has its own name, and knows something that Match does not.
func TestConventions(t *testing.T) {
	probes := []string{"xdp_prog", "socket1", "prog", "sched_cls/x", "socket_filter", "tc_cls", "schedcls/x", "downcall", "from-container", "sched:sched_switch"}
	seen := map[secdef.Convention]bool{}
	for i, c := range secdef.Conventions() {
		if seen[c] {
			t.Errorf("%s twice", c)
		}
		seen[c] = true
		if _, ok := secdef.MatchLegacy(probes[i], c); !ok {
			t.Errorf("%s does not know %q", c, probes[i])
		}
	}
}

func TestParseType(t *testing.T) {
	for s, want := range map[string]string{
		"xdp":                   "xdp xdp xdp exp_attach_opt",
		"sched_cls":             "sched_cls sched_cls -",
		"BPF_PROG_TYPE_TRACING": "BPF_PROG_TYPE_TRACING tracing -",
		"cgroup/connect4":       "cgroup/connect4 cgroup_sock_addr cgroup_inet4_connect",
		"lsm.s/file_open":       "lsm.s+ lsm lsm_mac attach_btf sleepable",
		"6":                     "6 xdp -",
	} {
		if d, ok := secdef.ParseType(s); !ok || line(d) != want {
			t.Errorf("%q is %q %v, want %q", s, line(d), ok, want)
		}
	}
	for _, s := range []string{"", "unspec", "0", "xdpp", "socket1"} {
		if d, ok := secdef.ParseType(s); ok {
			t.Errorf("%q is %q", s, line(d))
		}
	}
	names := secdef.Names()
	if !slices.IsSorted(names) || len(slices.Compact(slices.Clone(names))) != len(names) {
		t.Error("Names is not sorted, or repeats itself")
	}
	for _, name := range names {
		if _, ok := secdef.ParseType(name); !ok {
			t.Errorf("Names has %q, ParseType does not know it", name)
		}
	}
}

func BenchmarkMatch(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		secdef.Match("tracepoint/syscalls/sys_enter_openat")
	}
}
