// SPDX-License-Identifier: MIT

package loader

import (
	"fmt"
	"math/bits"
	"strings"

	"github.com/cilium/ebpf"

	"github.com/bpfload/bpfload/spec"
)

// mapFlagNames are the bits of map_flags, from include/uapi/linux/bpf.h.
var mapFlagNames = [...]string{"BPF_F_NO_PREALLOC", "BPF_F_NO_COMMON_LRU", "BPF_F_NUMA_NODE", "BPF_F_RDONLY", "BPF_F_WRONLY",
	"BPF_F_STACK_BUILD_ID", "BPF_F_ZERO_SEED", "BPF_F_RDONLY_PROG", "BPF_F_WRONLY_PROG", "BPF_F_CLONE", "BPF_F_MMAPABLE",
	"BPF_F_PRESERVE_ELEMS", "BPF_F_INNER_MAP", "BPF_F_LINK", "BPF_F_PATH_FD", "BPF_F_VTYPE_BTF_OBJ_FD", "BPF_F_TOKEN_FD",
	"BPF_F_SEGV_ON_FAULT", "BPF_F_NO_USER_CONV", "BPF_F_RB_OVERWRITE"}

const (
	flagNoCommonLRU = 1 << 1
	flagUserAccess  = 1<<3 | 1<<4 // BPF_F_RDONLY, BPF_F_WRONLY
	flagBuildID     = 1 << 5
	flagZeroSeed    = 1 << 6
	flagAccess      = flagUserAccess | 1<<7 | 1<<8 // BPF_F_RDONLY_PROG, BPF_F_WRONLY_PROG
	flagClone       = 1 << 9
	flagPreserve    = 1 << 11
	flagArena       = 1<<17 | 1<<18 // BPF_F_SEGV_ON_FAULT, BPF_F_NO_USER_CONV
	flagOverwrite   = 1 << 19
)

// flagsOf returns the bits of map_flags that maps of a type may have, as the checks
// of Linux 7.2 before a map is made list them; false for types of which that is not
// known.
func flagsOf(t ebpf.MapType) (allowed uint32, ok bool) {
	switch t {
	case ebpf.Array:
		return flagNUMANode | flagAccess | flagMmapable | flagInnerMap, true
	case ebpf.PerCPUArray:
		return flagAccess, true
	case ebpf.PerfEventArray:
		return flagNUMANode | flagUserAccess | flagPreserve, true
	case ebpf.ProgramArray, ebpf.CGroupArray, ebpf.ArrayOfMaps:
		return flagNUMANode | flagUserAccess, true
	case ebpf.Hash, ebpf.HashOfMaps:
		return flagNoPrealloc | flagNUMANode | flagZeroSeed | flagAccess, true
	case ebpf.PerCPUHash:
		return flagNoPrealloc | flagZeroSeed | flagAccess, true
	case ebpf.LRUHash:
		return flagNoCommonLRU | flagNUMANode | flagZeroSeed | flagAccess, true
	case ebpf.LRUCPUHash:
		return flagNoCommonLRU | flagZeroSeed | flagAccess, true
	case ebpf.LPMTrie:
		return flagNoPrealloc | flagNUMANode | flagAccess, true
	case ebpf.Queue, ebpf.Stack, ebpf.CGroupStorage, ebpf.PerCPUCGroupStorage:
		return flagNUMANode | flagAccess, true
	case ebpf.BloomFilter:
		return flagNUMANode | flagZeroSeed | flagAccess, true
	case ebpf.RingBuf:
		return flagNUMANode | flagOverwrite, true
	case ebpf.UserRingbuf, ebpf.CPUMap:
		return flagNUMANode, true
	case ebpf.DevMap, ebpf.DevMapHash, ebpf.SockMap, ebpf.SockHash, ebpf.XSKMap:
		return flagNUMANode | flagUserAccess, true
	case ebpf.StackTrace:
		return flagNUMANode | flagUserAccess | flagBuildID, true
	case ebpf.SkStorage, ebpf.InodeStorage, ebpf.TaskStorage, ebpf.CgroupStorage:
		return flagNoPrealloc | flagClone, true
	case ebpf.Arena:
		return flagMmapable | flagArena, true
	}
	return 0, false
}

// unfitFlags names the flags that do not go with the type.
func unfitFlags(m *spec.Map) string {
	allowed, ok := flagsOf(m.Type)
	wrong := m.Flags &^ allowed
	if !ok || wrong == 0 {
		return ""
	}
	var names []string
	for rest := wrong; rest != 0; rest &= rest - 1 {
		if i := bits.TrailingZeros32(rest); i < len(mapFlagNames) {
			names = append(names, mapFlagNames[i])
		} else {
			names = append(names, fmt.Sprintf("%#x", 1<<i))
		}
	}
	return fmt.Sprintf("map_flags has %s, which maps of type %s do not take", strings.Join(names, " and "), spec.MapTypeName(m.Type))
}
