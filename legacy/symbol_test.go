// SPDX-License-Identifier: MIT

package legacy_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/bpfload/bpfload/elf"
	"github.com/bpfload/bpfload/internal/elftest"
	"github.com/bpfload/bpfload/legacy"
	"github.com/bpfload/bpfload/spec"
)

// TestSymbols is about which records there are and how long they are.
func TestSymbols(t *testing.T) {
	hash := []uint32{1, 4, 8, 16, 0}
	four := func(o *elftest.Object) []byte {
		var data []byte
		for range 4 {
			data = append(data, o.Words(hash...)...)
		}
		return data
	}
	tests := map[string]struct {
		build    func(o *elftest.Object)
		want     []spec.Place // with the name as Section
		warnings []string
	}{
		"symbols of old compilers, without type and size, out of order": {
			build: func(o *elftest.Object) {
				s := o.Data("maps", four(o))
				o.SectionSymbol(s)
				for _, sym := range []elftest.Symbol{{Name: "c", Value: 40}, {Name: "a"}, {Name: "d", Value: 60}, {Name: "b", Value: 20}} {
					sym.Section, sym.Binding = s, elf.STBGlobal
					o.Symbol(sym)
				}
			},
			want: []spec.Place{{Section: "a", Size: 20}, {Section: "b", Offset: 20, Size: 20}, {Section: "c", Offset: 40, Size: 20}, {Section: "d", Offset: 60, Size: 20}},
		},
		"weak map": {
			build: func(o *elftest.Object) {
				s := o.Data("maps", o.Words(hash...))
				o.Symbol(elftest.Symbol{Name: "a", Type: elf.STTObject, Binding: elf.STBWeak, Section: s, Size: 20})
			},
			want: []spec.Place{{Section: "a", Size: 20}},
		},
		"labels and functions are no maps": {
			build: func(o *elftest.Object) {
				s := o.Data("maps", o.Words(hash...))
				o.Symbol(elftest.Symbol{Name: ".Lmaps", Section: s})
				o.Symbol(elftest.Symbol{Name: "f", Type: elf.STTFunc, Binding: elf.STBGlobal, Section: s})
				o.Symbol(elftest.Symbol{Type: elf.STTObject, Binding: elf.STBGlobal, Section: s})
				o.Object("a", s, 0, 20)
			},
			want: []spec.Place{{Section: "a", Size: 20}},
		},
		"holes of a linker that overrode weak maps": {
			build: func(o *elftest.Object) {
				s := o.Data("maps", four(o))
				o.Object("a", s, 0, 20)
				o.Object("d", s, 60, 20)
			},
			want:     []spec.Place{{Section: "a", Size: 20}, {Section: "d", Offset: 60, Size: 20}},
			warnings: []string{"unnamed-record"},
		},
		"hole at the end, all zero": {
			build: func(o *elftest.Object) {
				s := o.Data("maps", append(o.Words(hash...), make([]byte, 12)...))
				o.Object("a", s, 0, 20)
			},
			want: []spec.Place{{Section: "a", Size: 20}},
		},
		"two names for one record": {
			build: func(o *elftest.Object) {
				s := o.Data("maps", o.Words(hash...))
				o.Object("a", s, 0, 20)
				o.Object("alias", s, 0, 20)
				o.Object("another", s, 0, 20)
			},
			want:     []spec.Place{{Section: "a", Size: 20}},
			warnings: []string{"map-alias"},
		},
		"a static and a global name": {
			build: func(o *elftest.Object) {
				s := o.Data("maps", o.Words(hash...))
				o.Symbol(elftest.Symbol{Name: "static", Type: elf.STTObject, Section: s, Size: 20})
				o.Object("global", s, 0, 20)
			},
			want:     []spec.Place{{Section: "global", Size: 20}},
			warnings: []string{"map-alias"},
		},
		"records of unequal size, each decoded by its own": {
			build: func(o *elftest.Object) {
				addMaps(o, "maps", rec{name: "a", words: hash}, rec{name: "b", words: []uint32{1, 4, 8, 16, 0, 0, 2}})
			},
			want:     []spec.Place{{Section: "a", Size: 20}, {Section: "b", Offset: 20, Size: 28}},
			warnings: []string{"record-size"},
		},
		"machine EM_NONE": {
			build: func(o *elftest.Object) {
				o.NoMachine = true
				addMaps(o, "maps", rec{name: "a", words: hash})
			},
			want: []spec.Place{{Section: "a", Size: 20}},
		},
		"several sections": {
			build: func(o *elftest.Object) {
				addMaps(o, "maps/z", rec{name: "z", words: hash})
				addMaps(o, "maps", rec{name: "y", words: hash})
				addMaps(o, "maps/several", rec{name: "x", words: hash}, rec{name: "w", words: hash})
				addMaps(o, "maps/", rec{name: "v", words: hash})
				addMaps(o, "maps/hash", rec{name: "hash", words: hash})
			},
			want: []spec.Place{{Section: "z", Size: 20}, {Section: "y", Size: 20}, {Section: "x", Size: 20}, {Section: "w", Offset: 20, Size: 20},
				{Section: "v", Size: 20}, {Section: "hash", Size: 20}},
		},
		"maps beside .maps": {
			build: func(o *elftest.Object) {
				addMaps(o, ".maps", rec{name: "btf", words: make([]uint32, 8)})
				addMaps(o, "maps", rec{name: "old", words: hash})
				addMaps(o, "maps_of_users", rec{name: "data", words: hash})
			},
			want: []spec.Place{{Section: "old", Size: 20}},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			bothOrders(t, func(t *testing.T, o *elftest.Object) {
				test.build(o)
				maps, warnings, err := decode(t, o, legacy.Options{})
				if err != nil {
					t.Fatal(err)
				}
				var got []spec.Place
				for _, m := range maps {
					got = append(got, spec.Place{Section: m.Name, Offset: m.Place.Offset, Size: m.Place.Size})
				}
				if diff := cmp.Diff(test.want, got); diff != "" {
					t.Errorf("maps (-want +got):\n%s", diff)
				}
				checkCodes(t, test.warnings, warnings)
			})
		})
	}
}

func TestPlace(t *testing.T) {
	o := &elftest.Object{}
	o.License("GPL")
	s := addMaps(o, "maps", rec{name: "a", words: []uint32{1, 4, 8, 16, 0}})
	maps, _, err := decode(t, o, legacy.Options{})
	if err != nil {
		t.Fatal(err)
	}
	want := spec.Place{Section: "maps", Index: s, Size: 20}
	if diff := cmp.Diff(want, maps[0].Place); diff != "" {
		t.Errorf("place (-want +got):\n%s", diff)
	}
}
