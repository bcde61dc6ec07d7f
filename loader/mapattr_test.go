// SPDX-License-Identifier: MIT

package loader

import (
	"errors"
	"testing"

	"github.com/cilium/ebpf"
	"github.com/google/go-cmp/cmp"

	"github.com/bpfload/bpfload/internal/sys"
	"github.com/bpfload/bpfload/spec"
)

var fourCPUs = machine{cpus: func() (int, error) { return 4, nil }, pageSize: 4096}

func TestMapAttr(t *testing.T) {
	for name, tc := range map[string]struct {
		m    spec.Map
		want sys.MapCreate
	}{
		"hash":           {spec.Map{Type: ebpf.Hash, KeySize: 4, ValueSize: 8, MaxEntries: 3, Flags: 1}, sys.MapCreate{MapType: 1, KeySize: 4, ValueSize: 8, MaxEntries: 3, MapFlags: 1}},
		"extra and node": {spec.Map{Type: ebpf.BloomFilter, ValueSize: 8, MaxEntries: 3, Extra: 5, NUMANode: 1, Ifindex: 2}, sys.MapCreate{MapType: 30, ValueSize: 8, MaxEntries: 3, MapExtra: 5, NUMANode: 1, MapIfindex: 2}},
		"ring":           {spec.Map{Type: ebpf.RingBuf, ValueSize: 16, MaxEntries: 5000}, sys.MapCreate{MapType: 27, MaxEntries: 8192}},
		"ring of a page": {spec.Map{Type: ebpf.RingBuf, MaxEntries: 4096}, sys.MapCreate{MapType: 27, MaxEntries: 4096}},
		"ring of 3":      {spec.Map{Type: ebpf.RingBuf, MaxEntries: 12288}, sys.MapCreate{MapType: 27, MaxEntries: 16384}},
		"ring of 1 byte": {spec.Map{Type: ebpf.UserRingbuf, MaxEntries: 1}, sys.MapCreate{MapType: 31, MaxEntries: 4096}},
		"ring of none":   {spec.Map{Type: ebpf.RingBuf}, sys.MapCreate{MapType: 27}},
		"ring too big":   {spec.Map{Type: ebpf.RingBuf, MaxEntries: 1<<31 + 1}, sys.MapCreate{MapType: 27, MaxEntries: 1<<31 + 1}},
		"perf events":    {spec.Map{Type: ebpf.PerfEventArray}, sys.MapCreate{MapType: 4, KeySize: 4, ValueSize: 4, MaxEntries: 4}},
		"perf events 2":  {spec.Map{Type: ebpf.PerfEventArray, ValueSize: 40, MaxEntries: 2}, sys.MapCreate{MapType: 4, KeySize: 4, ValueSize: 4, MaxEntries: 2}},
		"cpus":           {spec.Map{Type: ebpf.CPUMap, KeySize: 4, ValueSize: 8}, sys.MapCreate{MapType: 16, KeySize: 4, ValueSize: 8, MaxEntries: 4}},
		"array of maps":  {spec.Map{Type: ebpf.ArrayOfMaps, MaxEntries: 2}, sys.MapCreate{MapType: 12, KeySize: 4, ValueSize: 4, MaxEntries: 2}},
		"hash of maps":   {spec.Map{Type: ebpf.HashOfMaps, KeySize: 16, MaxEntries: 2}, sys.MapCreate{MapType: 13, KeySize: 16, ValueSize: 4, MaxEntries: 2}},
		"programs":       {spec.Map{Type: ebpf.ProgramArray, MaxEntries: 2}, sys.MapCreate{MapType: 3, KeySize: 4, ValueSize: 4, MaxEntries: 2}},
		"arena":          {spec.Map{Type: ebpf.Arena, KeySize: 8, ValueSize: 8, MaxEntries: 2}, sys.MapCreate{MapType: 33, MaxEntries: 2}},
	} {
		t.Run(name, func(t *testing.T) {
			tc.want.MapName = sys.NewName("m")
			got, err := mapAttr(&tc.m, "m", fourCPUs)
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(tc.want, got); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
		})
	}
	none := machine{cpus: func() (int, error) { return 0, errors.New("no CPUs") }, pageSize: 4096}
	for _, typ := range []ebpf.MapType{ebpf.PerfEventArray, ebpf.CPUMap} {
		if _, err := mapAttr(&spec.Map{Type: typ}, "m", none); err == nil {
			t.Errorf("%s without a number of CPUs", typ)
		}
	}
}

func TestTemplate(t *testing.T) {
	for typ, want := range map[ebpf.MapType]uint32{ebpf.Hash: 1, ebpf.LRUHash: 1, ebpf.PerCPUHash: 1, ebpf.LPMTrie: 1, ebpf.Array: 9, ebpf.PerCPUArray: 9, ebpf.RingBuf: 9} {
		if got := templateAttr(sys.MapCreate{MapType: uint32(typ), MaxEntries: 9}).MaxEntries; got != want {
			t.Errorf("%s: %d entries, want %d", typ, got, want)
		}
	}
}

func TestKernelName(t *testing.T) {
	for name, tc := range map[string]struct {
		object string
		m      spec.Map
		want   string
	}{
		"a map":             {"object.o", spec.Map{Name: "flows", Origin: spec.OriginBTF}, "flows"},
		"short":             {"x.bpf.o", spec.Map{Name: ".data", Origin: spec.OriginData}, "x.data"},
		"long object":       {"a_long_object.o", spec.Map{Name: ".bss", Origin: spec.OriginData}, "a_long_o.bss"},
		"longer section":    {"a_long_object.o", spec.Map{Name: ".rodata", Origin: spec.OriginData}, "a_long_o.rodata"},
		"kconfig":           {"my_object.o", spec.Map{Name: ".kconfig", Origin: spec.OriginKconfig}, "my_objec"[:7] + ".kconfig"},
		"suffixed sections": {"object.o", spec.Map{Name: ".rodata.custom_section", Origin: spec.OriginData}, ".rodata.custom_section"},
	} {
		t.Run(name, func(t *testing.T) {
			o := &Object{Name: tc.object}
			if got := o.kernelName(&tc.m); got != tc.want {
				t.Errorf("got %q, want %q", got, tc.want)
			}
		})
	}
}
