// SPDX-License-Identifier: MIT

package mapops

import (
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"

	"github.com/cilium/ebpf"
	"golang.org/x/sys/unix"

	"github.com/bpfload/bpfload/internal/sys"
	"github.com/bpfload/bpfload/loader"
	"github.com/bpfload/bpfload/spec"
)

// A Definition describes a map to be created. Sizes that the type settles may be
// left 0.
type Definition struct {
	Name       string // cut to 15 bytes
	Type       ebpf.MapType
	KeySize    uint32
	ValueSize  uint32
	MaxEntries uint32 // 0 for a perf_event_array or cpumap: one for each possible CPU
	Flags      uint32 // BPF_F_* of BPF_MAP_CREATE, see ParseCreateFlags
	Extra      uint64 // of a bloom filter the number of hashes, of an arena its address
	NUMANode   uint32 // with the flag numa_node
	Ifindex    uint32 // a device to hold the map, or 0
	// Inner is, for a map of maps, the pin or id of a map such as will be put
	// into it.
	Inner string
}

// createFlags are the flags of BPF_MAP_CREATE by bit, as include/uapi/linux/bpf.h
// names them without BPF_F_. The empty ones are set by programs alone.
var createFlags = [...]string{
	0: "no_prealloc", 1: "no_common_lru", 2: "numa_node", 3: "rdonly", 4: "wronly", 5: "stack_build_id",
	6: "zero_seed", 7: "rdonly_prog", 8: "wronly_prog", 9: "clone", 10: "mmapable", 11: "preserve_elems",
	12: "inner_map", 13: "link", 17: "segv_on_fault", 18: "no_user_conv", 19: "rb_overwrite",
}

// ParseCreateFlags reads a number or a list such as "no_prealloc,rdonly".
func ParseCreateFlags(text string) (uint32, error) {
	if n, err := strconv.ParseUint(text, 0, 32); err == nil {
		return uint32(n), nil
	}
	var flags uint32
next:
	for word := range strings.SplitSeq(text, ",") {
		word = strings.TrimPrefix(strings.ToLower(strings.TrimSpace(word)), "bpf_f_")
		for bit, name := range createFlags {
			if name != "" && name == word {
				flags |= 1 << bit
				continue next
			}
		}
		var names []string
		for _, name := range createFlags {
			if name != "" {
				names = append(names, name)
			}
		}
		return 0, &loader.Error{Class: loader.ClassUsage, Code: "usage", Err: fmt.Errorf("no flag %q of maps: want a number or some of %s", word, strings.Join(names, ", "))}
	}
	return flags, nil
}

// Create creates a map. It exists until it is closed, unless it is pinned.
func Create(d Definition, o *Options) (*Map, error) {
	opts := o.withDefaults()
	k := opts.kernel
	a, err := d.attr(&opts)
	if err != nil {
		return nil, err
	}
	if traits := traitsOf(d.Type); traits.descriptors && traits.holds == holdsMap {
		if d.Inner == "" {
			return nil, usage("type %s wants an example of the maps that it holds", spec.MapTypeName(d.Type))
		}
		inner, err := openMap(k, d.Inner, false)
		if err != nil {
			return nil, err
		}
		defer k.Close(inner)
		a.InnerMapFD = uint32(inner)
	} else if d.Inner != "" {
		return nil, usage("type %s holds no maps", spec.MapTypeName(d.Type))
	}
	fd, err := k.BPF(a)
	if sys.OverMemlock(a, err) && k.RaiseMemlock() == nil {
		// Kernels before 5.11 charge maps to the limit on locked memory.
		fd, err = k.BPF(a)
	}
	if err != nil {
		return nil, d.refused(k, a, err)
	}
	m, err := newMap(fd, &opts)
	if err != nil {
		k.Close(fd)
		return nil, err
	}
	return m, nil
}

func usage(format string, args ...any) error {
	return &loader.Error{Class: loader.ClassUsage, Code: "usage", Err: fmt.Errorf(format, args...)}
}

// settled are the sizes that a type settles; -1 stands for any.
func settled(t ebpf.MapType) (key, value int) {
	switch t {
	case ebpf.Array, ebpf.PerCPUArray, ebpf.StackTrace, ebpf.DevMap, ebpf.CPUMap, ebpf.SockMap, ebpf.ReusePortSockArray:
		return 4, -1
	case ebpf.ProgramArray, ebpf.PerfEventArray, ebpf.CGroupArray, ebpf.ArrayOfMaps, ebpf.XSKMap:
		return 4, 4
	case ebpf.HashOfMaps:
		return -1, 4
	case ebpf.Queue, ebpf.Stack, ebpf.BloomFilter:
		return 0, -1
	case ebpf.RingBuf, ebpf.UserRingbuf, ebpf.Arena:
		return 0, 0
	case ebpf.SkStorage, ebpf.InodeStorage, ebpf.TaskStorage, ebpf.CgroupStorage:
		return 4, -1
	case ebpf.DevMapHash:
		return 4, -1
	}
	return -1, -1
}

// attr fills in what the definition leaves open and refuses sizes that cannot be.
func (d *Definition) attr(o *Options) (*sys.MapCreate, error) {
	name := spec.MapTypeName(d.Type)
	a := &sys.MapCreate{
		MapType: uint32(d.Type), KeySize: d.KeySize, ValueSize: d.ValueSize, MaxEntries: d.MaxEntries, MapFlags: d.Flags,
		MapExtra: d.Extra, NUMANode: d.NUMANode, MapIfindex: d.Ifindex, MapName: sys.NewName(d.Name),
	}
	key, value := settled(d.Type)
	for _, size := range []struct {
		what    string
		settled int
		dst     *uint32
	}{{"key", key, &a.KeySize}, {"value", value, &a.ValueSize}} {
		switch {
		case size.settled >= 0 && *size.dst == 0:
			*size.dst = uint32(size.settled)
		case size.settled >= 0 && int(*size.dst) != size.settled:
			return nil, usage("a %s of %d bytes: those of type %s take %d", size.what, *size.dst, name, size.settled)
		case size.settled < 0 && *size.dst == 0 && traitsOf(d.Type).holds != holdsNothing && size.what == "value":
			*size.dst = 4
		case *size.dst == 0 && size.settled < 0:
			return nil, usage("type %s wants the size of its %ss", name, size.what)
		}
	}
	storage := traitsOf(d.Type).keys != holdsNothing
	cgroup := d.Type == ebpf.CGroupStorage || d.Type == ebpf.PerCPUCGroupStorage
	switch {
	case storage && d.MaxEntries != 0, cgroup && d.MaxEntries != 0:
		return nil, usage("type %s has no max_entries", name)
	case d.MaxEntries != 0, storage, cgroup:
	case d.Type == ebpf.PerfEventArray, d.Type == ebpf.CPUMap:
		n, err := o.cpus()
		if err != nil {
			return nil, err
		}
		a.MaxEntries = uint32(n)
	default:
		return nil, usage("type %s wants a number of entries", name)
	}
	if page := os.Getpagesize(); (d.Type == ebpf.RingBuf || d.Type == ebpf.UserRingbuf) && (d.MaxEntries&(d.MaxEntries-1) != 0 || int(d.MaxEntries)%page != 0) {
		return nil, usage("a ring of %d bytes: want a power of two of pages, such as %d", d.MaxEntries, 16*page)
	}
	const noPrealloc, mmapable = 1 << 0, 1 << 10
	switch {
	case storage, d.Type == ebpf.LPMTrie:
		a.MapFlags |= noPrealloc // the kernel takes no others
	case d.Type == ebpf.Arena:
		a.MapFlags |= mmapable
	}
	return a, nil
}

// refused says why the kernel did not create the map.
func (d *Definition) refused(k sys.Kernel, a *sys.MapCreate, err error) error {
	e := *loader.Classify(err)
	e.Map, e.Doing = d.Name, "creating a map of type "+spec.MapTypeName(d.Type)
	switch {
	case errors.Is(err, unix.EPERM):
		if caps, capErr := k.Capabilities(); capErr == nil && caps&(1<<unix.CAP_BPF|1<<unix.CAP_SYS_ADMIN) == 0 {
			e.Advice = "run as root, or with CAP_BPF"
		}
	case errors.Is(err, unix.ENOMEM):
		e.Advice = "ask for fewer entries"
	case errors.Is(err, unix.E2BIG):
		e.Advice = "ask for fewer entries or smaller values"
	case (d.Type == ebpf.SkStorage || d.Type == ebpf.InodeStorage || d.Type == ebpf.TaskStorage || d.Type == ebpf.CgroupStorage) && errors.Is(err, unix.EINVAL):
		e.Advice = "the kernel wants BTF for its keys and values: define it in an object and load that"
	case d.Type == ebpf.LPMTrie && (d.KeySize < 5 || d.KeySize > 4+256):
		e.Err = fmt.Errorf("key_size is %d; the key of a trie is a prefix length of 4 bytes and 1 to 256 bytes: %w", d.KeySize, e.Err)
	case errors.Is(err, unix.EINVAL):
		e.Advice = fmt.Sprintf("this kernel does not take these attributes together: key_size %d, value_size %d, max_entries %d, map_flags %#x, map_extra %#x",
			a.KeySize, a.ValueSize, a.MaxEntries, a.MapFlags, a.MapExtra)
	}
	return &e
}
