// SPDX-License-Identifier: MIT

package attach

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/cilium/ebpf"
	"github.com/cilium/ebpf/link"
	"golang.org/x/sys/unix"

	"github.com/bpfload/bpfload/internal/tc"
)

// device finds a network interface.
func device(name string) (int, error) {
	index, err := tc.Index(name)
	if errors.Is(err, unix.ENODEV) {
		return 0, notFound("there is no network interface %q", name)
	}
	return index, err
}

// one wraps the outcome of attaching once.
func one[L Link](l L, err error) ([]Link, error) {
	if err != nil {
		return nil, err
	}
	return []Link{l}, nil
}

var xdpModes = map[string]link.XDPAttachFlags{
	"xdpdrv": link.XDPDriverMode, "xdpgeneric": link.XDPGenericMode, "xdpoffload": link.XDPOffloadMode,
}

func parseXDP(t *Target) (attacher, error) {
	name, mode := t.Place, xdpModes[t.Kind]
	return func(p *Program) ([]Link, error) {
		index, err := device(name)
		if err != nil {
			return nil, err
		}
		return one(link.AttachXDP(link.XDPOptions{Program: p.Program, Interface: index, Flags: mode}))
	}, nil
}

func parseTCX(t *Target) (attacher, error) {
	name, at := t.Place, ebpf.AttachTCXIngress
	if t.Kind == "tcx-egress" {
		at = ebpf.AttachTCXEgress
	}
	return func(p *Program) ([]Link, error) {
		index, err := device(name)
		if err != nil {
			return nil, err
		}
		return one(link.AttachTCX(link.TCXOptions{Program: p.Program, Interface: index, Attach: at}))
	}, nil
}

func parseNetkit(t *Target) (attacher, error) {
	name, at := t.Place, ebpf.AttachNetkitPrimary
	if t.Kind == "netkit-peer" {
		at = ebpf.AttachNetkitPeer
	}
	return func(p *Program) ([]Link, error) {
		index, err := device(name)
		if err != nil {
			return nil, err
		}
		return one(link.AttachNetkit(link.NetkitOptions{Program: p.Program, Interface: index, Attach: at}))
	}, nil
}

func parseTC(t *Target) (attacher, error) {
	name, settings, err := cutSettings(t.Place, "prio")
	if err != nil {
		return nil, err
	}
	prio, err := settings.number("prio", 0, 1<<16-1)
	if err != nil {
		return nil, err
	}
	egress := t.Kind == tc.Egress
	return func(p *Program) ([]Link, error) {
		if _, err := device(name); err != nil {
			return nil, err
		}
		record, err := tc.Attach(name, egress, uint16(prio), p.FD(), p.Name)
		if err != nil {
			return nil, err
		}
		return []Link{&filter{record: record}}, nil
	}, nil
}

var families = map[string]link.NetfilterProtocolFamily{
	"ipv4": link.NetfilterProtoIPv4, "ipv6": link.NetfilterProtoIPv6,
}

// hooks are in the order of enum nf_inet_hooks.
var hooks = []string{"prerouting", "input", "forward", "output", "postrouting"}

func parseNetfilter(t *Target) (attacher, error) {
	place, settings, err := cutSettings(t.Place, "prio", "defrag")
	if err != nil {
		return nil, err
	}
	family, hook, _ := strings.Cut(place, "/")
	pf, ok := families[family]
	if !ok {
		return nil, fmt.Errorf("family %q: want ipv4 or ipv6", family)
	}
	number := slices.Index(hooks, hook)
	if number < 0 {
		return nil, fmt.Errorf("hook %q: want %s", hook, strings.Join(hooks, ", "))
	}
	prio, err := settings.number("prio", -1<<31, 1<<31-1)
	if err != nil {
		return nil, err
	}
	var flags link.NetfilterAttachFlags
	if _, ok := settings["defrag"]; ok {
		flags = 1 // BPF_F_NETFILTER_IP_DEFRAG; the library's constant of that name is 0
	}
	return func(p *Program) ([]Link, error) {
		return one(link.AttachNetfilter(link.NetfilterOptions{Program: p.Program, ProtocolFamily: pf, Hook: link.NetfilterInetHook(number),
			Priority: int32(prio), NetfilterFlags: flags}))
	}, nil
}

func parseNetns(t *Target) (attacher, error) {
	path := t.Place
	return func(p *Program) ([]Link, error) {
		ns, err := os.Open(path)
		if err != nil {
			return nil, err
		}
		defer ns.Close()
		return one(link.AttachNetNs(int(ns.Fd()), p.Program))
	}, nil
}

// settings are what follows the place, as ",NAME=VALUE" or ",NAME".
type settings map[string]string

func cutSettings(place string, allowed ...string) (string, settings, error) {
	parts := strings.Split(place, ",")
	s := make(settings)
	for _, part := range parts[1:] {
		name, value, _ := strings.Cut(part, "=")
		if !slices.Contains(allowed, name) {
			return "", nil, fmt.Errorf("%q is no setting: want %s", name, strings.Join(allowed, ", "))
		}
		s[name] = value
	}
	if parts[0] == "" {
		return "", nil, errors.New("the place is empty")
	}
	return parts[0], s, nil
}

// number reads a setting; 0 if it is not there.
func (s settings) number(name string, least, most int64) (int64, error) {
	text, ok := s[name]
	if !ok {
		return 0, nil
	}
	n, err := strconv.ParseInt(text, 0, 64)
	if err != nil || n < least || n > most {
		return 0, fmt.Errorf("%s=%s: want a number from %d to %d", name, text, least, most)
	}
	return n, nil
}
