// SPDX-License-Identifier: MIT

package loader

import (
	"errors"
	"slices"

	"github.com/cilium/ebpf"
	"golang.org/x/sys/unix"

	"github.com/bpfload/bpfload/internal/sys"
	"github.com/bpfload/bpfload/reloc"
	"github.com/bpfload/bpfload/spec"
)

// A concession is something that a map can do without, to be tried when the kernel
// refuses the map with one of some errors. Success brings a warning, if there is a
// code for one.
type concession struct {
	errnos  []unix.Errno
	applies func(l *load, m *spec.Map, a *sys.MapCreate) bool
	drop    func(a *sys.MapCreate)
	code    string
	message string
}

// enotsupp is the kernel's own ENOTSUPP, which user space has no name for.
const enotsupp = unix.Errno(524)

// The first kernels with global variables, and with maps that user space may map.
var (
	dataSince     = linux(5, 2)
	mmapableSince = linux(5, 5)
)

// concessions are made in this order, each on top of those before it: what only an old
// kernel refuses comes first, since the types of a map need not go for it.
var concessions = []concession{
	{
		errnos: []unix.Errno{unix.EINVAL, unix.E2BIG},
		applies: func(l *load, _ *spec.Map, a *sys.MapCreate) bool {
			return a.MapName != sys.Name{} && l.olderThan(namesSince)
		},
		drop: func(a *sys.MapCreate) { a.MapName = sys.Name{} },
	},
	{
		errnos: []unix.Errno{unix.EINVAL},
		applies: func(l *load, _ *spec.Map, a *sys.MapCreate) bool {
			return a.MapType == uint32(ebpf.Array) && a.MapFlags&flagMmapable != 0 && l.olderThan(mmapableSince)
		},
		drop:    func(a *sys.MapCreate) { a.MapFlags &^= flagMmapable },
		code:    "map-not-mmapable",
		message: "the kernel cannot map this map into user space (Linux 5.5 can); it was created without that",
	},
	{
		errnos: []unix.Errno{unix.EINVAL, enotsupp},
		applies: func(l *load, m *spec.Map, a *sys.MapCreate) bool {
			return a.BTFValueTypeID != 0 && l.o.specialMember(m) == "" // which is nothing without
		},
		drop:    func(a *sys.MapCreate) { a.BTFFD, a.BTFKeyTypeID, a.BTFValueTypeID = 0, 0, 0 },
		code:    "map-without-btf",
		message: "the kernel refuses the map with its key and value types; it was created without, so that dumps show bytes",
	},
}

// mapCreate creates a map, or as much of it as the kernel knows. The error is the
// kernel's answer to the whole.
func (l *load) mapCreate(a *sys.MapCreate, m *spec.Map) (int, error) {
	l.useToken(&a.MapFlags, &a.MapTokenFD)
	fd, err := l.k.BPF(a)
	if sys.OverMemlock(a, err) && l.raiseMemlock() {
		fd, err = l.k.BPF(a)
	}
	if err == nil {
		return fd, nil
	}
	less := *a
	var dropped []spec.Warning
	for _, c := range concessions {
		if !isOneOf(err, c.errnos) || !c.applies(l, m, &less) {
			continue
		}
		c.drop(&less)
		if c.code != "" {
			dropped = append(dropped, spec.Warning{Code: c.code, Section: m.Place.Section, Offset: m.Place.Offset, Symbol: m.Name, Message: c.message})
		}
		if fd, again := l.k.BPF(&less); again == nil {
			l.warnings = append(l.warnings, dropped...)
			*a = less
			return fd, nil
		}
	}
	return -1, err
}

func isOneOf(err error, errnos []unix.Errno) bool {
	for _, e := range errnos {
		if err == e {
			return true
		}
	}
	return false
}

// idle says whether a refused map is that of a data section on a kernel that has none,
// and no program that is loaded refers to it. It is left out then, with a warning.
func (op *createMap) idle(l *load, err error) bool {
	m := op.spec
	if !errors.Is(err, unix.EINVAL) || !l.lacksData(m) {
		return false
	}
	for _, code := range l.plan.codes {
		if code != nil && refersTo(code, op.index) {
			return false
		}
	}
	l.warn(spec.Warning{Code: "data-left-out", Section: m.Place.Section, Offset: m.Place.Offset, Symbol: m.Name,
		Message: "the kernel has no global variables (Linux 5.2 has); no program that is loaded uses these, and the map is left out"})
	return true
}

// refersTo says whether a program uses a map, by its index.
func refersTo(code *reloc.Code, index int) bool {
	return slices.ContainsFunc(code.Fixups, func(f reloc.Fixup) bool {
		return (f.Kind == reloc.MapFD || f.Kind == reloc.MapValue) && int(f.Index) == index
	})
}

// lacksData says whether a map is one that kernels before 5.2 have no use for.
func (l *load) lacksData(m *spec.Map) bool {
	return (m.Origin == spec.OriginData || m.Origin == spec.OriginKconfig) && l.olderThan(dataSince)
}
