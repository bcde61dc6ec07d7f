// SPDX-License-Identifier: MIT

package globals_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/cilium/ebpf"
	"github.com/google/go-cmp/cmp"

	"github.com/bpfload/bpfload/elf"
	"github.com/bpfload/bpfload/globals"
	"github.com/bpfload/bpfload/internal/elftest"
	"github.com/bpfload/bpfload/internal/golden"
	"github.com/bpfload/bpfload/internal/law"
	"github.com/bpfload/bpfload/internal/value"
)

const samples = "../testdata/bpf/"

// TestGoldenObjects reads objects of two compilers and both byte orders; the compilers
// place variables alike.
func TestGoldenObjects(t *testing.T) {
	for _, name := range []string{"globals", "data_pointers"} {
		for _, variant := range []string{"", "-clang22", "-eb"} {
			t.Run(name+variant, func(t *testing.T) {
				f, types := elftest.Open(t, samples+name+variant+".o")
				maps, vars, warnings, err := globals.Decode(f, types)
				if err != nil {
					t.Fatal(err)
				}
				var b bytes.Buffer
				for _, m := range maps {
					fmt.Fprintf(&b, "%s: value %d, map_flags %#x, frozen %t\n", m.Name, m.ValueSize, m.Flags, m.Frozen)
				}
				for _, v := range vars {
					fmt.Fprintf(&b, "%s+%d %s: %d bytes, %s, static %t\n", v.Section, v.Offset, v.Name, v.Size, value.TypeName(types, v.Type), v.Static)
				}
				for _, w := range warnings {
					fmt.Fprintln(&b, w)
				}
				golden.Check(t, filepath.Join("testdata", name+".golden"), b.Bytes())
			})
		}
	}
}

// TestAgreesWithCilium compares data maps and variables with what cilium/ebpf
// reads: it knows the same, but for static variables and .bss with a suffix.
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
		f, types, err := elftest.Parse(data)
		if err != nil {
			t.Fatal(err)
		}
		maps, vars, _, err := globals.Decode(f, types)
		if err != nil {
			t.Errorf("%s: %v", path, err)
			continue
		}
		for _, m := range maps {
			c, ok := theirs.Maps[m.Name]
			if !ok {
				continue // nothing refers to it
			}
			compared++
			contents, ok := c.Contents[0].Value.([]byte)
			want := m.Contents
			if want == nil {
				want = make([]byte, m.ValueSize)
			}
			const mmapable = 0x400 // cilium/ebpf adds it when it loads
			if c.Type != m.Type || c.KeySize != m.KeySize || c.ValueSize != m.ValueSize || c.MaxEntries != m.MaxEntries ||
				c.Flags&^mmapable != m.Flags&^mmapable || !ok || !bytes.Equal(contents, want) {
				t.Errorf("%s: map %s is %+v, for cilium/ebpf %v", path, m.Name, m, c)
			}
		}
		for _, v := range vars {
			c, ok := theirs.Variables[v.Name]
			if !ok {
				if !v.Static && !hidden(f, v.Name) && theirs.Maps[v.Section] != nil {
					t.Errorf("%s: cilium/ebpf has no variable %s", path, v.Name)
				}
				continue
			}
			compared++
			if c.SectionName != v.Section || uint64(c.Offset) != v.Offset || uint64(len(c.Value)) != v.Size || c.Type != nil && c.Type.Name != v.Name {
				t.Errorf("%s: variable %s is %+v, for cilium/ebpf %v", path, v.Name, v, c)
			}
		}
	}
	if compared < 50 {
		t.Errorf("only %d maps and variables were compared", compared)
	}
}

func hidden(f *elf.File, name string) bool {
	for i := range f.NumSymbols() {
		if s := f.Symbol(i); s.Name == name {
			return s.Hidden()
		}
	}
	return false
}

// FuzzDecode feeds damaged objects. Variables lie within their map, in order, and
// the same bytes give the same answer.
func FuzzDecode(f *testing.F) {
	for _, name := range []string{"globals", "data_pointers-eb", "nobtf"} {
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
		law.Memory(t, len(data), 256, func() { globals.Decode(file, types) })
		maps, vars, warnings, err := globals.Decode(file, types)
		_, _, warnings2, err2 := globals.Decode(file, types)
		law.Same(t, err, err2)
		if diff := cmp.Diff(warnings, warnings2); diff != "" {
			t.Fatal(diff)
		}
		if err != nil {
			law.Located(t, err)
			if e := err.(*elf.Error); e.Section == "" && e.Offset == 0 || maps != nil || vars != nil {
				t.Fatalf("error %#v", err)
			}
		}
		for i, v := range vars {
			if v.Map == nil || v.Offset+v.Size > v.Map.Place.Size {
				t.Fatalf("variable %+v is outside its map", v)
			}
			if i > 0 && vars[i-1].Map == v.Map && vars[i-1].Offset > v.Offset {
				t.Fatalf("variable %+v stands after %+v", v, vars[i-1])
			}
		}
		m, kconfig, err := globals.Kconfig(file, types)
		end := uint32(0)
		for _, v := range kconfig {
			if v.Offset < end || v.Offset%v.Align != 0 || v.Offset+v.Size > m.ValueSize {
				t.Fatalf("%+v, after byte %d of %d", v, end, m.ValueSize)
			}
			end = v.Offset + v.Size
		}
		if err != nil && (m != nil || kconfig != nil) {
			t.Fatal("a result beside an error")
		}
	})
}
