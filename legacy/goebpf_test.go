// SPDX-License-Identifier: MIT

package legacy_test

import (
	"testing"

	"github.com/cilium/ebpf"
	"github.com/google/go-cmp/cmp"

	"github.com/bpfload/bpfload/elf"
	"github.com/bpfload/bpfload/internal/elftest"
	"github.com/bpfload/bpfload/legacy"
	"github.com/bpfload/bpfload/spec"
)

const (
	innerDefOff = 24 // of inner_map_def in a record of goebpf
	pathOff     = 32
)

// goebpfObject has an inner and an outer map of goebpf's layout; addend is what
// the compiler left in the outer record's pointers.
func goebpfObject(o *elftest.Object, innerAddend, pathAddend uint64) (maps int) {
	words := func(typ uint32) rec { return rec{words: []uint32{typ, 4, 4, 8, 0, 0}, tail: make([]byte, 16)} }
	inner, outer := words(1), words(12)
	inner.name, outer.name = "inner", "outer"
	order := o.Order()
	outer.tail = order.AppendUint64(nil, innerAddend)
	outer.tail = order.AppendUint64(outer.tail, pathAddend)
	return addMaps(o, "maps", inner, outer)
}

func TestGoebpfPointers(t *testing.T) {
	const strings = "\x00skipped\x00/sys/fs/bpf/out\x00"
	tests := map[string]func(o *elftest.Object){
		"symbols with values": func(o *elftest.Object) {
			s := goebpfObject(o, 0, 0)
			str := o.Rodata(".rodata.str1.1", []byte(strings))
			o.Rel(s, 40+innerDefOff, 1, 2)
			o.Rel(s, 40+pathOff, o.Symbol(elftest.Symbol{Name: ".L.str", Section: str, Value: 9}), 1)
		},
		"section symbols and what the compiler added": func(o *elftest.Object) {
			s := goebpfObject(o, 0, 9)
			str := o.Rodata(".rodata.str1.1", []byte(strings))
			o.Rel(s, 40+innerDefOff, o.SectionSymbol(s), 2)
			o.Rel(s, 40+pathOff, o.SectionSymbol(str), 2)
		},
	}
	for name, build := range tests {
		t.Run(name, func(t *testing.T) {
			bothOrders(t, func(t *testing.T, o *elftest.Object) {
				build(o)
				got, _, err := decode(t, o, legacy.Options{})
				if err != nil {
					t.Fatal(err)
				}
				wanted := []*spec.Map{
					want("inner", ebpf.Hash, 4, 4, 8, spec.Legacy{Dialect: "goebpf", InnerIndex: -1}, nil),
					want("outer", ebpf.ArrayOfMaps, 4, 4, 8, spec.Legacy{Dialect: "goebpf", InnerIndex: -1}, func(m *spec.Map) {
						m.Pinning, m.PinPath = spec.PinExplicit, "/sys/fs/bpf/out"
						m.Inner = want("inner", ebpf.Hash, 4, 4, 8, spec.Legacy{Dialect: "goebpf", InnerIndex: -1}, nil)
					}),
				}
				if diff := cmp.Diff(wanted, got, ignorePlace); diff != "" {
					t.Errorf("maps (-want +got):\n%s", diff)
				}
			})
		})
	}
}

func TestGoebpfErrors(t *testing.T) {
	tests := map[string]struct {
		build func(o *elftest.Object)
		want  string
	}{
		"inner map in the middle of a record": {
			build: func(o *elftest.Object) { o.Rel(goebpfObject(o, 4, 0), 40+innerDefOff, 1, 2) },
			want:  `section "maps"+0x40 (map "outer"): inner_map_def points at "inner"+0x4, where no map record begins`,
		},
		"inner map of another object": {
			build: func(o *elftest.Object) {
				s := goebpfObject(o, 0, 0)
				o.Rel(s, 40+innerDefOff, o.Extern("elsewhere", elf.STBGlobal), 2)
			},
			want: `section "maps"+0x40 (map "outer"): inner_map_def points at "elsewhere"+0x0, where no map record begins`,
		},
		"itself": {
			build: func(o *elftest.Object) { o.Rel(goebpfObject(o, 0, 0), 40+innerDefOff, 2, 2) },
			want:  `section "maps"+0x40 (map "outer"): inner_map_def points at its own record`,
		},
		"an outer map": {
			build: func(o *elftest.Object) { o.Rel(goebpfObject(o, 0, 0), innerDefOff, 2, 2) },
			want:  `section "maps"+0x18 (map "inner"): the inner map "outer" holds maps itself: the kernel allows one level`,
		},
		"path outside": {
			build: func(o *elftest.Object) {
				s := goebpfObject(o, 0, 7)
				o.Rel(s, 40+pathOff, o.SectionSymbol(o.Rodata(".rodata.str1.1", []byte("/a\x00"))), 2)
			},
			want: `section "maps"+0x48 (map "outer"): persistent_path points outside section ".rodata.str1.1"`,
		},
		"path without end": {
			build: func(o *elftest.Object) {
				s := goebpfObject(o, 0, 1)
				o.Rel(s, 40+pathOff, o.SectionSymbol(o.Rodata(".rodata.str1.1", []byte("/a"))), 2)
			},
			want: `section "maps"+0x48 (map "outer"): persistent_path points at a string without an end in section ".rodata.str1.1"+0x1`,
		},
		"relative path": {
			build: func(o *elftest.Object) {
				s := goebpfObject(o, 0, 0)
				o.Rel(s, 40+pathOff, o.SectionSymbol(o.Rodata(".rodata.str1.1", []byte("/sys/fs/bpf/../x\x00"))), 2)
			},
			want: `section "maps"+0x48 (map "outer"): persistent_path "/sys/fs/bpf/../x": want an absolute path without detours`,
		},
		"relocation of a number": {
			build: func(o *elftest.Object) { o.Rel(goebpfObject(o, 0, 0), 40, 1, 2) },
			want:  `section "maps"+0x28 (map "outer"): a relocation against "inner" where the record has no pointer`,
		},
		"a path without a relocation": {
			build: func(o *elftest.Object) { o.Rel(goebpfObject(o, 0, 9), innerDefOff+40, 1, 2) },
			want:  `section "maps"+0x48 (map "outer"): persistent_path is 0x9 and has no relocation: it points at nothing`,
		},
		"an inner map without a relocation": {
			build: func(o *elftest.Object) {
				addMaps(o, "maps/x", rec{name: "x", words: []uint32{1, 4, 4, 8, 0}})
				s := goebpfObject(o, 5, 0)
				o.Rel(s, 40+pathOff, o.SectionSymbol(o.Rodata(".rodata.str1.1", []byte("/sys/fs/bpf/x\x00"))), 2)
			},
			want: `section "maps"+0x40 (map "outer"): inner_map_def is 0x5 and has no relocation: it points at nothing`,
		},
		"relocation at the end": {
			build: func(o *elftest.Object) { o.Rel(goebpfObject(o, 0, 0), 76, 1, 2) },
			want:  `section "maps"+0x4c (map "outer"): a relocation of 8 bytes at the end of the record`,
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			bothOrders(t, func(t *testing.T, o *elftest.Object) {
				test.build(o)
				_, _, err := decode(t, o, legacy.Options{})
				if err == nil || err.Error() != test.want {
					t.Errorf("\n got %v\nwant %s", err, test.want)
				}
			})
		})
	}
}

func TestRelocationBetweenRecords(t *testing.T) {
	o := &elftest.Object{}
	s := o.Data("maps", append(o.Words(1, 4, 4, 8, 0), o.Words(1, 4, 4, 8, 0)...))
	o.Object("a", s, 0, 20)
	o.Rel(s, 24, 1, 2)
	if _, _, err := decode(t, o, legacy.Options{}); err != nil {
		t.Error(err)
	}
	o.Rel(s, 1000, 1, 2)
	if _, _, err := decode(t, o, legacy.Options{}); err == nil {
		t.Error("a relocation outside the section was accepted")
	}
}
