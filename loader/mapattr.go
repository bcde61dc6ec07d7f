// SPDX-License-Identifier: MIT

package loader

import (
	"math/bits"
	"strings"

	"github.com/cilium/ebpf"

	"github.com/bpfload/bpfload/internal/sys"
	"github.com/bpfload/bpfload/spec"
)

// Flags of BPF_MAP_CREATE, from include/uapi/linux/bpf.h.
const (
	flagReadOnlyProgram = 1 << 7
	flagMmapable        = 1 << 10
	flagInnerMap        = 1 << 12
	flagLink            = 1 << 13
	flagVtypeBTFObjFD   = 1 << 15
	flagTokenFD         = 1 << 16
)

// machine is what the attributes of a map depend on beside its definition.
type machine struct {
	cpus     func() (int, error) // possible CPUs
	pageSize uint32
}

// mapAttr returns the attributes with which a map is created, without descriptors.
// What a definition leaves to the loader is filled in: one entry for each CPU,
// ring buffers of whole pages, the only sizes that a type allows.
func mapAttr(m *spec.Map, name string, on machine) (sys.MapCreate, error) {
	a := sys.MapCreate{
		MapType:    uint32(m.Type),
		KeySize:    m.KeySize,
		ValueSize:  m.ValueSize,
		MaxEntries: m.MaxEntries,
		MapFlags:   m.Flags,
		MapExtra:   m.Extra,
		NUMANode:   m.NUMANode,
		MapIfindex: m.Ifindex,
		MapName:    sys.NewName(name),
	}
	switch m.Type {
	case ebpf.RingBuf, ebpf.UserRingbuf:
		// A value type tells people what is sent; the kernel wants none.
		a.KeySize, a.ValueSize = 0, 0
		a.MaxEntries = ringSize(m.MaxEntries, on.pageSize)
	case ebpf.PerfEventArray:
		a.KeySize, a.ValueSize = 4, 4
		if m.MaxEntries == 0 {
			n, err := on.cpus()
			if err != nil {
				return a, err
			}
			a.MaxEntries = uint32(n)
		}
	case ebpf.CPUMap:
		if m.MaxEntries == 0 {
			n, err := on.cpus()
			if err != nil {
				return a, err
			}
			a.MaxEntries = uint32(n)
		}
	case ebpf.ArrayOfMaps, ebpf.HashOfMaps, ebpf.ProgramArray, ebpf.CGroupArray:
		a.ValueSize = 4
		if a.KeySize == 0 && m.Type != ebpf.HashOfMaps {
			a.KeySize = 4
		}
	case ebpf.Arena:
		a.KeySize, a.ValueSize = 0, 0
	}
	return a, nil
}

// ringSize rounds up to a power of two of pages, which is all that the kernel
// accepts. 0 stays 0: nobody said how big.
func ringSize(size, page uint32) uint32 {
	if size == 0 || page == 0 {
		return size
	}
	pages := (uint64(size) + uint64(page) - 1) / uint64(page)
	if pages&(pages-1) != 0 {
		pages = 1 << bits.Len64(pages)
	}
	if n := pages * uint64(page); n <= 1<<31 {
		return uint32(n)
	}
	return size // too big; the kernel says so
}

// describesValues says whether the kernel wants to know the BTF types of a map of
// this type. It refuses types of the others.
func describesValues(t ebpf.MapType) bool {
	switch t {
	case ebpf.PerfEventArray, ebpf.CGroupArray, ebpf.StackTrace, ebpf.ArrayOfMaps, ebpf.HashOfMaps,
		ebpf.DevMap, ebpf.DevMapHash, ebpf.CPUMap, ebpf.XSKMap, ebpf.SockMap, ebpf.SockHash,
		ebpf.Queue, ebpf.Stack, ebpf.Arena, ebpf.RingBuf, ebpf.UserRingbuf, spec.InsnArray:
		return false
	}
	return true
}

// templateAttr returns the attributes of the map that tells the kernel what a map
// of maps holds. A hash costs memory for every entry and may differ from its
// template in their number; arrays may not, and the verifier takes the bounds of
// per-CPU arrays from the template.
func templateAttr(a sys.MapCreate) sys.MapCreate {
	switch ebpf.MapType(a.MapType) {
	case ebpf.Hash, ebpf.LRUHash, ebpf.PerCPUHash, ebpf.LRUCPUHash, ebpf.LPMTrie:
		a.MaxEntries = min(a.MaxEntries, 1)
	}
	return a
}

// kernelName is the name that the kernel shows of a map. Names of data maps are
// made of the object's and the section's, as libbpf makes them, so that tools
// that look for them find them.
func (o *Object) kernelName(m *spec.Map) string {
	switch m.Origin {
	case spec.OriginData, spec.OriginKconfig:
	default:
		return m.Name
	}
	const limit = 15
	if strings.Count(m.Name, ".") >= 2 {
		return m.Name
	}
	object := o.baseName()
	keep := max(limit-max(7, len(m.Name)), 0)
	if len(object) > keep {
		object = object[:keep]
	}
	return object + m.Name
}
