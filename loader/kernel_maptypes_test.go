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
	for _, name := range spec.MapTypeNames() {
		typ, ok := spec.ParseMapType(name)
		if !ok {
			t.Fatalf("map type %s has no number", name)
		}
		m, typed, ok := attributesOf(typ)
		if !ok {
			continue // made from the kernel's types: see TestKernelStructOps
		}
		t.Run(name, func(t *testing.T) {
			l, err := mapOf(t, m, typed).Load(t.Context(), nil)
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

// attributesOf returns attributes that are right for a type, and whether the kernel
// insists on BTF; false for struct_ops, which need the kernel's types.
func attributesOf(typ ebpf.MapType) (m spec.Map, typed, ok bool) {
	m = spec.Map{Type: typ, KeySize: 4, ValueSize: 4, MaxEntries: 8}
	switch typ {
	case ebpf.StackTrace:
		m.ValueSize = 64
	case ebpf.LPMTrie:
		m.KeySize, m.Flags = 8, flagNoPrealloc
	case ebpf.ArrayOfMaps, ebpf.HashOfMaps:
		m.Inner = &spec.Map{Name: "inner", Type: ebpf.Array, KeySize: 4, ValueSize: 4, MaxEntries: 2}
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
		return m, false, false
	case ebpf.RingBuf, ebpf.UserRingbuf:
		m.KeySize, m.ValueSize, m.MaxEntries = 0, 0, 4096
	case ebpf.Arena:
		m.KeySize, m.ValueSize, m.Flags = 0, 0, flagMmapable
	case spec.InsnArray:
		m.ValueSize = sizeofTarget
	case spec.RHash:
		m.Flags = flagNoPrealloc
	}
	return m, typed, true
}

// mapOf returns an object with one map.
func mapOf(t *testing.T, m spec.Map, typed bool) *Object {
	t.Helper()
	return oneMap(t, func(a *spec.Map) {
		a.Type, a.KeySize, a.ValueSize, a.MaxEntries, a.Flags, a.Inner = m.Type, m.KeySize, m.ValueSize, m.MaxEntries, m.Flags, m.Inner
		if !typed {
			a.KeyType, a.ValueType = 0, 0
		}
	})
}

// What is said to be wrong with the flags of a refused map is what the kernel minds:
// each bit is tried with each type.
func TestKernelMapFlags(t *testing.T) {
	needRoot(t)
	skipBigEndian(t)
	const ours = flagLink | 1<<14 | flagVtypeBTFObjFD | flagTokenFD // go with other attributes
	tried := 0
	for _, name := range spec.MapTypeNames() {
		typ, _ := spec.ParseMapType(name)
		allowed, known := flagsOf(typ)
		m, typed, ok := attributesOf(typ)
		if !ok || !known {
			continue
		}
		right := m.Flags
		create := func(flags uint32) error {
			m.Flags = flags
			l, err := mapOf(t, m, typed).Load(t.Context(), nil)
			if err == nil {
				l.Close()
			}
			return err
		}
		if create(right) != nil {
			continue // TestKernelMapTypes says whether that is right
		}
		for bit := uint32(1); bit != 0; bit <<= 1 {
			if bit&ours != 0 || right&bit != 0 {
				continue
			}
			tried++
			err := create(right | bit)
			switch cause := unfitFlags(&m); {
			case err == nil && cause != "":
				t.Errorf("the kernel takes a %s with flag %#x; %s", name, bit, cause)
			case err != nil && allowed&bit != 0 && bit != flagOverwrite:
				t.Errorf("%s with flag %#x: %v", name, bit, err)
			}
		}
	}
	if tried < 300 {
		t.Errorf("only %d flags were tried", tried)
	}
}
