// SPDX-License-Identifier: MIT

package loader

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/cilium/ebpf"
	"golang.org/x/sys/unix"

	"github.com/bpfload/bpfload/internal/kernel"
	"github.com/bpfload/bpfload/internal/sys"
	"github.com/bpfload/bpfload/spec"
)

// What is more than the kernel takes is named in the error.
func TestKernelLimits(t *testing.T) {
	needRoot(t)
	skipBigEndian(t)
	cpus, err := kernel.Running().PossibleCPUs()
	if err != nil {
		t.Fatal(err)
	}
	for name, tc := range map[string]struct {
		change func(*spec.Map)
		want   string
		hint   string
	}{
		"more CPUs than any kernel": {
			func(m *spec.Map) { m.Type, m.ValueSize, m.MaxEntries = ebpf.CPUMap, 4, 1<<20 },
			fmt.Sprintf(`map "a": creating the map: max_entries is 1048576, more than the CPUs that the kernel was built for (possible here: %d): argument list too long`, cpus),
			fmt.Sprintf("add --max-entries a=%d", cpus),
		},
		"big value for each CPU": {
			func(m *spec.Map) { m.Type, m.ValueSize, m.MaxEntries = ebpf.PerCPUArray, 1<<16, 1 },
			`map "a": creating the map: value_size is 65536, and a value for each CPU takes at most 32768 bytes: argument list too long`,
			"use a map with one value for all CPUs, or split the value",
		},
		"value of a device map": {
			func(m *spec.Map) { m.Type, m.ValueSize, m.MaxEntries = ebpf.DevMap, 16, 1 },
			`map "a": creating the map: value_size is 16, values of type devmap take 4 or 8: invalid argument`, "",
		},
		"NUMA node": {
			func(m *spec.Map) { m.Flags, m.NUMANode = m.Flags|flagNUMANode, 1000 },
			`map "a": creating the map: the map is to be on NUMA node 1000, which may not be there: invalid argument`,
			"see /sys/devices/system/node/online",
		},
	} {
		t.Run(name, func(t *testing.T) {
			o := oneMap(t, func(m *spec.Map) {
				m.KeyType, m.ValueType, m.KeySize = 0, 0, 4
				tc.change(m)
			})
			_, err := o.Load(t.Context(), nil)
			if err == nil || !strings.HasSuffix(err.Error(), tc.want) || Classify(err).Hint() != tc.hint {
				t.Errorf("%v (hint %q)\nwant %s (hint %q)", err, Classify(err).Hint(), tc.want, tc.hint)
			}
		})
	}
}

// BTF of keys and values is given to just those types of maps that take it. A key
// alone is given to none, since all refuse that.
func TestKernelDescribesValues(t *testing.T) {
	needRoot(t)
	skipBigEndian(t)
	o := everything(t)
	m := o.Map("a") // a hash whose key and value are plain
	l := newLoad(o, (&LoadOptions{}).withDefaults(), &Plan{})
	defer l.rollback()
	if err := (&loadBTF{}).run(t.Context(), l); err != nil {
		t.Fatal(err)
	}
	create := func(a sys.MapCreate) error {
		fd, err := l.k.BPF(&a)
		if err == nil {
			l.k.Close(fd)
		}
		return err
	}
	tried := 0
	for _, name := range spec.MapTypeNames() {
		typ, _ := spec.ParseMapType(name)
		a := sys.MapCreate{MapType: uint32(typ), KeySize: m.KeySize, ValueSize: m.ValueSize, MaxEntries: 8}
		if typ == ebpf.Queue || typ == ebpf.Stack {
			a.KeySize = 0
		}
		if create(a) != nil {
			continue // other sizes or flags: TestKernelMapTypes has them
		}
		tried++
		a.BTFFD, a.BTFKeyTypeID, a.BTFValueTypeID = uint32(l.btf), m.KeyType, m.ValueType
		if err := create(a); (err == nil) != describesValues(typ) {
			t.Errorf("%s with types: %v; describesValues is %v", name, err, describesValues(typ))
		}
		a.BTFValueTypeID = 0
		if err := create(a); !errors.Is(err, unix.EINVAL) && !errors.Is(err, enotsupp) {
			t.Errorf("%s with the type of its key alone: %v", name, err)
		}
	}
	if tried < 15 {
		t.Errorf("only %d types of maps were tried", tried)
	}
}
