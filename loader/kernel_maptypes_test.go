// SPDX-License-Identifier: MIT

package loader

import (
	"errors"
	"testing"

	"github.com/cilium/ebpf"

	"github.com/bpfload/bpfload/internal/kerneltest"
	"github.com/bpfload/bpfload/spec"
)

// typesSince are the types that came after the oldest kernel of the matrix.
var typesSince = map[ebpf.MapType]string{
	ebpf.TaskStorage:   "5.11",
	ebpf.BloomFilter:   "5.16",
	ebpf.UserRingbuf:   "6.1",
	ebpf.CgroupStorage: "6.2",
	ebpf.Arena:         "6.9",
	spec.InsnArray:     "6.19",
	spec.RHash:         "7.2",
}

// Every map type that the kernel's header names is created on the running kernel
// with attributes that are right for it; an older kernel has the error say which
// Linux has the type.
func TestKernelMapTypes(t *testing.T) {
	needRoot(t)
	skipBigEndian(t)
	const page = 4096
	inner := &spec.Map{Name: "inner", Type: ebpf.Array, KeySize: 4, ValueSize: 4, MaxEntries: 2}
	for _, name := range spec.MapTypeNames() {
		typ, ok := spec.ParseMapType(name)
		if !ok {
			t.Fatalf("map type %s has no number", name)
		}
		m := spec.Map{KeySize: 4, ValueSize: 4, MaxEntries: 8}
		typed := false // the kernel insists on BTF
		switch typ {
		case ebpf.StackTrace:
			m.ValueSize = 64
		case ebpf.LPMTrie:
			m.KeySize, m.Flags = 8, flagNoPrealloc
		case ebpf.ArrayOfMaps, ebpf.HashOfMaps:
			m.Inner = inner
		case ebpf.DevMap, ebpf.DevMapHash, ebpf.CPUMap:
			m.ValueSize = 8
		case ebpf.CGroupStorage, ebpf.PerCPUCGroupStorage:
			m.KeySize, m.MaxEntries = 8, 0
		case ebpf.ReusePortSockArray:
			m.ValueSize = 8
		case ebpf.Queue, ebpf.Stack, ebpf.BloomFilter:
			m.KeySize = 0
		case ebpf.SkStorage, ebpf.InodeStorage, ebpf.TaskStorage, ebpf.CgroupStorage:
			m.MaxEntries, m.Flags, typed = 0, flagNoPrealloc, true
		case ebpf.StructOpsMap:
			continue // made from the kernel's types: see TestKernelStructOps
		case ebpf.RingBuf, ebpf.UserRingbuf:
			m.KeySize, m.ValueSize, m.MaxEntries = 0, 0, page
		case ebpf.Arena:
			m.KeySize, m.ValueSize, m.Flags = 0, 0, flagMmapable
		case spec.InsnArray:
			m.ValueSize = sizeofTarget
		case spec.RHash:
			m.Flags = flagNoPrealloc
		}
		t.Run(name, func(t *testing.T) {
			o := oneMap(t, func(a *spec.Map) {
				a.Type, a.KeySize, a.ValueSize, a.MaxEntries, a.Flags, a.Inner = typ, m.KeySize, m.ValueSize, m.MaxEntries, m.Flags, m.Inner
				if !typed {
					a.KeyType, a.ValueType = 0, 0
				}
			})
			l, err := o.Load(t.Context(), nil)
			if err == nil {
				compareWithKernel(t, "everything.o", l.Maps[0])
				l.Close()
				return
			}
			var missing *FeatureError
			if since, ok := typesSince[typ]; ok && errors.As(err, &missing) && missing.Since == since {
				kerneltest.Need(t, since, name)
			}
			t.Errorf("%v (hint: %s)", err, Classify(err).Hint())
		})
	}
}
