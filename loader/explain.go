// SPDX-License-Identifier: MIT

package loader

import (
	"errors"
	"fmt"

	"github.com/cilium/ebpf"
	"golang.org/x/sys/unix"

	"github.com/bpfload/bpfload/spec"
)

// explainPermission names what an EPERM is about: a capability that is missing, or
// something beyond capabilities. Other errors it leaves alone.
func (l *load) explainPermission(e *Error, errno unix.Errno) {
	if !errors.Is(e.Err, errno) {
		return
	}
	l.explainMissing(e, l.o.neededCapabilities())
}

func (l *load) explainMissing(e *Error, need uint64) {
	e.Class = ClassCapability
	if name := l.missingCapability(need); name != "" {
		e.Code = "capability-missing"
		e.Err = &CapabilityError{Name: name, Err: e.Err}
		e.Advice = "run as root, or with " + name + " (setpriv, AmbientCapabilities= of systemd)"
		return
	}
	if l.olderThan(linux(5, 11)) && l.k.RaiseMemlock() == unix.EPERM {
		e.Code = "capability-missing"
		e.Err = &CapabilityError{Name: "CAP_SYS_RESOURCE", Err: e.Err}
		e.Advice = "this kernel charges maps and programs to the limit on locked memory: ulimit -l unlimited, or LimitMEMLOCK=infinity of systemd"
		return
	}
	e.Code = "forbidden"
	e.Advice = "every capability is there: look at kernel lockdown (/sys/kernel/security/lockdown), security modules and the user namespace"
}

// A CapabilityError says which capability is missing.
type CapabilityError struct {
	Name string // such as "CAP_BPF"
	Err  error  // what the kernel answered
}

func (e *CapabilityError) Error() string { return e.Name + " is missing: " + e.Err.Error() }

// Unwrap returns what the kernel answered.
func (e *CapabilityError) Unwrap() error { return e.Err }

// A FeatureError says what the kernel lacks.
type FeatureError struct {
	Feature string // such as "map type ringbuf"
	Since   string // the Linux version that has it, "" if not known
	Err     error
}

func (e *FeatureError) Error() string {
	if e.Since != "" {
		return fmt.Sprintf("this kernel has no %s (Linux %s has): %v", e.Feature, e.Since, e.Err)
	}
	return fmt.Sprintf("this kernel has no %s: %v", e.Feature, e.Err)
}

// Unwrap returns what the kernel answered.
func (e *FeatureError) Unwrap() error { return e.Err }

// explainMap adds to a refused map the most likely cause, going by its attributes
// and by the kernel's version.
func (l *load) explainMap(e *Error, m *spec.Map) {
	var errno unix.Errno
	if !errors.As(e.Err, &errno) {
		return
	}
	switch errno {
	case unix.EPERM:
		l.explainMissing(e, 1<<unix.CAP_BPF|mapCapabilities(m))
	case unix.EINVAL, unix.E2BIG, enotsupp, unix.EOPNOTSUPP:
		if since := mapTypeSince(m.Type); l.olderThan(since) {
			e.Class, e.Code = ClassFeature, "feature-missing"
			e.Err = &FeatureError{Feature: "map type " + spec.MapTypeName(m.Type), Since: since.String(), Err: e.Err}
			return
		}
		if l.lacksData(m) {
			e.Class, e.Code = ClassFeature, "feature-missing"
			e.Err = &FeatureError{Feature: "global variables", Since: dataSince.String(), Err: e.Err}
			return
		}
		if m.Type == ebpf.StructOpsMap && m.Flags&flagLink != 0 && l.olderThan(linux(6, 4)) {
			e.Class, e.Code = ClassFeature, "feature-missing"
			e.Err = &FeatureError{Feature: "links of struct_ops", Since: linux(6, 4).String(), Err: e.Err}
			e.Advice = "use SEC(\".struct_ops\") instead of SEC(\".struct_ops.link\")"
			return
		}
		cause, advice := l.suspect(m, errno)
		if cause != "" {
			e.Err = fmt.Errorf("%s: %w", cause, e.Err)
		}
		e.Advice = advice
	case unix.ENOMEM:
		e.Advice = fmt.Sprintf("the map takes about %s: ask for fewer entries with --max-entries %s=N", size(memoryOf(m, 1)), m.Name)
	}
}

// size formats a number of bytes for people.
func size(n uint64) string {
	switch {
	case n >= 1<<30:
		return fmt.Sprintf("%.1f GiB", float64(n)/(1<<30))
	case n >= 1<<20:
		return fmt.Sprintf("%.1f MiB", float64(n)/(1<<20))
	case n >= 1<<10:
		return fmt.Sprintf("%d KiB", n>>10)
	}
	return fmt.Sprintf("%d bytes", n)
}

// memoryOf estimates the memory that creating a map takes.
func memoryOf(m *spec.Map, cpus int) uint64 {
	n := uint64(m.MaxEntries)
	value := (uint64(m.ValueSize) + 7) &^ 7
	switch m.Type {
	case ebpf.RingBuf, ebpf.UserRingbuf:
		return n
	case ebpf.Array:
		return n * value
	case ebpf.PerCPUArray:
		return n * value * uint64(cpus)
	case ebpf.Hash, ebpf.LRUHash:
		if m.Flags&flagNoPrealloc != 0 {
			return n * 8
		}
		return n * (64 + (uint64(m.KeySize)+7)&^7 + value)
	case ebpf.PerCPUHash, ebpf.LRUCPUHash:
		if m.Flags&flagNoPrealloc != 0 {
			return n * 8
		}
		return n * (64 + (uint64(m.KeySize)+7)&^7 + value*uint64(cpus))
	}
	return n * 8
}
