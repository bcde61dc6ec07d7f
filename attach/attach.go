// SPDX-License-Identifier: MIT

// Package attach connects loaded programs with what calls them: network devices,
// cgroups, probes, tracepoints, hooks.
//
// A [Target] says where to, as text such as "xdp:eth0"; [Parse] reads it and
// [SectionTarget] takes it from the name of the program's section. [Options.Func] makes
// of a list of targets what a load calls to attach its programs ([loader.LoadOptions]),
// so that a failure undoes the load; [Pinned] and [Detach] work on what is pinned
// already; [Describe] says where a link is attached.
//
// Everything is attached through links, which end with their last pin or descriptor.
// Two cases have none. Classic filters of tc stay by themselves, and a symbolic link
// in the set of pins says where they are. What a kernel can only attach for the life
// of this process is refused, with the version that can do more.
package attach

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/cilium/ebpf"
	"github.com/cilium/ebpf/link"

	"github.com/bpfload/bpfload/loader"
	"github.com/bpfload/bpfload/spec"
)

// A Program is what is attached.
type Program struct {
	*ebpf.Program
	Name string
	// Spec is the object's description, nil for a pinned program. It says what
	// the kernel does not tell: with which attach type the program was loaded.
	Spec *spec.Program
	// Map finds a map that a target names without a path; nil if there is none
	// to find.
	Map func(name string) (*ebpf.Map, error)
}

// openMap opens the map that a target names: by its pin, or by the name it has in
// the program's object. close must be called in the end.
func (p *Program) openMap(name string) (m *ebpf.Map, close func(), err error) {
	if p.Map != nil && !strings.Contains(name, "/") {
		m, err = p.Map(name)
		return m, func() {}, err
	}
	if m, err = ebpf.LoadPinnedMap(name, nil); err != nil {
		return nil, nil, err
	}
	return m, func() { m.Close() }, nil
}

// attachType returns the expected attach type, if it is known.
func (p *Program) attachType() (ebpf.AttachType, bool) {
	if p.Spec == nil {
		return 0, false
	}
	return p.Spec.AttachType, true
}

// multi says whether the program was loaded for links to many probes at once.
func (p *Program) multi() bool {
	t, _ := p.attachType()
	return t == ebpf.AttachTraceKprobeMulti || t == ebpf.AttachTraceUprobeMulti
}

// A Link keeps a program attached until it is closed or, if it was pinned, until the
// pin is removed.
type Link interface {
	Pin(path string) error
	Close() error
}

// An attacher attaches a program to the place that it was made for.
type attacher func(p *Program) ([]Link, error)

// Attach attaches a program. The links, mostly one, can be pinned. Errors are
// *[loader.Error] values.
func (t Target) Attach(p *Program) ([]Link, error) {
	if t.attach == nil {
		return nil, t.fail(p, usage("the target is empty"))
	}
	if err := t.kind.accepts(p.Type()); err != nil {
		return nil, t.fail(p, err)
	}
	links, err := t.attach(p)
	if err == nil {
		err = t.lasting(links)
	}
	if err != nil {
		closeAll(links)
		return nil, t.fail(p, err)
	}
	return links, nil
}

func closeAll(links []Link) {
	for _, l := range slices.Backward(links) {
		l.Close()
	}
}

// lasting refuses links that would end with this process whatever it does.
func (t Target) lasting(links []Link) error {
	for _, l := range links {
		l, ok := l.(link.Link)
		if !ok {
			continue
		}
		if _, err := l.Info(); errors.Is(err, link.ErrNotSupported) {
			return &loader.Error{Class: loader.ClassFeature, Code: "attach-not-lasting",
				Err:    fmt.Errorf("this kernel can attach it only for as long as the process lives that does it; links that can be pinned came with Linux %s", t.kind.since),
				Advice: "run a kernel that has them, or attach it from a program that stays"}
		}
	}
	return nil
}
