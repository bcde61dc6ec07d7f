// SPDX-License-Identifier: MIT

package loader

import (
	"fmt"
	"strconv"

	"github.com/cilium/ebpf"
	"golang.org/x/sys/unix"

	"github.com/bpfload/bpfload/spec"
)

const (
	flagNoPrealloc = 1 << 0
	flagNUMANode   = 1 << 2
)

// Limits of the kernel.
const (
	maxPerCPUValue = 32 << 10 // PCPU_MIN_UNIT_SIZE
	maxArena       = 4 << 30  // bytes
	maxTrieKey     = 4 + 256
	maxStackDepth  = 127 // kernel.perf_event_max_stack, unless somebody changed it
)

// suspect names the attribute that most likely made the kernel refuse a map with
// errno, and what to do about it; "" where none stands out.
func (l *load) suspect(m *spec.Map, errno unix.Errno) (cause, advice string) {
	if errno == unix.E2BIG {
		return tooBig(m, l.machine())
	}
	if name := spec.MapTypeName(m.Type); name == strconv.FormatUint(uint64(m.Type), 10) {
		return "map type " + name + " is none of Linux 7.2", "the type of a definition is one of enum bpf_map_type"
	}
	if cause, advice = unfit(m); cause != "" {
		return cause, advice
	}
	if cause = unfitFlags(m); cause != "" {
		return cause, ""
	}
	if special := l.o.specialMember(m); special != "" {
		return fmt.Sprintf("the kernel does not take a map of type %s with %s in its value", spec.MapTypeName(m.Type), special), ""
	}
	return "", ""
}

// tooBig names what is more than the kernel takes.
func tooBig(m *spec.Map, on machine) (cause, advice string) {
	fewer := fmt.Sprintf("ask for fewer entries with --max-entries %s=N", m.Name)
	switch m.Type {
	case ebpf.CPUMap:
		cause = fmt.Sprintf("max_entries is %d, more than the CPUs that the kernel was built for", m.MaxEntries)
		if n, err := on.cpus(); err == nil {
			return fmt.Sprintf("%s (possible here: %d)", cause, n), fmt.Sprintf("add --max-entries %s=%d", m.Name, n)
		}
		return cause, fewer
	case ebpf.PerCPUArray, ebpf.PerCPUHash, ebpf.LRUCPUHash, ebpf.PerCPUCGroupStorage:
		if m.ValueSize > maxPerCPUValue {
			return fmt.Sprintf("value_size is %d, and a value for each CPU takes at most %d bytes", m.ValueSize, maxPerCPUValue), "use a map with one value for all CPUs, or split the value"
		}
	case ebpf.Arena:
		if n := uint64(m.MaxEntries) * uint64(on.pageSize); n > maxArena {
			return fmt.Sprintf("max_entries is %d, and an arena takes at most %d pages of %d bytes", m.MaxEntries, maxArena/uint64(on.pageSize), on.pageSize), fewer
		}
	case ebpf.RingBuf, ebpf.UserRingbuf:
		return fmt.Sprintf("max_entries is %d bytes, more than a ring takes", m.MaxEntries), fewer
	}
	return fmt.Sprintf("max_entries %d, key_size %d and value_size %d are more than the kernel takes together", m.MaxEntries, m.KeySize, m.ValueSize), fewer
}

// unfit names an attribute that does not go with the type.
func unfit(m *spec.Map) (cause, advice string) {
	name := spec.MapTypeName(m.Type)
	if cause, advice = unfitStorage(m, name); cause != "" {
		return cause, advice
	}
	keySize := func(want string) (string, string) {
		return fmt.Sprintf("key_size is %d, keys of type %s take %s", m.KeySize, name, want), ""
	}
	valueSize := func(want string) (string, string) {
		return fmt.Sprintf("value_size is %d, values of type %s take %s", m.ValueSize, name, want), ""
	}
	switch m.Type {
	case ebpf.LPMTrie:
		switch {
		case m.Flags&flagNoPrealloc == 0:
			return "a trie needs map_flags BPF_F_NO_PREALLOC", "add it to the definition"
		case m.KeySize < 5 || m.KeySize > maxTrieKey:
			return keySize("a 4-byte prefix length and 1 to 256 bytes")
		}
	case ebpf.Array, ebpf.PerCPUArray, ebpf.PerfEventArray, ebpf.StackTrace, ebpf.CGroupArray, ebpf.ArrayOfMaps,
		ebpf.DevMap, ebpf.DevMapHash, ebpf.SockMap, ebpf.CPUMap, ebpf.XSKMap, ebpf.ReusePortSockArray, ebpf.ProgramArray:
		if m.KeySize != 4 && m.KeySize != 0 {
			return keySize("4 bytes")
		}
	case ebpf.Queue, ebpf.Stack, ebpf.BloomFilter:
		if m.KeySize != 0 {
			return fmt.Sprintf("key_size is %d, but a %s has no keys", m.KeySize, name), ""
		}
	case ebpf.Arena:
		if m.Flags&flagMmapable == 0 {
			return "an arena needs map_flags BPF_F_MMAPABLE", "add it to the definition"
		}
	case ebpf.Hash, ebpf.LRUHash, ebpf.PerCPUHash, ebpf.LRUCPUHash:
		if m.KeySize == 0 {
			return "key_size is 0", ""
		}
	}
	switch m.Type {
	case ebpf.StackTrace:
		if m.ValueSize < 8 || m.ValueSize%8 != 0 {
			return valueSize("a multiple of 8")
		}
		if m.ValueSize > 8*maxStackDepth {
			return fmt.Sprintf("value_size is %d, and a stack_trace takes at most 8 times kernel.perf_event_max_stack, by default %d", m.ValueSize, maxStackDepth), "raise it with sysctl, or make value_size smaller"
		}
	case ebpf.DevMap, ebpf.DevMapHash, ebpf.SockMap, ebpf.SockHash, ebpf.CPUMap:
		if m.ValueSize != 4 && m.ValueSize != 8 {
			return valueSize("4 or 8")
		}
	case ebpf.Hash, ebpf.LRUHash, ebpf.PerCPUHash, ebpf.LRUCPUHash, ebpf.Array, ebpf.PerCPUArray, ebpf.Queue, ebpf.Stack, ebpf.BloomFilter:
		if m.ValueSize == 0 {
			return "value_size is 0", ""
		}
	}
	switch {
	case m.Type == ebpf.BloomFilter && m.Extra > 15:
		return fmt.Sprintf("map_extra is %#x, and the number of hash functions is 1 to 15", m.Extra), ""
	case m.Extra != 0 && m.Type != ebpf.BloomFilter && m.Type != ebpf.Arena:
		return fmt.Sprintf("map_extra is %#x, which maps of type %s do not take", m.Extra, name), ""
	case m.Flags&flagNUMANode != 0 && m.NUMANode != 0:
		return fmt.Sprintf("the map is to be on NUMA node %d, which may not be there", m.NUMANode), "see /sys/devices/system/node/online"
	}
	return "", ""
}

// unfitStorage looks at the number of entries, which some types forbid and the
// others want.
func unfitStorage(m *spec.Map, name string) (cause, advice string) {
	switch m.Type {
	case ebpf.SkStorage, ebpf.InodeStorage, ebpf.TaskStorage, ebpf.CgroupStorage:
		switch {
		case m.MaxEntries != 0:
			return "max_entries must be 0 for a storage map", "leave max_entries out of the definition"
		case m.Flags&flagNoPrealloc == 0:
			return "a storage map needs map_flags BPF_F_NO_PREALLOC", "add it to the definition"
		case m.KeySize != 4:
			return fmt.Sprintf("key_size is %d, keys of type %s take 4 bytes", m.KeySize, name), ""
		case m.KeyType == 0 || m.ValueType == 0:
			return "a storage map needs the types of key and value", "write the definition with __type(key, int) and __type(value, ...)"
		}
	case ebpf.CGroupStorage, ebpf.PerCPUCGroupStorage:
		if m.MaxEntries != 0 {
			return fmt.Sprintf("max_entries must be 0 for a %s", name), "leave max_entries out of the definition"
		}
	case ebpf.StructOpsMap:
	default:
		if m.MaxEntries == 0 {
			return "max_entries is 0", fmt.Sprintf("give it with --max-entries %s=N", m.Name)
		}
	}
	return "", ""
}
