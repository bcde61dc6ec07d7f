// SPDX-License-Identifier: MIT

package legacy_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/bpfload/bpfload/elf"
	"github.com/bpfload/bpfload/internal/elftest"
	"github.com/bpfload/bpfload/legacy"
	"github.com/bpfload/bpfload/rawbtf"
)

// TestErrors has the text of every error, with section, offset and symbol.
func TestErrors(t *testing.T) {
	hash := []uint32{1, 4, 8, 16, 0}
	tests := map[string]struct {
		build func(o *elftest.Object)
		want  string
		is    error // ErrMalformed where nil
	}{
		"no symbol": {
			build: func(o *elftest.Object) { o.Data("maps", o.Words(hash...)) },
			want:  `section "maps"+0x0: 20 bytes of map records without a symbol to name them`,
		},
		"no contents": {
			build: func(o *elftest.Object) { o.Bss("maps", 20) },
			want:  `section "maps"+0x0: map records of 20 bytes without contents: the variables need initialisers`,
		},
		"static map": {
			build: func(o *elftest.Object) {
				s := o.Data("maps", append(o.Words(hash...), o.Words(hash...)...))
				o.Symbol(elftest.Symbol{Name: "hash_map", Type: elf.STTObject, Binding: elf.STBLocal, Section: s, Value: 20, Size: 20})
				o.Object("dummy", s, 0, 20)
			},
			want: `section "maps"+0x14 (map "hash_map"): the variable is static: loaders of section "maps" saw global ones only; remove the word static`,
			is:   elf.ErrUnsupported,
		},
		"too short": {
			build: func(o *elftest.Object) { addMaps(o, "maps", rec{name: "a", words: []uint32{1, 4, 8}}) },
			want:  `section "maps"+0x0 (map "a"): 12 bytes are no map record: the shortest has 16`,
		},
		"odd size": {
			build: func(o *elftest.Object) { addMaps(o, "maps", rec{name: "a", words: hash, tail: []byte{0}}) },
			want:  `section "maps"+0x0 (map "a"): a record of 21 bytes: all dialects have multiples of 4`,
		},
		"ends outside": {
			build: func(o *elftest.Object) {
				s := o.Data("maps", make([]byte, 32))
				o.Symbol(elftest.Symbol{Name: "a", Binding: elf.STBGlobal, Section: s})
				o.Data("size_of_bpf_map_def", o.Words(48))
			},
			want: `section "maps"+0x0 (map "a"): the record of 48 bytes ends outside its 32-byte section`,
		},
		"overlap": {
			build: func(o *elftest.Object) {
				s := o.Data("maps", append(o.Words(hash...), o.Words(hash...)...))
				o.Object("a", s, 0, 20)
				o.Object("b", s, 12, 20)
			},
			want: `section "maps"+0xc (map "b"): the record begins within that of "a"`,
		},
		"array of definitions beside a single one": {
			build: func(o *elftest.Object) {
				addMaps(o, "maps", rec{name: "one", words: hash}, rec{name: "three", words: append(append(hash[:5:5], hash...), hash...)})
			},
			want: `section "maps"+0x14 (map "three"): 3 records of 20 bytes under one symbol: only the first would have a name; define each map as a variable of its own`,
			is:   elf.ErrUnsupported,
		},
		"array of definitions alone": {
			build: func(o *elftest.Object) {
				addMaps(o, "maps", rec{name: "three", words: append(append(hash[:5:5], hash...), hash...)})
			},
			want: `section "maps"+0x0 (map "three"): 3 records of 20 bytes under one symbol: only the first would have a name; define each map as a variable of its own`,
			is:   elf.ErrUnsupported,
		},
		"array of definitions that has the size of a record": {
			build: func(o *elftest.Object) { addMaps(o, "maps", rec{name: "two", words: append(hash[:5:5], hash...)}) },
			want:  `section "maps"+0x0 (map "two"): 2 records of 20 bytes under one symbol: only the first would have a name; define each map as a variable of its own`,
			is:    elf.ErrUnsupported,
		},
		"array of definitions after a forced dialect": {
			build: func(o *elftest.Object) {
				addMaps(o, "maps", rec{name: "two", words: append(hash[:5:5], hash...)})
				addBTF(o, "maps", "bpf_map_def", five, "two")
			},
			want: `section "maps"+0x0 (map "two"): 2 records of 20 bytes under one symbol: only the first would have a name; define each map as a variable of its own`,
			is:   elf.ErrUnsupported,
		},
		"array of definitions, by BTF": {
			build: func(o *elftest.Object) {
				addMaps(o, "maps", rec{name: "two", words: append(hash[:5:5], hash...)})
				b := &elftest.BTF{}
				u := b.Int("unsigned int", 4, 0)
				def := b.Struct("bpf_map_def", 20, elftest.Member{Name: "type", Type: u})
				declare(o, b, "maps", b.Array(def, 2), "two")
			},
			want: `section "maps"+0x0 (map "two"): 2 records of 20 bytes under one symbol: only the first would have a name; define each map as a variable of its own`,
			is:   elf.ErrUnsupported,
		},
		"unequal records of old compilers": {
			build: func(o *elftest.Object) {
				s := o.Data("maps", o.Words(1, 4, 8, 16, 0, 1, 4, 8, 16))
				o.Symbol(elftest.Symbol{Name: "a", Binding: elf.STBGlobal, Section: s})
				o.Symbol(elftest.Symbol{Name: "b", Binding: elf.STBGlobal, Section: s, Value: 20})
			},
			want: `section "maps"+0x0 (map "a"): a record of 20 bytes beside one of 16 ("b"), and symbols without sizes: the records of a section must be equal`,
		},
		"trailing bytes": {
			build: func(o *elftest.Object) {
				addMaps(o, "maps", rec{name: "a", words: hash}, rec{name: "b", words: []uint32{1, 4, 8, 16, 0, 0, 0, 0, 9, 0, 0}})
			},
			want: `section "maps"+0x34 (map "b"): the word at +0x20 is 0x9: no dialect explains it in a record of 44 bytes`,
		},
		"trailing bytes after a known dialect": {
			build: func(o *elftest.Object) {
				addMaps(o, "maps", rec{name: "a", words: []uint32{1, 4, 8, 16, 0, 9}})
				addBTF(o, "maps", "bpf_map_def", five, "a")
			},
			want: `section "maps"+0x14 (map "a"): the word at +0x14 is 0x9: the libbpf dialect has no field there`,
		},
		"nested def": {
			build: func(o *elftest.Object) {
				addMaps(o, "maps", rec{name: "invalid_map", words: []uint32{1, 4, 2, 1, 0, 1}})
				b := &elftest.BTF{}
				u := b.Int("unsigned int", 4, 0)
				var list []elftest.Member
				for i, name := range five {
					list = append(list, elftest.Member{Name: name, Type: u, Bits: uint32(32 * i)})
				}
				def := b.Struct("bpf_map_def", 20, list...)
				declare(o, b, "maps", b.Struct("", 24, elftest.Member{Name: "def", Type: def}, elftest.Member{Name: "dummy", Type: u, Bits: 160}), "invalid_map")
			},
			want: `section "maps"+0x14 (map "invalid_map"): member "dummy" is set (byte 0x1 at +BYTE) and no dialect knows it`,
		},
		"pointer struct, by BTF": {
			build: func(o *elftest.Object) {
				addMaps(o, "maps", rec{name: "events", words: []uint32{4, 0, 0, 0, 0, 0}})
				b := &elftest.BTF{}
				u := b.Int("unsigned int", 4, 0)
				declare(o, b, "maps", b.Struct("", 24, elftest.Member{Name: "type", Type: u}, elftest.Member{Name: "key", Type: b.Ptr(u), Bits: 64},
					elftest.Member{Name: "value", Type: b.Ptr(u), Bits: 128}), "events")
			},
			want: `section "maps"+0x8 (map "events"): member "key" is a pointer: a definition made of types belongs in SEC(".maps")`,
		},
		"pointer struct, without BTF": {
			build: func(o *elftest.Object) { addMaps(o, "maps", rec{name: "events", words: []uint32{27, 0, 0, 0, 0, 0}}) },
			want:  `section "maps"+0x4 (map "events"): key_size, value_size and max_entries are 0: a definition made of types, whose members are pointers, belongs in SEC(".maps") and needs BTF`,
		},
		"no type": {
			build: func(o *elftest.Object) { addMaps(o, "maps", rec{name: "a", words: []uint32{0, 4, 4, 1, 0}}) },
			want:  `section "maps"+0x0 (map "a"): type is 0: this is no map record`,
		},
		"two maps of one name": {
			build: func(o *elftest.Object) {
				addMaps(o, "maps", rec{name: "b", words: hash}, rec{name: "a", words: hash})
				addMaps(o, "maps/a", rec{name: "symbol", words: hash})
			},
			want: `section "maps/a"+0x0 (map "a"): a second map of that name: the first is in section "maps"+0x14`,
		},
		"inner_map_idx out of range": {
			build: func(o *elftest.Object) {
				addMaps(o, "maps", rec{name: "a", words: []uint32{12, 4, 4, 1, 0, 2, 0}}, rec{name: "b", words: []uint32{2, 4, 4, 1, 0, 0, 0}})
			},
			want: `section "maps"+0x14 (map "a"): inner_map_idx is 2, and the object has 2 maps`,
		},
		"map of maps of maps": {
			build: func(o *elftest.Object) {
				addMaps(o, "maps", rec{name: "a", words: []uint32{12, 4, 4, 1, 0, 1, 0}}, rec{name: "b", words: []uint32{12, 4, 4, 1, 0, 0, 0}})
			},
			want: `section "maps"+0x14 (map "a"): the inner map "b" holds maps itself: the kernel allows one level`,
			is:   elf.ErrUnsupported,
		},
		"inner_id without a map": {
			build: func(o *elftest.Object) {
				addMaps(o, "maps", rec{name: "a", words: []uint32{12, 4, 4, 1, 0, 0, 0, 9, 0}})
			},
			want: `section "maps"+0x1c (map "a"): inner_id is 9, and no map has that id`,
		},
		"inner_id of an outer map": {
			build: func(o *elftest.Object) {
				addMaps(o, "maps", rec{name: "a", words: []uint32{12, 4, 4, 1, 0, 9, 0, 9, 0}})
			},
			want: `section "maps"+0x1c (map "a"): the inner map "a" holds maps itself: the kernel allows one level`,
			is:   elf.ErrUnsupported,
		},
		"inner_idx out of bounds": {
			build: func(o *elftest.Object) {
				addMaps(o, "maps", rec{name: "a", words: []uint32{12, 4, 4, 8, 0, 0, 0, 9, 0}}, rec{name: "b", words: []uint32{2, 4, 4, 1, 0, 9, 0, 0, 8}})
			},
			want: `section "maps"+0x44 (map "b"): inner_idx is 8, and the outer map "a" has 8 entries`,
		},
		"inner_idx and keys of 2 bytes": {
			build: func(o *elftest.Object) {
				addMaps(o, "maps", rec{name: "a", words: []uint32{13, 2, 4, 8, 0, 0, 0, 9, 0}}, rec{name: "b", words: []uint32{2, 4, 4, 1, 0, 9, 0, 0, 1}})
			},
			want: `section "maps"+0x44 (map "b"): inner_idx is 1, and the keys of the outer map "a" have 2 bytes: slots need 4`,
		},
		"namespace": {
			build: func(o *elftest.Object) {
				addMaps(o, "maps/a", rec{name: "a", words: []uint32{1, 4, 4, 1, 0, 2}, tail: make([]byte, 256)})
			},
			want: `section "maps/a"+0x18 (map "a"): the namespace is empty, and the map is to be pinned in it`,
		},
		"relocation in a record without pointers": {
			build: func(o *elftest.Object) {
				s := addMaps(o, "maps", rec{name: "a", words: hash})
				o.Rel(s, 8, o.Extern("missing", elf.STBGlobal), 2)
			},
			want: `section "maps"+0x8 (map "a"): a relocation against "missing": the libbpf dialect has no pointers`,
		},
		"record size of another section": {
			build: func(o *elftest.Object) {
				addMaps(o, "maps", rec{name: "a", words: make([]uint32, 12)})
				o.Data("size_of_bpf_map_def", o.Words(32))
			},
			want: `section "maps"+0x0 (map "a"): the symbol has 48 bytes, section "size_of_bpf_map_def" says that records have 32`,
		},
		"record size that is no number": {
			build: func(o *elftest.Object) { o.Data("size_of_bpf_map_def", []byte{1, 2}) },
			want:  `section "size_of_bpf_map_def"+0x0: 2 bytes, want a number of 4 or 8`,
		},
		"record size that is no record's": {
			build: func(o *elftest.Object) { o.Data("size_of_bpf_map_def", o.Words(30)) },
			want:  `section "size_of_bpf_map_def"+0x0: records of 30 bytes: want at least 16 and a multiple of 4`,
		},
		"ebpf-for-windows, by its ids": {
			build: func(o *elftest.Object) {
				addMaps(o, "maps", rec{name: "a", words: []uint32{2, 4, 4, 1, 0, 1, 7, 0}})
			},
			want: `section "maps"+0x0 (map "a"): the records are those of ebpf-for-windows: its map types have other numbers than Linux's; compile the source for Linux, with definitions in SEC(".maps")`,
			is:   elf.ErrUnsupported,
		},
		"ebpf-for-windows, by BTF": {
			build: func(o *elftest.Object) {
				addMaps(o, "maps", rec{name: "a", words: []uint32{2, 4, 4, 1, 0, 0, 0, 0}})
				addBTF(o, "maps", "_ebpf_map_definition_in_file", append(five[:4:4], "inner_map_idx", "pinning", "id", "inner_id"), "a")
			},
			want: `section "maps"+0x0 (map "a"): the records are those of ebpf-for-windows: its map types have other numbers than Linux's; compile the source for Linux, with definitions in SEC(".maps")`,
			is:   elf.ErrUnsupported,
		},
		"jbpf": {
			build: func(o *elftest.Object) {
				addMaps(o, "maps", rec{name: "a", words: []uint32{2, 4, 4, 1, 0, 0, 0, 0o400}})
				addCode(o, "jbpf_ran_ofh", "f")
			},
			want: `section "maps"+0x0 (map "a"): the records are those of jbpf: jbpf runs its programs in user space, with map types of its own; load the object with jbpf`,
			is:   elf.ErrUnsupported,
		},
		"BCC's word without a symbol": {
			build: func(o *elftest.Object) { o.Data("maps/hash", o.Words(hash...)) },
			want:  `section "maps/hash"+0x0: 20 bytes of map records without a symbol to name them`,
		},
		"BCC": {
			build: func(o *elftest.Object) { addMaps(o, "maps/hash", rec{name: "counts", words: make([]uint32, 30)}) },
			want:  `section "maps/hash"+0x0 (map "counts"): the records are those of BCC: BCC's tables are made while it compiles; run the tool with BCC, or build its libbpf version (libbpf-tools)`,
			is:    elf.ErrUnsupported,
		},
		"BTF: another kind": {
			build: func(o *elftest.Object) {
				addMaps(o, "maps", rec{name: "a", words: hash})
				b := &elftest.BTF{}
				declare(o, b, "maps", b.Int("int", 4, rawbtf.IntSigned), "a")
			},
			want: `section "maps"+0x0 (map "a"): BTF says that the variable is of kind int: want a struct of map attributes`,
		},
		"BTF: an array of numbers": {
			build: func(o *elftest.Object) {
				addMaps(o, "maps", rec{name: "a", words: hash})
				b := &elftest.BTF{}
				declare(o, b, "maps", b.Array(b.Int("int", 4, rawbtf.IntSigned), 5), "a")
			},
			want: `section "maps"+0x0 (map "a"): BTF says that the variable is of kind array: want a struct of map attributes`,
		},
		"BTF: another size": {
			build: func(o *elftest.Object) {
				addMaps(o, "maps", rec{name: "a", words: hash})
				addBTF(o, "maps", "bpf_map_def", append(five[:5:5], "map_id"), "a")
			},
			want: `section "maps"+0x0 (map "a"): BTF says that the record has 24 bytes, the symbol 20`,
		},
		"BTF: no max_entries": {
			build: func(o *elftest.Object) {
				addMaps(o, "maps", rec{name: "a", words: hash})
				addBTF(o, "maps", "thing", []string{"type", "key_size", "value_size", "size", "map_flags"}, "a")
			},
			want: `section "maps"+0x0 (map "a"): BTF describes it as struct "thing", which has no member for max_entries: this is no map record`,
		},
		"BTF: a member twice": {
			build: func(o *elftest.Object) {
				addMaps(o, "maps", rec{name: "a", words: hash})
				addBTF(o, "maps", "thing", []string{"type", "key_size", "value_size", "max_entries", "max_elem"}, "a")
			},
			want: `section "maps"+0x10 (map "a"): member "max_elem" gives max_entries a second time`,
		},
		"BTF: members that no dialect has together": {
			build: func(o *elftest.Object) {
				addMaps(o, "maps", rec{name: "a", words: []uint32{1, 4, 8, 16, 0, 3, 0}})
				addBTF(o, "maps", "thing", append(five[:5:5], "numa_node", "inner_id"), "a")
			},
			want: `section "maps"+0x0 (map "a"): BTF describes the record as struct "thing" with inner_id, numa_node: no dialect has them together`,
			is:   elf.ErrUnsupported,
		},
		"BTF: a member of 8 bytes": {
			build: func(o *elftest.Object) {
				addMaps(o, "maps", rec{name: "a", words: make([]uint32, 10)})
				b := &elftest.BTF{}
				declare(o, b, "maps", b.Struct("thing", 40, elftest.Member{Name: "type", Type: b.Int("long", 8, 0)}), "a")
			},
			want: `section "maps"+0x0 (map "a"): member "type": want an integer of at most 4 bytes, got 8`,
		},
		"BTF: a struct for a number": {
			build: func(o *elftest.Object) {
				addMaps(o, "maps", rec{name: "a", words: hash})
				b := &elftest.BTF{}
				declare(o, b, "maps", b.Struct("thing", 20, elftest.Member{Name: "type", Type: b.Float("float", 4)}), "a")
			},
			want: `section "maps"+0x0 (map "a"): member "type": want an integer, got float`,
		},
		"BTF: a number for a text": {
			build: func(o *elftest.Object) {
				addMaps(o, "maps", rec{name: "a", words: hash})
				b := &elftest.BTF{}
				declare(o, b, "maps", b.Struct("thing", 20, elftest.Member{Name: "namespace", Type: b.Int("int", 4, 0)}), "a")
			},
			want: `section "maps"+0x0 (map "a"): member "namespace": want an array of characters, got int`,
		},
		"BTF: a number for a pointer": {
			build: func(o *elftest.Object) {
				addMaps(o, "maps", rec{name: "a", words: hash})
				b := &elftest.BTF{}
				declare(o, b, "maps", b.Struct("thing", 20, elftest.Member{Name: "persistent_path", Type: b.Int("int", 4, 0)}), "a")
			},
			want: `section "maps"+0x0 (map "a"): member "persistent_path": want a pointer, got int`,
		},
		"BTF: a member outside its struct": {
			build: func(o *elftest.Object) {
				addMaps(o, "maps", rec{name: "a", words: hash})
				b := &elftest.BTF{}
				declare(o, b, "maps", b.Struct("thing", 20, elftest.Member{Name: "type", Type: b.Int("int", 4, 0), Bits: 144}), "a")
			},
			want: `section "maps"+0x12 (map "a"): BTF says that member "type" ends outside its struct of 20 bytes`,
		},
		"BTF: far too many members": {
			build: func(o *elftest.Object) {
				addMaps(o, "maps", rec{name: "a", words: make([]uint32, 70)})
				addBTF(o, "maps", "thing", make([]string, 70), "a")
			},
			want: `section "maps"+0x0 (map "a"): BTF describes it as a struct of 70 members: this is no map record`,
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			bothOrders(t, func(t *testing.T, o *elftest.Object) {
				test.build(o)
				want := strings.ReplaceAll(test.want, "BYTE", map[bool]string{false: "0x14", true: "0x17"}[o.BigEndian])
				maps, warnings, err := decode(t, o, legacy.Options{})
				if maps != nil || warnings != nil {
					t.Errorf("got %v, %v beside an error", maps, warnings)
				}
				if err == nil || err.Error() != want {
					t.Fatalf("\n got %v\nwant %s", err, want)
				}
				is := test.is
				if is == nil {
					is = elf.ErrMalformed
				}
				if !errors.Is(err, is) {
					t.Errorf("%v is not %v", err, is)
				}
				var located *elf.Error
				if !errors.As(err, &located) || located.Section == "" {
					t.Errorf("%v has no place", err)
				}
			})
		})
	}
}
