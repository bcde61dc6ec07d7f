// SPDX-License-Identifier: MIT

package attach

import (
	"errors"
	"os"
	"strings"

	"github.com/cilium/ebpf"
	"github.com/cilium/ebpf/link"
	"golang.org/x/sys/unix"

	"github.com/bpfload/bpfload/secdef"
)

// hookOf returns the attach type that a kind such as "cgroup/connect4" names.
func hookOf(t *Target) (at ebpf.AttachType, named bool) {
	if t.Kind == t.kind.name {
		return 0, false
	}
	def, _ := secdef.Match(t.Kind)
	return def.AttachType, def.Pattern != "cgroup/skb" && def.Pattern != "sk_skb"
}

func parseCgroup(t *Target) (attacher, error) {
	path := t.Place
	named, isNamed := hookOf(t)
	return func(p *Program) ([]Link, error) {
		candidates := cgroupHooks(p)
		if isNamed {
			candidates = []ebpf.AttachType{named}
		}
		if len(candidates) == 0 {
			return nil, usage("the program does not say whether it is for what the cgroup sends or receives: write cgroup_skb/ingress:%s or cgroup_skb/egress:%s", path, path)
		}
		dir, err := os.Open(path)
		if err != nil {
			return nil, err
		}
		defer dir.Close()
		return firstOf(p, int(dir.Fd()), candidates)
	}, nil
}

// firstOf attaches to the one hook that the kernel accepts: that which the program
// was loaded for.
func firstOf(p *Program, target int, hooks []ebpf.AttachType) ([]Link, error) {
	for i, at := range hooks {
		l, err := link.AttachRawLink(link.RawLinkOptions{Target: target, Program: p.Program, Attach: at})
		if err == nil {
			return []Link{l}, nil
		}
		if !errors.Is(err, unix.EINVAL) || i == len(hooks)-1 {
			return nil, err
		}
	}
	return nil, errors.New("no hook to try")
}

// cgroupHooks lists the hooks that a program can have been loaded for; none if it is
// for several.
func cgroupHooks(p *Program) []ebpf.AttachType {
	at, known := p.attachType()
	if p.Type() == ebpf.CGroupSKB {
		switch {
		case !known:
			return nil
		case at == ebpf.AttachCGroupInetEgress, at == ebpf.AttachCGroupInetIngress && strings.Contains(p.Spec.Section, "ingress"):
			return []ebpf.AttachType{at}
		}
		return nil
	}
	if known && at != 0 {
		return []ebpf.AttachType{at}
	}
	switch p.Type() {
	case ebpf.CGroupSock:
		return []ebpf.AttachType{ebpf.AttachCGroupInetSockCreate, ebpf.AttachCgroupInetSockRelease, ebpf.AttachCGroupInet4PostBind, ebpf.AttachCGroupInet6PostBind}
	case ebpf.CGroupSockAddr:
		return []ebpf.AttachType{
			ebpf.AttachCGroupInet4Bind, ebpf.AttachCGroupInet6Bind, ebpf.AttachCGroupInet4Connect, ebpf.AttachCGroupInet6Connect,
			ebpf.AttachCGroupUDP4Sendmsg, ebpf.AttachCGroupUDP6Sendmsg, ebpf.AttachCGroupUDP4Recvmsg, ebpf.AttachCGroupUDP6Recvmsg,
			ebpf.AttachCgroupInet4GetPeername, ebpf.AttachCgroupInet6GetPeername, ebpf.AttachCgroupInet4GetSockname, ebpf.AttachCgroupInet6GetSockname,
			ebpf.AttachCgroupUnixConnect, ebpf.AttachCgroupUnixSendmsg, ebpf.AttachCgroupUnixRecvmsg, ebpf.AttachCgroupUnixGetpeername, ebpf.AttachCgroupUnixGetsockname,
		}
	case ebpf.CGroupSockopt:
		return []ebpf.AttachType{ebpf.AttachCGroupGetsockopt, ebpf.AttachCGroupSetsockopt}
	case ebpf.CGroupSysctl:
		return []ebpf.AttachType{ebpf.AttachCGroupSysctl}
	case ebpf.CGroupDevice:
		return []ebpf.AttachType{ebpf.AttachCGroupDevice}
	case ebpf.SockOps:
		return []ebpf.AttachType{ebpf.AttachCGroupSockOps}
	}
	return []ebpf.AttachType{ebpf.AttachLSMCgroup}
}
