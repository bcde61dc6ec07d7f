// SPDX-License-Identifier: MIT

package attach

import (
	"fmt"
	"strings"

	"github.com/cilium/ebpf/link"
	"golang.org/x/sys/unix"

	"github.com/bpfload/bpfload/internal/tc"
)

// linkKey identifies the place of a link that is being carried over.
func linkKey(l any) string {
	switch l := l.(type) {
	case interface{ Target() string }: // a filter of tc
		return l.Target()
	case interface{ FD() int }:
		fd, err := unix.FcntlInt(uintptr(l.FD()), unix.F_DUPFD_CLOEXEC, 0)
		if err != nil {
			return ""
		}
		k, err := link.NewFromFD(fd)
		if err != nil {
			return ""
		}
		defer k.Close()
		if a, err := Describe(k); err == nil {
			return a.key
		}
	}
	return ""
}

// key identifies the place of a target in the same way.
func (t Target) key() string {
	switch t.kind.name {
	case "xdp", "xdpdrv", "xdpgeneric", "xdpoffload":
		return "xdp:" + t.Place
	case "tc-ingress", "tc-egress":
		name, _, _ := strings.Cut(t.Place, ",")
		return t.Kind + ":" + name
	case "netkit-primary", "netkit-peer":
		index, err := tc.Index(t.Place)
		if err == nil && t.kind.name == "netkit-peer" {
			index, err = tc.Peer(index) // the link is the peer's
		}
		if err == nil {
			return fmt.Sprintf("netkit:%d", index)
		}
	case "cgroup", "netns":
		var st unix.Stat_t
		if err := unix.Stat(t.Place, &st); err != nil {
			return ""
		}
		return fmt.Sprintf("%s:%d", t.kind.name, st.Ino)
	}
	return t.String()
}
