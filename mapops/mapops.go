// SPDX-License-Identifier: MIT

// Package mapops works on the maps of a running kernel: it reads, writes, walks,
// freezes, pins and creates them, one element or many at a time.
//
// [Open] takes a pin or an id. Keys and values are bytes, as the kernel has them;
// [Map.ParseKey], [Map.FormatValue] and their like turn them into what people and
// programs write, by the map's BTF where it has some, else as numbers and
// hexadecimal bytes. Where the kernel takes a descriptor (a program of a
// prog_array, an inner map, the program of a devmap entry), text names it:
// "pinned:/sys/fs/bpf/x", "id:7".
//
// Errors are *[loader.Error] values. Those that say that something is or is not
// there match [ErrNotFound] and [ErrExists] and have the class
// [loader.ClassOther]: the answer is "no", nothing is broken.
//
// The elements of a per-CPU map are those of all possible CPUs, each padded to a
// multiple of 8 bytes, as the kernel hands them over.
package mapops

import (
	"github.com/cilium/ebpf"

	"github.com/bpfload/bpfload/internal/kernel"
	"github.com/bpfload/bpfload/internal/sys"
	"github.com/bpfload/bpfload/loader"
	"github.com/bpfload/bpfload/spec"
)

// Options say how a map is opened; nil stands for the zero Options.
type Options struct {
	// ReadOnly asks for no more than reading, which a user may be allowed who
	// must not write.
	ReadOnly bool

	kernel sys.Kernel          // for tests; nil is the running one
	cpus   func() (int, error) // the same
	fdinfo func(fd int) string // the same: /proc/self/fdinfo
}

func (o *Options) withDefaults() Options {
	var opts Options
	if o != nil {
		opts = *o
	}
	if opts.kernel == nil {
		opts.kernel = sys.Host{}
	}
	if opts.cpus == nil {
		opts.cpus = kernel.Running().PossibleCPUs
	}
	if opts.fdinfo == nil {
		opts.fdinfo = readFDInfo
	}
	return opts
}

// A Map is an open map. Its methods may not be called from several goroutines at
// once.
type Map struct {
	Info

	k      sys.Kernel
	fd     int
	fdinfo func(fd int) string
	cpus   int // possible CPUs, of a per-CPU map; otherwise 1

	traits     traits
	key, value codec
	untyped    error // why the types of a map with BTF are not known
	refs       references
	noBatch    bool // the kernel has no batches for this map
}

// Info is what the kernel says of a map.
type Info struct {
	ID         uint32
	Name       string // at most 15 bytes
	Type       ebpf.MapType
	KeySize    uint32
	ValueSize  uint32 // on one CPU
	MaxEntries uint32
	Flags      uint32
	Extra      uint64
	Ifindex    uint32 // of the device that holds it, or 0
}

// newMap takes over a descriptor if it returns no error.
func newMap(fd int, opts *Options) (*Map, error) {
	m := &Map{k: opts.kernel, fd: fd, fdinfo: opts.fdinfo, cpus: 1}
	m.refs = references{k: m.k, fdinfo: m.fdinfo}
	var info sys.MapInfo
	if err := sys.Info(m.k, fd, &info); err != nil {
		e := *loader.Classify(err)
		e.Doing = "asking for the map's attributes"
		return nil, &e
	}
	m.Info = Info{
		ID: info.ID, Name: info.Name.String(), Type: ebpf.MapType(info.Type), KeySize: info.KeySize, ValueSize: info.ValueSize,
		MaxEntries: info.MaxEntries, Flags: info.MapFlags, Extra: info.MapExtra, Ifindex: info.Ifindex,
	}
	m.traits = traitsOf(m.Type)
	if m.traits.perCPU {
		n, err := opts.cpus()
		if err != nil {
			return nil, &loader.Error{Class: loader.ClassOther, Code: "other", Map: m.Name, Err: err}
		}
		m.cpus = n
	}
	m.chooseCodecs(&info)
	return m, nil
}

// Close closes the map and what was opened to be written into it. It stays in the
// kernel while it is pinned or used.
func (m *Map) Close() error {
	m.refs.close()
	return m.k.Close(m.fd)
}

// PerCPU says whether each element has a value for every CPU.
func (m *Map) PerCPU() bool { return m.traits.perCPU }

// Keyless says whether the map has values only: a queue, stack or bloom filter.
func (m *Map) Keyless() bool { return m.traits.keyless }

// IsBloomFilter says whether the map can only tell if it may have a value.
func (m *Map) IsBloomFilter() bool { return m.Type == ebpf.BloomFilter }

// CPUs returns the number of values in an element: that of possible CPUs for a
// per-CPU map, otherwise 1.
func (m *Map) CPUs() int { return m.cpus }

// ValueLen returns the number of bytes in which the kernel hands over a value.
func (m *Map) ValueLen() int {
	switch {
	case m.traits.perCPU:
		return m.stride() * m.cpus
	case m.traits.descriptors:
		return 4
	}
	return int(m.ValueSize)
}

// stride is the distance of the values of two CPUs.
func (m *Map) stride() int { return (int(m.ValueSize) + 7) &^ 7 }

// TypesError returns why the types of keys and values, which the map has, could not
// be read; nil for a map without types.
func (m *Map) TypesError() error { return m.untyped }

// Frozen says whether the map can no longer be written from user space, and false
// where /proc does not tell.
func (m *Map) Frozen() bool { return fdinfoField(m.fdinfo(m.fd), "frozen") == "1" }

// TypeName returns the kernel's name of the map's type.
func (m *Map) TypeName() string { return spec.MapTypeName(m.Type) }
