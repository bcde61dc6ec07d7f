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
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"github.com/cilium/ebpf"
	"github.com/cilium/ebpf/link"
	"golang.org/x/sys/unix"

	"github.com/bpfload/bpfload/internal/kernel"
	"github.com/bpfload/bpfload/internal/tc"
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

// usage is an error of the command line.
func usage(format string, args ...any) *loader.Error {
	return &loader.Error{Class: loader.ClassUsage, Code: "usage", Err: fmt.Errorf(format, args...)}
}

// notFound is the error for a target that does not exist.
func notFound(format string, args ...any) *loader.Error {
	return &loader.Error{Class: loader.ClassRefused, Code: "target-not-found", Err: fmt.Errorf(format, args...)}
}

// fail gives an error its class, and says what was tried.
func (t Target) fail(p *Program, err error) *loader.Error {
	var done *loader.Error
	if !errors.As(err, &done) {
		done = t.classify(err)
	}
	e := *done
	e.Program = cmp.Or(e.Program, p.Name)
	e.Doing = cmp.Or(e.Doing, "attaching it to "+t.String())
	return &e
}

func (t Target) classify(err error) *loader.Error {
	e := loader.Classify(err)
	e = &loader.Error{Class: e.Class, Code: "attach-refused", Err: err}
	switch {
	case errors.Is(err, unix.EOPNOTSUPP) && (t.Kind == "xdpdrv" || t.Kind == "xdpoffload"):
		e.Class, e.Code = loader.ClassFeature, "feature-missing"
		e.Err = fmt.Errorf("the driver of %s cannot run XDP programs this way: %w", t.Place, err)
		e.Advice = fmt.Sprintf("use xdpgeneric:%s, or xdp:%s to take whichever the driver has", t.Place, t.Place)
	case errors.Is(err, link.ErrNotSupported), errors.Is(err, unix.EINVAL) && t.kind.newer():
		e.Class, e.Code = loader.ClassFeature, "feature-missing"
		if t.kind.since != 0 && t.kind.newer() {
			e.Advice = fmt.Sprintf("targets of kind %s need Linux %s", t.kind.name, t.kind.since)
		}
	case errors.Is(err, unix.EPERM), errors.Is(err, unix.EACCES), errors.Is(err, fs.ErrPermission):
		e.Class, e.Code = loader.ClassCapability, "capability"
	case errors.Is(err, unix.ENODEV), errors.Is(err, unix.ENOENT), errors.Is(err, fs.ErrNotExist):
		e.Class, e.Code = loader.ClassRefused, "target-not-found"
	case errors.Is(err, unix.EBUSY), errors.Is(err, unix.EEXIST):
		e.Class, e.Code = loader.ClassAgain, "attach-busy"
		e.Advice = "something is attached there already: bpfload status"
	case e.Class == loader.ClassOther:
		e.Class = loader.ClassRefused
	}
	return e
}

// A version is that of a kernel, as KERNEL_VERSION has it.
type version uint32

func linux(major, minor uint32) version { return version(major<<16 | minor<<8) }

func (v version) String() string { return fmt.Sprintf("%d.%d", v>>16, v>>8&0xff) }

// newer says whether the kind of target is younger than the running kernel.
func (k *kind) newer() bool {
	v, err := kernel.Running().Version()
	return err == nil && uint32(k.since) > v
}

// accepts refuses programs of a type that cannot be attached there.
func (k *kind) accepts(t ebpf.ProgramType) error {
	if len(k.types) == 0 || slices.Contains(k.types, t) {
		return nil
	}
	names := make([]string, len(k.types))
	for i, t := range k.types {
		names[i] = spec.ProgramTypeName(t)
	}
	e := usage("the program is of type %s; a target of kind %s takes %s", spec.ProgramTypeName(t), k.name, strings.Join(names, ", "))
	if fit := kindsFor(t); len(fit) > 0 {
		e.Advice = "targets for it: " + strings.Join(fit, ", ")
	} else if why := unattachable(t); why != "" {
		e.Advice = why
	}
	return e
}

// unattachable says why programs of some types have no targets.
func unattachable(t ebpf.ProgramType) string {
	switch t {
	case ebpf.SocketFilter, ebpf.SkReuseport:
		return "such a program belongs to a socket, which the program that has it attaches with setsockopt(2)"
	case ebpf.LWTIn, ebpf.LWTOut, ebpf.LWTXmit, ebpf.LWTSeg6Local:
		return "such a program belongs to a route: ip route add ... encap bpf"
	case ebpf.SchedACT:
		return "such a program is an action of a filter: tc actions add action bpf object-pinned PIN"
	case ebpf.Syscall:
		return "such a program is not attached but run: bpftool prog run pinned PIN"
	case ebpf.StructOps:
		return "such a program is attached with the struct_ops map that has it"
	case ebpf.LircMode2:
		return "such a program belongs to an infrared receiver: ir-keytable"
	}
	return ""
}

// filter is a classic filter of tc, which stays by itself.
type filter struct {
	record *tc.Record
	pinned bool
}

// Pin leaves a symbolic link that says where the filter is.
func (f *filter) Pin(path string) error {
	if err := f.record.Pin(path); err != nil {
		return err
	}
	f.pinned = true
	return nil
}

// Close removes the filter unless it was pinned.
func (f *filter) Close() error {
	if f.pinned {
		return nil
	}
	return f.Undo()
}

// Undo removes the filter, pinned or not.
func (f *filter) Undo() error {
	if err := f.record.Detach(); !errors.Is(err, tc.ErrGone) {
		return err
	}
	return nil
}
