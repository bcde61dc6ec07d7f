// SPDX-License-Identifier: MIT

package legacy_test

import (
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/cilium/ebpf"

	"github.com/bpfload/bpfload/elf"
	"github.com/bpfload/bpfload/internal/law"
	"github.com/bpfload/bpfload/legacy"
	"github.com/bpfload/bpfload/rawbtf"
	"github.com/bpfload/bpfload/spec"
)

// FuzzDecode reads anything as an object and checks what must hold of every
// answer: nothing beside an error, an error with a place, the same answer twice,
// maps that lie in their sections and have names of their own, the first words of
// records without BTF as they stand in the file, and pins below bpffs.
func FuzzDecode(f *testing.F) {
	images, err := filepath.Glob(filepath.Join(objects, "*.o"))
	if err != nil || len(images) == 0 {
		f.Fatalf("no seeds: %v", err)
	}
	for _, path := range images {
		image, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(image, "")
	}
	for _, d := range legacy.Dialects() {
		image, err := os.ReadFile(images[0])
		if err != nil {
			f.Fatal(err)
		}
		f.Add(image, d.Name)
	}
	f.Fuzz(func(t *testing.T, image []byte, dialect string) {
		file, err := elf.Parse(image)
		if err != nil {
			return
		}
		var types *rawbtf.Spec
		if s, ok := file.SectionNamed(".BTF"); ok {
			if types, err = rawbtf.Parse(s.Data, nil); err != nil {
				types = nil
			}
		}
		opts := legacy.Options{Dialect: dialect}
		law.Memory(t, len(image), 256, func() { legacy.Decode(file, types, opts) })
		maps, warnings, err := legacy.Decode(file, types, opts)
		maps2, warnings2, err2 := legacy.Decode(file, types, opts)
		if !reflect.DeepEqual(maps, maps2) || !reflect.DeepEqual(warnings, warnings2) || text(err) != text(err2) {
			t.Fatalf("two answers: %v, %v", err, err2)
		}
		if err != nil {
			if maps != nil || warnings != nil {
				t.Fatalf("%d maps and %d warnings beside %v", len(maps), len(warnings), err)
			}
			checkError(t, err)
			return
		}
		names := map[string]bool{}
		for _, m := range maps {
			if names[m.Name] {
				t.Fatalf("two maps %q", m.Name)
			}
			names[m.Name] = true
			checkMap(t, file, types, m, len(maps))
		}
		checkPrograms(t, file, maps)
	})
}

func text(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

func checkError(t *testing.T, err error) {
	if errors.Is(err, legacy.ErrUnknownDialect) {
		return
	}
	law.Located(t, err)
}

func checkMap(t *testing.T, f *elf.File, types *rawbtf.Spec, m *spec.Map, count int) {
	s := f.Section(m.Place.Index)
	if s.Name != m.Place.Section || m.Place.Offset > s.Size || m.Place.Size > s.Size-m.Place.Offset || m.Place.Size < 16 {
		t.Fatalf("map %q at %+v of a section of %d bytes", m.Name, m.Place, s.Size)
	}
	if m.Type == ebpf.UnspecifiedMap || m.Legacy == nil || m.Legacy.Dialect == "" || len(m.Legacy.Evidence) == 0 {
		t.Fatalf("map %q: %+v", m.Name, m)
	}
	if types == nil && m.Legacy.Dialect != "android" {
		order, data := f.ByteOrder(), s.Data[m.Place.Offset:]
		if uint32(m.Type) != order.Uint32(data) || m.KeySize != order.Uint32(data[4:]) || m.MaxEntries != order.Uint32(data[12:]) {
			t.Fatalf("map %q: %+v", m.Name, m)
		}
	}
	if m.Inner != nil && m.Inner.Inner != nil {
		t.Fatalf("map %q: two levels of maps", m.Name)
	}
	for i, slot := range m.Values {
		if i > 0 && m.Values[i-1].Index >= slot.Index || m.Type == ebpf.ArrayOfMaps && slot.Index >= m.MaxEntries {
			t.Fatalf("map %q: slots %v", m.Name, m.Values)
		}
	}
	if len(m.Values) > count {
		t.Fatalf("map %q: %d slots of %d maps", m.Name, len(m.Values), count)
	}
	const root = "/private/bpffs"
	pin, err := legacy.PinPath(m, legacy.Roots{BPFFS: root, ObjectSHA1: "0123", Object: "x.o", PinIDs: []legacy.PinID{{ID: 3, Subpath: "three"}}})
	if err == nil && pin != "" && (!strings.HasPrefix(pin, root+"/") || filepath.Clean(pin) != pin) {
		t.Fatalf("map %q: pin %q", m.Name, pin)
	}
}

// checkPrograms asks for all that there is beside maps.
func checkPrograms(t *testing.T, f *elf.File, maps []*spec.Map) {
	defs, err := legacy.ProgramDefs(f)
	if err != nil {
		checkError(t, err)
	}
	if _, _, _, err := legacy.ObjectGates(f); err != nil {
		checkError(t, err)
	}
	if _, err := legacy.Pair(f, maps); err != nil {
		checkError(t, err)
	}
	for i := 1; i < f.NumSections(); i++ {
		name := f.SectionName(i)
		call, err := legacy.TailCall(name, maps)
		if call != nil && err != nil {
			t.Fatalf("section %q: slot %+v beside %v", name, call, err)
		}
		for _, d := range defs {
			pin, err := legacy.ProgramPinPath(d, name, legacy.Roots{Object: "x.o"})
			if err == nil && !strings.HasPrefix(pin, legacy.DefaultBPFFS+"/") {
				t.Fatalf("program %q: pin %q", d.Function, pin)
			}
		}
	}
}
