// SPDX-License-Identifier: MIT

package legacy_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/bpfload/bpfload/elf"
	"github.com/bpfload/bpfload/internal/elftest"
	"github.com/bpfload/bpfload/internal/golden"
	"github.com/bpfload/bpfload/legacy"
	"github.com/bpfload/bpfload/spec"
)

// objects is where the sample objects are.
const objects = "../testdata/bpf/legacy"

// variants are the suffixes of the compilers' objects: other compilers, the other
// byte order, without BTF, with the symbols that old compilers wrote.
var variants = []string{"", "-clang22", "-eb", "-nobtf", "-notype", "-aged"}

// TestObjects has a file for each sample source. Objects of which the description
// is the same share it.
func TestObjects(t *testing.T) {
	sources, err := filepath.Glob(filepath.Join(objects, "*.c"))
	if err != nil || len(sources) == 0 {
		t.Fatalf("no sources in %s: %v", objects, err)
	}
	for _, source := range sources {
		base := strings.TrimSuffix(filepath.Base(source), ".c")
		t.Run(base, func(t *testing.T) {
			var texts []string
			names := map[string][]string{}
			for _, v := range variants {
				image, err := os.ReadFile(filepath.Join(objects, base+v+".o"))
				if err != nil {
					continue
				}
				text := dump(t, base+".o", image)
				if !slices.Contains(texts, text) {
					texts = append(texts, text)
				}
				names[text] = append(names[text], base+v+".o")
			}
			if len(texts) == 0 {
				t.Fatal("not compiled")
			}
			var out bytes.Buffer
			for _, text := range texts {
				fmt.Fprintf(&out, "== %s\n%s", strings.Join(names[text], " "), text)
			}
			golden.Check(t, filepath.Join("testdata", base+".txt"), out.Bytes())
		})
	}
}

// dump describes all that this package reads from an object.
func dump(t *testing.T, name string, image []byte) string {
	var out strings.Builder
	f, types := elftest.MustParse(t, image)
	maps, warnings, err := legacy.Decode(f, types, legacy.Options{})
	writeDump(&out, maps, warnings, err)
	for _, m := range maps {
		if pin, err := legacy.PinPath(m, legacy.Roots{Object: name, ObjectSHA1: "SHA1"}); pin != "" || err != nil {
			fmt.Fprintf(&out, "pin %s: %s\n", m.Name, result(pin, err))
		}
	}
	defs, err := legacy.ProgramDefs(f)
	if err != nil {
		fmt.Fprintf(&out, "error: %v\n", err)
	}
	for _, d := range defs {
		fmt.Fprintf(&out, "program %s: type %d attach %d owner %d:%d %+v\n", d.Function, d.Type, d.AttachType, d.UID, d.GID, d.Gates)
	}
	if gates, critical, found, err := legacy.ObjectGates(f); found || err != nil {
		fmt.Fprintf(&out, "object: loader %#x to %#x critical %q %v\n", gates.MinLoader, gates.MaxLoader, critical, err)
	}
	for i := 1; i < f.NumSections(); i++ {
		s := f.Section(i)
		if !s.Code() || s.Size == 0 {
			continue
		}
		if call, err := legacy.TailCall(s.Name, maps); call != nil || err != nil {
			fmt.Fprintf(&out, "tail call %s: %s\n", s.Name, result(call, err))
		}
		for _, d := range defs {
			for _, at := range f.SymbolsIn(i) {
				if f.Symbol(at.Index).Name == d.Function {
					pin, err := legacy.ProgramPinPath(d, s.Name, legacy.Roots{Object: name})
					fmt.Fprintf(&out, "pin %s: %s\n", d.Function, result(pin, err))
				}
			}
		}
	}
	return out.String()
}

func gatesText(g *spec.Gates) string {
	if g == nil {
		return ""
	}
	return fmt.Sprintf("%+v", *g)
}

func result(v any, err error) string {
	if err != nil {
		return "error: " + err.Error()
	}
	if call, ok := v.(*spec.TailCall); ok {
		return fmt.Sprintf("slot %d of %s", call.Index, call.Map)
	}
	return fmt.Sprint(v)
}

func writeDump(out *strings.Builder, maps []*spec.Map, warnings []spec.Warning, err error) {
	if err != nil {
		fmt.Fprintf(out, "error: %v\n", err)
	}
	for _, w := range warnings {
		fmt.Fprintf(out, "warning %s: %s\n", w.Code, w)
	}
	for i, m := range maps {
		l := m.Legacy
		if i == 0 || !slices.Equal(l.Evidence, maps[i-1].Legacy.Evidence) {
			fmt.Fprintf(out, "%s: %s\n", l.Dialect, strings.Join(l.Evidence, "; "))
		}
		fmt.Fprintf(out, "map %s in %s+%#x (%d bytes): %s key %d value %d entries %d flags %#x", m.Name, m.Place.Section, m.Place.Offset, m.Place.Size,
			spec.MapTypeName(m.Type), m.KeySize, m.ValueSize, m.MaxEntries, m.Flags)
		for _, f := range []struct {
			name  string
			value any
			shown bool
		}{
			{"node", m.NUMANode, m.NUMANode != 0}, {"pinning", m.Pinning, m.Pinning != 0 || l.Pinning != 0}, {"of", l.Pinning, l.Pinning != 0},
			{"id", l.ID, l.ID != 0}, {"map_id", l.MapID, l.MapID != 0}, {"inner_id", l.InnerID, l.InnerID != 0}, {"inner_idx", l.InnerIndex, l.InnerIndex > 0 || l.InnerID != 0},
			{"namespace", l.Namespace, l.Namespace != ""}, {"alias", l.Alias, l.Alias != ""},
			{"types", fmt.Sprintf("%d,%d", m.KeyType, m.ValueType), m.KeyType != 0 || m.ValueType != 0},
			{"owner", fmt.Sprintf("%d:%d", l.UID, l.GID), l.Mode != 0}, {"mode", fmt.Sprintf("%#o", l.Mode), l.Mode != 0},
			{"gates", gatesText(l.Gates), l.Gates != nil},
		} {
			if f.shown {
				fmt.Fprintf(out, " %s %v", f.name, f.value)
			}
		}
		out.WriteByte('\n')
		if m.Inner != nil {
			fmt.Fprintf(out, "  holds maps like %s\n", m.Inner.Name)
		}
		for _, s := range m.Values {
			fmt.Fprintf(out, "  slot %d: %s\n", s.Index, s.Map)
		}
	}
}

// TestSampleObjects decodes every other sample object: most have no records, and
// none makes trouble.
func TestSampleObjects(t *testing.T) {
	images, err := filepath.Glob("../testdata/bpf/*.o")
	if err != nil || len(images) == 0 {
		t.Fatalf("no objects: %v", err)
	}
	for _, path := range images {
		image, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		f, types := elftest.MustParse(t, image)
		maps, _, err := legacy.Decode(f, types, legacy.Options{})
		if err != nil {
			t.Errorf("%s: %v", path, err)
		}
		if wanted := strings.HasPrefix(filepath.Base(path), "legacy_maps"); (len(maps) > 0) != wanted {
			t.Errorf("%s: %d maps", path, len(maps))
		}
		if w, err := legacy.Pair(f, nil); err != nil || w != nil {
			t.Errorf("%s: %v, %v", path, w, err)
		}
	}
}

// TestPairedObject reads records beside BTF definitions as clang compiles them.
func TestPairedObject(t *testing.T) {
	for _, v := range variants {
		image, err := os.ReadFile(filepath.Join(objects, "android_maps"+v+".o"))
		if err != nil {
			continue
		}
		f, err := elf.Parse(image)
		if err != nil {
			t.Fatal(err)
		}
		var maps []*spec.Map
		s, ok := f.SectionNamed(".maps")
		if !ok {
			t.Fatalf("android_maps%s.o: no .maps", v)
		}
		for _, at := range f.SymbolsIn(s.Index) {
			maps = append(maps, &spec.Map{Name: f.Symbol(at.Index).Name})
		}
		if _, err := legacy.Pair(f, maps); err != nil {
			t.Errorf("android_maps%s.o: %v", v, err)
		}
		paired := slices.DeleteFunc(maps, func(m *spec.Map) bool { return m.Legacy == nil })
		if len(paired) == 0 || paired[0].PinPath == "" || paired[0].Type == 0 {
			t.Errorf("android_maps%s.o: %d maps paired", v, len(paired))
		}
	}
}
