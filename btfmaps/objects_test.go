// SPDX-License-Identifier: MIT

package btfmaps_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/cilium/ebpf"
	"github.com/google/go-cmp/cmp"

	"github.com/bpfload/bpfload/btfmaps"
	"github.com/bpfload/bpfload/elf"
	"github.com/bpfload/bpfload/internal/elftest"
	"github.com/bpfload/bpfload/internal/golden"
	"github.com/bpfload/bpfload/internal/law"
	"github.com/bpfload/bpfload/internal/value"
	"github.com/bpfload/bpfload/rawbtf"
	"github.com/bpfload/bpfload/spec"
)

const samples = "../testdata/bpf/"

// listing describes definitions without type ids, which differ between compilers.
func listing(types *rawbtf.Spec, defs []btfmaps.Definition) []byte {
	var b bytes.Buffer
	line := func(indent string, m *spec.Map) {
		fmt.Fprintf(&b, "%s%s: type %d", indent, m.Name, m.Type)
		fmt.Fprintf(&b, ", key %d (%s), value %d (%s), max_entries %d, map_flags %#x", m.KeySize, value.TypeName(types, m.KeyType),
			m.ValueSize, value.TypeName(types, m.ValueType), m.MaxEntries, m.Flags)
		fmt.Fprintf(&b, ", map_extra %#x, numa_node %d, pinning %s\n", m.Extra, m.NUMANode, m.Pinning)
	}
	for _, d := range defs {
		line("", d.Map)
		if d.Map.Inner != nil {
			line("  ", d.Map.Inner)
		}
		if d.Values != btfmaps.NoValues {
			fmt.Fprintf(&b, "  values %d at byte %d of %d\n", d.Values, d.ValuesOffset, d.Map.Place.Size)
		}
	}
	return b.Bytes()
}

// TestGoldenObjects reads objects of three compilers and both byte orders; all of them
// define the same maps.
func TestGoldenObjects(t *testing.T) {
	for _, name := range []string{"map_fields", "map_in_map", "map_in_map_late", "static_values", "tailcall", "devmap_prog", "local_storage", "pinning", "ringbuf_typed", "weak_map"} {
		for _, variant := range []string{"", "-clang22", "-eb"} {
			t.Run(name+variant, func(t *testing.T) {
				f, types := elftest.Open(t, samples+name+variant+".o")
				defs, warnings, err := btfmaps.Decode(f, types, btfmaps.Options{})
				if err != nil || len(warnings) > 0 {
					t.Fatal(err, warnings)
				}
				golden.Check(t, filepath.Join("testdata", name+".golden"), listing(types, defs))
			})
		}
	}
}

// TestAgreesWithCilium compares each map with what cilium/ebpf reads, in every
// object that it can read.
func TestAgreesWithCilium(t *testing.T) {
	paths, err := filepath.Glob(samples + "*.o")
	if err != nil || len(paths) == 0 {
		t.Fatal("no objects", err)
	}
	compared := 0
	for _, path := range paths {
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		theirs, err := ebpf.LoadCollectionSpecFromReader(bytes.NewReader(data))
		if err != nil {
			continue
		}
		f, types := elftest.Open(t, path)
		defs, _, err := btfmaps.Decode(f, types, btfmaps.Options{})
		if err != nil {
			t.Errorf("%s: %v", path, err)
			continue
		}
		for _, d := range defs {
			m, ok := theirs.Maps[d.Map.Name]
			if !ok {
				t.Errorf("%s: cilium/ebpf has no map %s", path, d.Map.Name)
				continue
			}
			compared++
			compare(t, path, d.Map, m)
		}
	}
	if compared < 50 {
		t.Errorf("only %d maps were compared", compared)
	}
}

func compare(t *testing.T, path string, ours *spec.Map, theirs *ebpf.MapSpec) {
	t.Helper()
	if ours.Type == ebpf.RingBuf || ours.Type == ebpf.PerfEventArray {
		// The kernel wants no value size for these. cilium/ebpf drops the one
		// that the object states when it reads, libbpf and we do not.
		theirs.ValueSize = ours.ValueSize
	}
	a := fmt.Sprint(ours.Type, ours.KeySize, ours.ValueSize, ours.MaxEntries, ours.Flags, ours.Extra, ours.Inner != nil, uint32(ours.Pinning))
	b := fmt.Sprint(theirs.Type, theirs.KeySize, theirs.ValueSize, theirs.MaxEntries, theirs.Flags, theirs.MapExtra, theirs.InnerMap != nil, uint32(theirs.Pinning))
	if a != b {
		t.Errorf("%s: map %s is %s, for cilium/ebpf %s", path, ours.Name, a, b)
	}
	if ours.Inner != nil && theirs.InnerMap != nil {
		compare(t, path, ours.Inner, theirs.InnerMap)
	}
}

// FuzzDecode feeds damaged objects. Whatever they are, the answer is definitions
// that lie within their section or an error with a place, and the same again.
func FuzzDecode(f *testing.F) {
	for _, name := range []string{"map_fields", "map_in_map", "static_values-eb", "tailcall-clang22"} {
		data, err := os.ReadFile(samples + name + ".o")
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		file, types, err := elftest.Parse(data)
		if err != nil {
			return
		}
		var defs []btfmaps.Definition
		var warnings []spec.Warning
		law.Memory(t, len(data), 256, func() {
			defs, warnings, err = btfmaps.Decode(file, types, btfmaps.Options{Relaxed: true})
		})
		_, again, err2 := btfmaps.Decode(file, types, btfmaps.Options{Relaxed: true})
		law.Same(t, err, err2)
		if diff := cmp.Diff(warnings, again); diff != "" {
			t.Fatal(diff)
		}
		if err != nil {
			law.Located(t, err)
			if e := err.(*elf.Error); !strings.HasPrefix(e.Section, ".maps") || defs != nil {
				t.Fatalf("%d definitions, error %#v", len(defs), err)
			}
			return
		}
		end := uint64(0)
		for i := range defs {
			p := defs[i].Map.Place
			s := file.Section(p.Index)
			if i == 0 || defs[i-1].Map.Place.Index != p.Index {
				end = 0
			}
			if p.Offset < end || p.Offset+p.Size > s.Size {
				t.Fatalf("%s: %d bytes at %d of %d, after %d", defs[i].Map.Name, p.Size, p.Offset, s.Size, end)
			}
			end = p.Offset + p.Size
			if index, err := defs[i].Slot(p.Offset + p.Size - 1); err == nil {
				t.Fatalf("slot %d in the last byte", index)
			}
		}
	})
}
