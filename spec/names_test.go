// SPDX-License-Identifier: MIT

package spec_test

import (
	"testing"

	"github.com/cilium/ebpf"

	"github.com/bpfload/bpfload/spec"
)

func TestMapTypeNames(t *testing.T) {
	for want, typ := range map[string]ebpf.MapType{
		"hash": ebpf.Hash, "prog_array": ebpf.ProgramArray, "array_of_maps": ebpf.ArrayOfMaps,
		"cgroup_storage": ebpf.CGroupStorage, "percpu_cgroup_storage": ebpf.PerCPUCGroupStorage,
		"cgrp_storage": ebpf.CgroupStorage, "struct_ops": ebpf.StructOpsMap, "ringbuf": ebpf.RingBuf,
		"arena": ebpf.Arena, "insn_array": spec.InsnArray, "rhash": spec.RHash, "1000": 1000,
	} {
		if got := spec.MapTypeName(typ); got != want {
			t.Errorf("type %d is %q, want %q", typ, got, want)
		}
		if got, ok := spec.ParseMapType(want); !ok || got != typ {
			t.Errorf("%q is type %d %v, want %d", want, got, ok, typ)
		}
	}
}

func TestProgramTypeNames(t *testing.T) {
	for want, typ := range map[string]ebpf.ProgramType{
		"unspec": ebpf.UnspecifiedProgram, "socket_filter": ebpf.SocketFilter, "sched_cls": ebpf.SchedCLS,
		"xdp": ebpf.XDP, "sock_ops": ebpf.SockOps, "raw_tracepoint_writable": ebpf.RawTracepointWritable,
		"ext": ebpf.Extension, "netfilter": ebpf.Netfilter, "1000": 1000,
	} {
		if got := spec.ProgramTypeName(typ); got != want {
			t.Errorf("type %d is %q, want %q", typ, got, want)
		}
		if got, ok := spec.ParseProgramType(want); !ok || got != typ {
			t.Errorf("%q is type %d %v, want %d", want, got, ok, typ)
		}
	}
}

func TestAttachTypeNames(t *testing.T) {
	for want, typ := range map[string]ebpf.AttachType{
		"cgroup_inet_ingress": ebpf.AttachNone, "cgroup_sock_ops": ebpf.AttachCGroupSockOps,
		"trace_fentry": ebpf.AttachTraceFEntry, "modify_return": ebpf.AttachModifyReturn, "xdp": ebpf.AttachXDP,
		"netkit_peer": ebpf.AttachNetkitPeer, "trace_kprobe_session": ebpf.AttachTraceKprobeSession,
		"trace_uprobe_session": spec.AttachTraceUprobeSession, "trace_fsession": spec.AttachTraceFSession,
		"trace_fentry_multi": spec.AttachTraceFEntryMulti, "trace_fexit_multi": spec.AttachTraceFExitMulti,
		"trace_fsession_multi": spec.AttachTraceFSessionMulti, "62": 62,
	} {
		if got := spec.AttachTypeName(typ); got != want {
			t.Errorf("type %d is %q, want %q", typ, got, want)
		}
		if got, ok := spec.ParseAttachType(want); !ok || got != typ {
			t.Errorf("%q is type %d %v, want %d", want, got, ok, typ)
		}
	}
}

func TestParseSpellings(t *testing.T) {
	if typ, ok := spec.ParseProgramType("BPF_PROG_TYPE_SCHED_CLS"); !ok || typ != ebpf.SchedCLS {
		t.Errorf("the kernel's spelling gave %d %v", typ, ok)
	}
	if typ, ok := spec.ParseAttachType("BPF_XDP"); !ok || typ != ebpf.AttachXDP {
		t.Errorf("the kernel's spelling gave %d %v", typ, ok)
	}
	if typ, ok := spec.ParseMapType("BPF_MAP_TYPE_HASH"); !ok || typ != ebpf.Hash {
		t.Errorf("the kernel's spelling gave %d %v", typ, ok)
	}
	for _, bad := range []string{"", "xdpp", "bpf_prog_type_", "-1", "4294967296"} {
		if typ, ok := spec.ParseProgramType(bad); ok {
			t.Errorf("%q is type %d", bad, typ)
		}
	}
	if n := len(spec.ProgramTypeNames()); n != 32 || spec.ProgramTypeNames()[0] != "socket_filter" {
		t.Errorf("%d program types, the first %q", n, spec.ProgramTypeNames()[0])
	}
	if n := len(spec.MapTypeNames()); n != 35 || spec.MapTypeNames()[0] != "hash" {
		t.Errorf("%d map types, the first %q", n, spec.MapTypeNames()[0])
	}
}

func TestHelperName(t *testing.T) {
	for id, want := range map[int32]string{
		0: "", -1: "", 1: "bpf_map_lookup_elem", 10: "bpf_l3_csum_replace", 14: "bpf_get_current_pid_tgid",
		136: "bpf_skc_to_tcp6_sock", 211: "bpf_cgrp_storage_delete", 4096: "",
	} {
		if got := spec.HelperName(id); got != want {
			t.Errorf("helper %d is %q, want %q", id, got, want)
		}
	}
}
