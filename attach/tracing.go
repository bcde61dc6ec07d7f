// SPDX-License-Identifier: MIT

package attach

import (
	"fmt"
	"slices"
	"strings"

	"github.com/cilium/ebpf"
	"github.com/cilium/ebpf/link"
)

func parseIter(t *Target) (attacher, error) {
	pin := t.Place
	return func(p *Program) ([]Link, error) {
		opts := link.IterOptions{Program: p.Program}
		if pin != "" {
			m, done, err := p.openMap(pin)
			if err != nil {
				return nil, err
			}
			defer done()
			opts.Map = m
		}
		return one(link.AttachIter(opts))
	}, nil
}

func parseFreplace(t *Target) (attacher, error) {
	if t.Place == "" {
		return func(p *Program) ([]Link, error) { return one(link.AttachFreplace(nil, "", p.Program)) }, nil
	}
	pin, function, ok := cutLast(t.Place)
	if !ok {
		return nil, fmt.Errorf("%q: want PIN:FUNC", t.Place)
	}
	return func(p *Program) ([]Link, error) {
		target, err := ebpf.LoadPinnedProgram(pin, nil)
		if err != nil {
			return nil, err
		}
		defer target.Close()
		return one(link.AttachFreplace(target, function, p.Program))
	}, nil
}

// parseStructOps makes the target of a pinned map, which is no program: [Pinned] does
// the attaching.
func parseStructOps(*Target) (attacher, error) {
	return func(*Program) ([]Link, error) {
		return nil, usage("struct_ops is for the map of a struct_ops variable, not for a program")
	}, nil
}

// cutLast splits s around its last colon: paths may contain some.
func cutLast(s string) (before, after string, ok bool) {
	i := strings.LastIndexByte(s, ':')
	if i <= 0 || i == len(s)-1 {
		return "", "", false
	}
	return s[:i], s[i+1:], true
}

func parseTrace(*Target) (attacher, error) {
	return func(p *Program) ([]Link, error) {
		at, _ := p.attachType()
		switch i := slices.Index(tracingMulti, at); {
		case at == ebpf.AttachTraceIter:
			return one(link.AttachIter(link.IterOptions{Program: p.Program}))
		case i >= 0:
			return nil, usage("the program is for many functions at once: write %s:PATTERN", tracingMultiNames[i])
		}
		return one(link.AttachTracing(link.TracingOptions{Program: p.Program}))
	}, nil
}

func parseLSM(*Target) (attacher, error) {
	return func(p *Program) ([]Link, error) {
		if at, _ := p.attachType(); at == ebpf.AttachLSMCgroup {
			return nil, usage("the program is for the processes of a cgroup: write lsm_cgroup:PATH")
		}
		links, err := one(link.AttachLSM(link.LSMOptions{Program: p.Program}))
		if err == nil && !lsmActive() {
			closeAll(links)
			return nil, lsmInactive
		}
		return links, err
	}, nil
}
