// SPDX-License-Identifier: MIT

package loader

import (
	"bytes"
	"os"
	"testing"

	"github.com/cilium/ebpf"
)

// benchObjects go from the smallest sample to the largest. A folder of more can be
// given in BPFLOAD_BENCH_OBJECTS, such as what make -C testdata bench-objects makes.
func benchObjects(b *testing.B) map[string][]byte {
	b.Helper()
	objects := map[string][]byte{}
	for _, name := range []string{"xdp_counters.o", "globals-clang22.o", "core_task-clang22.o", "map_types-clang22.o", "sec_table-clang22.o", "map_in_map-clang22.o"} {
		data, err := os.ReadFile(samplePath(name))
		if err != nil {
			b.Fatal(err)
		}
		objects[name] = data
	}
	if dir := os.Getenv("BPFLOAD_BENCH_OBJECTS"); dir != "" {
		entries, err := os.ReadDir(dir)
		if err != nil {
			b.Fatal(err)
		}
		for _, e := range entries {
			if data, err := os.ReadFile(dir + "/" + e.Name()); err == nil {
				objects[e.Name()] = data
			}
		}
	}
	return objects
}

func BenchmarkOpen(b *testing.B) {
	objects := benchObjects(b)
	for _, name := range sortedKeys(objects) {
		data := objects[name]
		b.Run(name+"/bpfload", func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(int64(len(data)))
			for b.Loop() {
				if _, err := Open(data, nil); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run(name+"/cilium", func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(int64(len(data)))
			for b.Loop() {
				if _, err := ebpf.LoadCollectionSpecFromReader(bytes.NewReader(data)); err != nil {
					b.Skipf("cilium/ebpf cannot open it: %v", err)
				}
			}
		})
	}
}

func BenchmarkLoad(b *testing.B) {
	needRoot(b)
	skipBigEndian(b)
	objects := benchObjects(b)
	for _, name := range sortedKeys(objects) {
		data := objects[name]
		b.Run(name+"/bpfload", func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				o, err := Open(data, &Options{Name: name})
				if err != nil {
					b.Fatal(err)
				}
				l, err := o.Load(b.Context(), &LoadOptions{IgnorePins: true})
				if err != nil {
					b.Skipf("this kernel refuses it: %v", err)
				}
				l.Close()
			}
		})
		b.Run(name+"/cilium", func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				spec, err := ebpf.LoadCollectionSpecFromReader(bytes.NewReader(data))
				if err != nil {
					b.Skipf("cilium/ebpf cannot open it: %v", err)
				}
				c, err := ebpf.NewCollection(spec)
				if err != nil {
					b.Skipf("cilium/ebpf cannot load it: %v", err)
				}
				c.Close()
			}
		})
	}
}
