// SPDX-License-Identifier: MIT

package mapops

import (
	"github.com/cilium/ebpf"

	"github.com/bpfload/bpfload/spec"
)

// traits are what the operations want to know of a type of map.
type traits struct {
	perCPU      bool
	keyless     bool
	array       bool   // keys are 0 to max_entries-1
	elementless bool   // nothing to read or write through elements
	unlisted    bool   // elements are reached by their keys only
	hash        bool   // batches go bucket by bucket
	descriptors bool   // values of 4 bytes: the kernel takes a descriptor and returns an id
	holds       holder // what a descriptor within a value refers to
	keys        holder // what a descriptor in the place of a key refers to
}

// A holder is the kind of thing that a descriptor in a map refers to.
type holder uint8

const (
	holdsNothing holder = iota
	holdsProgram
	holdsMap
	holdsCgroup
	holdsPerfEvent
	holdsSocket
	holdsTask
	holdsFile
)

func traitsOf(t ebpf.MapType) traits {
	switch t {
	case ebpf.Hash, ebpf.LRUHash:
		return traits{hash: true}
	case ebpf.PerCPUHash, ebpf.LRUCPUHash:
		return traits{hash: true, perCPU: true}
	case ebpf.Array:
		return traits{array: true}
	case ebpf.PerCPUArray:
		return traits{array: true, perCPU: true}
	case ebpf.ProgramArray:
		return traits{array: true, descriptors: true, holds: holdsProgram}
	case ebpf.PerfEventArray:
		return traits{array: true, descriptors: true, holds: holdsPerfEvent}
	case ebpf.CGroupArray:
		return traits{array: true, descriptors: true, holds: holdsCgroup}
	case ebpf.ArrayOfMaps:
		return traits{array: true, descriptors: true, holds: holdsMap}
	case ebpf.HashOfMaps:
		return traits{hash: true, descriptors: true, holds: holdsMap}
	case ebpf.DevMap, ebpf.CPUMap:
		return traits{array: true, holds: holdsProgram}
	case ebpf.DevMapHash:
		return traits{holds: holdsProgram}
	case ebpf.XSKMap, ebpf.SockMap, ebpf.ReusePortSockArray:
		return traits{array: true, holds: holdsSocket}
	case ebpf.SockHash:
		return traits{holds: holdsSocket}
	case ebpf.PerCPUCGroupStorage:
		return traits{perCPU: true}
	case ebpf.Queue, ebpf.Stack, ebpf.BloomFilter:
		return traits{keyless: true, unlisted: true}
	case ebpf.SkStorage:
		return traits{unlisted: true, keys: holdsSocket}
	case ebpf.InodeStorage:
		return traits{unlisted: true, keys: holdsFile}
	case ebpf.TaskStorage:
		return traits{unlisted: true, keys: holdsTask}
	case ebpf.CgroupStorage:
		return traits{unlisted: true, keys: holdsCgroup}
	case ebpf.RingBuf, ebpf.UserRingbuf, ebpf.Arena:
		return traits{unlisted: true, elementless: true}
	case ebpf.StructOpsMap, spec.InsnArray:
		return traits{array: true}
	}
	return traits{}
}
