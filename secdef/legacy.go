// SPDX-License-Identifier: MIT

package secdef

import (
	"strings"

	"github.com/cilium/ebpf"
)

// A Convention names a family of loaders by which section names they understood.
type Convention string

// The conventions, in the order in which they are tried where nothing says which
// loader an object was written for.
const (
	// Libbpf0 is libbpf before 1.0, and cilium/ebpf: a name of the table may be
	// followed by anything, as in socket1, xdp_prog or classifier/x. What
	// follows must not begin with a letter here: tcpdump is not tc.
	Libbpf0 Convention = "libbpf-0"
	// KernelSamples is samples/bpf/bpf_load.c of Linux 4.1 to 5.10.
	KernelSamples Convention = "kernel-samples"
	// IPRoute2 is the loader of tc and ip; their user names the section, so
	// that only the default of "ip link set xdp" is left to know.
	IPRoute2 Convention = "iproute2"
	GoBPF    Convention = "gobpf"   // github.com/iovisor/gobpf
	GoEBPF   Convention = "goebpf"  // github.com/dropbox/goebpf
	AWS      Convention = "aws"     // github.com/aws/aws-ebpf-sdk-go
	Android  Convention = "android" // bpfloader and netbpfload
	OVS      Convention = "ovs"     // Open vSwitch's eBPF datapath
	// Cilium is Cilium's datapath before 1.14, attached by tc under the name
	// of the place in the path of a packet.
	Cilium Convention = "cilium"
	// Perf is "perf trace --event OBJECT" of Linux 4.3 to 6.2: a section is
	// named like an event, CATEGORY:NAME or PROBE=FUNCTION ARGUMENTS.
	Perf Convention = "perf"
	// Keytable is ir-keytable of v4l-utils, which knows one type only: before
	// 1.22 a section had the name of the infrared protocol, whatever that was.
	// It is none of [Conventions], since it would explain everything.
	Keytable Convention = "keytable"
)

// Conventions returns the conventions in the order in which they are tried where
// nothing is known of the loader.
func Conventions() []Convention {
	return []Convention{Libbpf0, KernelSamples, IPRoute2, GoBPF, GoEBPF, AWS, Android, OVS, Cilium, Perf}
}

// A rule is a name, or with "*" at the end the beginning of names. Names that
// libbpf's table has, such as kprobe/..., are not repeated.
type rule struct {
	pattern string
	typ     ebpf.ProgramType
	attach  ebpf.AttachType // 0: the usual one
}

var libbpf0Rules = []rule{
	{"xdp_devmap/*", ebpf.XDP, ebpf.AttachXDPDevMap},
	{"xdp_cpumap/*", ebpf.XDP, ebpf.AttachXDPCPUMap},
}

var samplesRules = []rule{
	{"socket*", ebpf.SocketFilter, 0},
	{"xdp*", ebpf.XDP, 0},
	{"perf_event*", ebpf.PerfEvent, 0},
	{"cgroup/skb*", ebpf.CGroupSKB, 0},
	{"cgroup/sock*", ebpf.CGroupSock, 0},
	{"sockops*", ebpf.SockOps, 0},
	{"sk_skb*", ebpf.SkSKB, 0},
	{"sk_msg*", ebpf.SkMsg, 0},
}

var iproute2Rules = []rule{
	{"prog", ebpf.XDP, 0},
}

var gobpfRules = []rule{
	{"cgroup/skb*", ebpf.CGroupSKB, 0},
	{"cgroup/sock*", ebpf.CGroupSock, 0},
	{"socket*", ebpf.SocketFilter, 0},
	{"sched_cls/*", ebpf.SchedCLS, 0},
	{"sched_act/*", ebpf.SchedACT, 0},
	{"xdp/*", ebpf.XDP, 0},
}

var goebpfRules = []rule{
	{"socket_filter", ebpf.SocketFilter, 0},
	{"socket_filter/*", ebpf.SocketFilter, 0},
	{"tc_cls", ebpf.SchedCLS, 0},
	{"tc_cls/*", ebpf.SchedCLS, 0},
	{"tc_act", ebpf.SchedACT, 0},
	{"tc_act/*", ebpf.SchedACT, 0},
	{"xdp/*", ebpf.XDP, 0},
}

var awsRules = []rule{
	{"tc_cls", ebpf.SchedCLS, 0},
	{"tc_cls/*", ebpf.SchedCLS, 0},
	{"tc_act", ebpf.SchedACT, 0},
	{"tc_act/*", ebpf.SchedACT, 0},
	{"xdp/*", ebpf.XDP, 0},
}

var androidRules = []rule{
	{"bind4/*", ebpf.CGroupSockAddr, ebpf.AttachCGroupInet4Bind},
	{"bind6/*", ebpf.CGroupSockAddr, ebpf.AttachCGroupInet6Bind},
	{"cgroupskb/*", ebpf.CGroupSKB, 0},
	{"cgroupsock/*", ebpf.CGroupSock, 0},
	{"cgroupsockcreate/*", ebpf.CGroupSock, ebpf.AttachCGroupInetSockCreate},
	{"cgroupsockrelease/*", ebpf.CGroupSock, ebpf.AttachCgroupInetSockRelease},
	{"connect4/*", ebpf.CGroupSockAddr, ebpf.AttachCGroupInet4Connect},
	{"connect6/*", ebpf.CGroupSockAddr, ebpf.AttachCGroupInet6Connect},
	{"egress/*", ebpf.CGroupSKB, ebpf.AttachCGroupInetEgress},
	{"getsockopt/*", ebpf.CGroupSockopt, ebpf.AttachCGroupGetsockopt},
	{"ingress/*", ebpf.CGroupSKB, ebpf.AttachCGroupInetIngress},
	{"lwt_in/*", ebpf.LWTIn, 0},
	{"lwt_out/*", ebpf.LWTOut, 0},
	{"lwt_seg6local/*", ebpf.LWTSeg6Local, 0},
	{"lwt_xmit/*", ebpf.LWTXmit, 0},
	{"perf_event/*", ebpf.PerfEvent, 0},
	{"postbind4/*", ebpf.CGroupSock, ebpf.AttachCGroupInet4PostBind},
	{"postbind6/*", ebpf.CGroupSock, ebpf.AttachCGroupInet6PostBind},
	{"recvmsg4/*", ebpf.CGroupSockAddr, ebpf.AttachCGroupUDP4Recvmsg},
	{"recvmsg6/*", ebpf.CGroupSockAddr, ebpf.AttachCGroupUDP6Recvmsg},
	{"schedact/*", ebpf.SchedACT, 0},
	{"schedcls/*", ebpf.SchedCLS, 0},
	{"sendmsg4/*", ebpf.CGroupSockAddr, ebpf.AttachCGroupUDP4Sendmsg},
	{"sendmsg6/*", ebpf.CGroupSockAddr, ebpf.AttachCGroupUDP6Sendmsg},
	{"setsockopt/*", ebpf.CGroupSockopt, ebpf.AttachCGroupSetsockopt},
	{"skfilter/*", ebpf.SocketFilter, 0},
	{"sockops/*", ebpf.SockOps, ebpf.AttachCGroupSockOps},
	{"sysctl*", ebpf.CGroupSysctl, ebpf.AttachCGroupSysctl},
	{"xdp/*", ebpf.XDP, 0},
}

var ovsRules = []rule{
	{"ingress", ebpf.SchedCLS, 0},
	{"egress", ebpf.SchedCLS, 0},
	{"downcall", ebpf.SchedCLS, 0},
	{"tail-*", ebpf.SchedCLS, 0},
	{"af_xdp", ebpf.XDP, 0},
}

// from-netdev is missing: it is XDP in bpf_xdp.o and tc in bpf_netdev.o and
// bpf_host.o, and a wrong guess is worse than asking.
var ciliumRules = []rule{
	{"from-container", ebpf.SchedCLS, 0},
	{"to-container", ebpf.SchedCLS, 0},
	{"from-host", ebpf.SchedCLS, 0},
	{"to-host", ebpf.SchedCLS, 0},
	{"from-lxc", ebpf.SchedCLS, 0},
	{"to-netdev", ebpf.SchedCLS, 0},
	{"from-network", ebpf.SchedCLS, 0},
	{"from-overlay", ebpf.SchedCLS, 0},
	{"to-overlay", ebpf.SchedCLS, 0},
}

var keytableRules = []rule{
	{"lirc_mode2/*", ebpf.LircMode2, ebpf.AttachLircMode2},
	{"*", ebpf.LircMode2, ebpf.AttachLircMode2},
}

// MatchLegacy looks a section name up as loaders of that convention did. A name
// that only carries a tail call ([ParseTailCall]) has no type of its own.
func MatchLegacy(section string, c Convention) (Def, bool) {
	switch c {
	case Libbpf0:
		if d, ok := matchRules(section, libbpf0Rules); ok {
			return d, true
		}
		return matchBeginning(section)
	case KernelSamples:
		return matchRules(section, samplesRules)
	case IPRoute2:
		return matchRules(section, iproute2Rules)
	case GoBPF:
		return matchRules(section, gobpfRules)
	case GoEBPF:
		return matchRules(section, goebpfRules)
	case AWS:
		return matchRules(section, awsRules)
	case Android:
		return matchRules(section, androidRules)
	case OVS:
		return matchRules(section, ovsRules)
	case Cilium:
		return matchRules(section, ciliumRules)
	case Perf:
		return matchEvent(section)
	case Keytable:
		return matchRules(section, keytableRules)
	}
	return Def{}, false
}

func matchRules(section string, rules []rule) (Def, bool) {
	for _, r := range rules {
		beginning, open := strings.CutSuffix(r.pattern, "*")
		if section == beginning || open && strings.HasPrefix(section, beginning) {
			d := Def{Pattern: r.pattern, Type: r.typ, AttachType: r.attach}
			if d.AttachType == 0 {
				d.AttachType, d.AttachTypeOptional = usualAttachType(d.Type)
			}
			return d, true
		}
	}
	return Def{}, false
}

// usualAttachType is that of the plain name of the type in libbpf's table. The
// conventions are from before kernels had attach types.
func usualAttachType(t ebpf.ProgramType) (attach ebpf.AttachType, optional bool) {
	switch t {
	case ebpf.XDP:
		return ebpf.AttachXDP, true
	case ebpf.CGroupSock:
		return ebpf.AttachCGroupInetSockCreate, true
	case ebpf.SockOps:
		return ebpf.AttachCGroupSockOps, true
	case ebpf.SkMsg:
		return ebpf.AttachSkMsgVerdict, true
	}
	return 0, false
}

// matchBeginning finds the longest name of the table that section begins with and
// that does not end within a word.
func matchBeginning(section string) (Def, bool) {
	i, _ := search(section)
	for i--; i >= 0 && table[i].pattern[0] == section[0]; i-- {
		r := &table[i] // with a "+" it stands for itself: Match knows what follows
		if rest, ok := strings.CutPrefix(section, r.pattern); ok && !isLetter(rest[0]) {
			d := r.def()
			d.Pattern += "*"
			return d, true
		}
	}
	return Def{}, false
}

func isLetter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' }

// matchEvent reads the name of a perf event.
func matchEvent(section string) (Def, bool) {
	if category, name, ok := strings.Cut(section, ":"); ok && isWord(category) && isWord(name) {
		return Def{Pattern: "*:*", Type: ebpf.TracePoint, Extra: category + "/" + name}, true
	}
	if probe, function, ok := strings.Cut(section, "="); ok && isWord(probe) && function != "" {
		d := Def{Pattern: "*=*", Type: ebpf.Kprobe}
		if end := strings.IndexFunc(function, func(r rune) bool { return !isWord(string(r)) }); end < 0 {
			d.Extra = function
		} else if function[end] == ' ' {
			d.Extra = function[:end]
		}
		return d, true
	}
	return Def{}, false
}

// isWord says whether s could be a name in C, or that of an event.
func isWord(s string) bool {
	for _, c := range []byte(s) {
		if !isLetter(c) && c != '_' && c != '-' && (c < '0' || c > '9') {
			return false
		}
	}
	return s != ""
}
