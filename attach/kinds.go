// SPDX-License-Identifier: MIT

package attach

import "github.com/cilium/ebpf"

var (
	xdpTypes     = []ebpf.ProgramType{ebpf.XDP}
	tcTypes      = []ebpf.ProgramType{ebpf.SchedCLS}
	kprobeTypes  = []ebpf.ProgramType{ebpf.Kprobe}
	tracingTypes = []ebpf.ProgramType{ebpf.Tracing}
	cgroupTypes  = []ebpf.ProgramType{ebpf.CGroupSKB, ebpf.CGroupSock, ebpf.CGroupSockAddr, ebpf.CGroupSockopt, ebpf.CGroupSysctl,
		ebpf.CGroupDevice, ebpf.SockOps, ebpf.LSM}
)

// kinds is filled in by init, since reading a target looks kinds up.
var kinds []kind

func init() {
	kinds = []kind{
		{"xdp", "IFACE", "a network device, in its driver if that can, else generic", xdpTypes, linux(5, 9), parseXDP},
		{"xdpdrv", "IFACE", "a network device, in its driver", xdpTypes, linux(5, 9), parseXDP},
		{"xdpgeneric", "IFACE", "a network device, before the network stack", xdpTypes, linux(5, 9), parseXDP},
		{"xdpoffload", "IFACE", "a network device, on its processor", xdpTypes, linux(5, 9), parseXDP},
		{"tcx-ingress", "IFACE", "what a device receives", tcTypes, linux(6, 6), parseTCX},
		{"tcx-egress", "IFACE", "what a device sends", tcTypes, linux(6, 6), parseTCX},
		{"tc-ingress", "IFACE[,prio=N]", "the same as a classic filter below clsact", tcTypes, linux(4, 5), parseTC},
		{"tc-egress", "IFACE[,prio=N]", "the same as a classic filter below clsact", tcTypes, linux(4, 5), parseTC},
		{"netkit-primary", "IFACE", "a netkit device", tcTypes, linux(6, 7), parseNetkit},
		{"netkit-peer", "IFACE", "the peer of a netkit device", tcTypes, linux(6, 7), parseNetkit},
		{"netfilter", "FAMILY/HOOK[,prio=N][,defrag]", "ipv4 or ipv6, prerouting to postrouting", []ebpf.ProgramType{ebpf.Netfilter}, linux(6, 4), parseNetfilter},
		{"netns", "PATH", "a network namespace, such as /proc/self/ns/net, for sk_lookup and flow_dissector", []ebpf.ProgramType{ebpf.SkLookup, ebpf.FlowDissector}, linux(5, 8), parseNetns},
		{"sockmap", "MAP", "a sockmap or sockhash, of the object or by its pin; sk_skb/verdict:MAP names the hook", []ebpf.ProgramType{ebpf.SkSKB, ebpf.SkMsg}, linux(6, 10), parseSockmap},
		{"cgroup", "PATH", "a directory of cgroup2; cgroup_skb/egress:PATH names the hook", cgroupTypes, linux(5, 7), parseCgroup},
		{"kprobe", "FUNC[+OFFSET]", "a function of the kernel", kprobeTypes, linux(5, 15), parseKprobe},
		{"kretprobe", "FUNC", "the return of a function of the kernel", kprobeTypes, linux(5, 15), parseKprobe},
		{"kprobe.multi", "PATTERN", "all functions of the kernel that match, with * and ?", kprobeTypes, linux(5, 18), parseKprobeMulti},
		{"kretprobe.multi", "PATTERN", "their returns", kprobeTypes, linux(5, 18), parseKprobeMulti},
		{"kprobe.session", "PATTERN", "both", kprobeTypes, linux(6, 10), parseKprobeMulti},
		{"ksyscall", "NAME", "a system call", kprobeTypes, linux(5, 15), parseSyscall},
		{"kretsyscall", "NAME", "the return of a system call", kprobeTypes, linux(5, 15), parseSyscall},
		{"uprobe", "PATH:FUNC[+OFFSET]", "a function of a program or library, FUNC@VERSION for one version of it; 0xADDRESS names a place in the file", kprobeTypes, linux(5, 15), parseUprobe},
		{"uretprobe", "PATH:FUNC", "the return of one", kprobeTypes, linux(5, 15), parseUprobe},
		{"uprobe.multi", "PATH:PATTERN", "all functions of a file that match, with * and ?", kprobeTypes, linux(6, 6), parseUprobeMulti},
		{"uretprobe.multi", "PATH:PATTERN", "their returns", kprobeTypes, linux(6, 6), parseUprobeMulti},
		{"uprobe.session", "PATH:PATTERN", "both", kprobeTypes, linux(6, 13), parseUprobeMulti},
		{"usdt", "PATH:PROVIDER:NAME", "a static probe of a program or library, of programs that include usdt.bpf.h", kprobeTypes, linux(5, 15), parseUSDT},
		{"tracepoint", "CATEGORY/NAME", "a tracepoint", []ebpf.ProgramType{ebpf.TracePoint}, linux(5, 15), parseTracepoint},
		{"raw_tp", "NAME", "a tracepoint, with its raw arguments", []ebpf.ProgramType{ebpf.RawTracepoint, ebpf.RawTracepointWritable}, linux(5, 7), parseRawTracepoint},
		{"perf_event", "EVENT[,freq=N|,period=N][,cpu=N]", "a counter of every CPU, such as cpu-clock,freq=99", []ebpf.ProgramType{ebpf.PerfEvent}, linux(5, 15), parsePerfEvent},
		{"trace", "", "what a fentry, fexit, fmod_ret or tp_btf program was loaded for", tracingTypes, linux(5, 7), parseTrace},
		{"fentry.multi", "PATTERN", "all functions of the kernel that match, with * and ?, by their types", tracingTypes, linux(7, 2), parseTracingMulti},
		{"fexit.multi", "PATTERN", "their returns", tracingTypes, linux(7, 2), parseTracingMulti},
		{"fsession.multi", "PATTERN", "both", tracingTypes, linux(7, 2), parseTracingMulti},
		{"lsm", "", "the hook that an lsm program was loaded for", []ebpf.ProgramType{ebpf.LSM}, linux(5, 7), parseLSM},
		{"iter", "[MAP]", "an iterator, of which the link's pin is a file to read; those over a map name it", tracingTypes, linux(5, 8), parseIter},
		{"freplace", "[PIN:FUNC]", "a function of another program; without, the one it was loaded for", []ebpf.ProgramType{ebpf.Extension}, linux(5, 10), parseFreplace},
		{"struct_ops", "", "the place of the kernel that a pinned struct_ops map is for", nil, linux(6, 4), parseStructOps},
	}
}
