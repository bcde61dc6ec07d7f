// SPDX-License-Identifier: MIT

package legacy_test

import (
	"testing"

	"github.com/cilium/ebpf"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/bpfload/bpfload/internal/elftest"
	"github.com/bpfload/bpfload/legacy"
	"github.com/bpfload/bpfload/rawbtf"
	"github.com/bpfload/bpfload/spec"
)

// addBTF describes the variables of a maps section as structs of 32-bit words.
func addBTF(o *elftest.Object, section, structName string, members []string, vars ...string) {
	b := &elftest.BTF{}
	u := b.Int("unsigned int", 4, 0)
	var list []elftest.Member
	for i, name := range members {
		list = append(list, elftest.Member{Name: name, Type: u, Bits: uint32(32 * i)})
	}
	declare(o, b, section, b.Struct(structName, uint32(4*len(members)), list...), vars...)
}

// declare adds variables of a type to the DATASEC of a section and writes the BTF.
func declare(o *elftest.Object, b *elftest.BTF, section string, typ rawbtf.ID, vars ...string) {
	var infos []rawbtf.VarSecinfo
	for _, v := range vars {
		infos = append(infos, rawbtf.VarSecinfo{Type: b.Var(v, typ, rawbtf.LinkageGlobal)})
	}
	b.Datasec(section, 0, infos...)
	o.BTF(b)
}

var five = []string{"type", "key_size", "value_size", "max_entries", "map_flags"}

func TestByNames(t *testing.T) {
	tests := map[string]struct {
		build    func(o *elftest.Object)
		want     []*spec.Map
		evidence []string
	}{
		"libbpf's struct with another spelling": {
			build: func(o *elftest.Object) {
				addMaps(o, "maps", rec{name: "a", words: []uint32{1, 4, 8, 16, 1}})
				addBTF(o, "maps", "bpf_map_def", []string{"map_type", "size_key", "size_value", "max_elem", "flags"}, "a")
			},
			want:     []*spec.Map{want("a", ebpf.Hash, 4, 8, 16, spec.Legacy{Dialect: "libbpf", InnerIndex: -1}, flags(1))},
			evidence: []string{`BTF describes the record as struct "bpf_map_def" with the members of libbpf's bpf_map_def`},
		},
		"members in another order": {
			build: func(o *elftest.Object) {
				addMaps(o, "maps", rec{name: "a", words: []uint32{16, 8, 4, 1, 1}})
				addBTF(o, "maps", "bpf_map_def", []string{"max_entries", "value_size", "key_size", "type", "map_flags"}, "a")
			},
			want:     []*spec.Map{want("a", ebpf.Hash, 4, 8, 16, spec.Legacy{Dialect: "libbpf", InnerIndex: -1}, flags(1))},
			evidence: []string{`BTF describes the record as struct "bpf_map_def" with the members of libbpf's bpf_map_def`},
		},
		"pinning 2 in the place of inner_map_idx": {
			build: func(o *elftest.Object) {
				addMaps(o, "maps", rec{name: "a", words: []uint32{1, 4, 8, 16, 0, 2, 0}})
				addBTF(o, "maps", "bpf_map_def_pvt", append(five[:5:5], "pinning", "inner_map_fd"), "a")
			},
			want:     []*spec.Map{want("a", ebpf.Hash, 4, 8, 16, spec.Legacy{Dialect: "aws", InnerIndex: -1, Pinning: 2}, pinned(spec.PinGlobalNS))},
			evidence: []string{`BTF describes the record as struct "bpf_map_def_pvt" with pinning, inner_map_fd`},
		},
		"inner_map_idx and numa_node that values would give to iproute2": {
			build: func(o *elftest.Object) {
				addMaps(o, "maps", rec{name: "a", words: []uint32{1, 4, 8, 16, 0, 0, 2}})
				addBTF(o, "maps", "bpf_map_def", append(five[:5:5], "inner_map_idx", "numa_node"), "a")
			},
			want:     []*spec.Map{want("a", ebpf.Hash, 4, 8, 16, spec.Legacy{Dialect: "samples"}, nil)},
			evidence: []string{`BTF describes the record as struct "bpf_map_def" with inner_map_idx, numa_node`},
		},
		"id and pinning in a struct without a name": {
			build: func(o *elftest.Object) {
				addMaps(o, "maps", rec{name: "a", words: []uint32{1, 4, 8, 16, 0, 0, 2}})
				addBTF(o, "maps", "", append(five[:5:5], "id", "pinning"), "a")
			},
			want: []*spec.Map{want("a", ebpf.Hash, 4, 8, 16, spec.Legacy{Dialect: "iproute2", Pinning: 2}, pinned(spec.PinGlobalNS))},
			evidence: []string{"BTF describes the record as a struct without a name with id, pinning",
				`map "a" has 2 in the last word, pinning, and no BPF_F_NUMA_NODE that would make it numa_node`},
		},
		"id and pinning in a struct of aya's name": {
			build: func(o *elftest.Object) {
				addMaps(o, "maps", rec{name: "A", words: []uint32{1, 4, 8, 16, 0, 0, 1}})
				addBTF(o, "maps", "bpf_map_def", []string{"type_", "key_size", "value_size", "max_entries", "map_flags", "id", "pinning"}, "A")
			},
			want: []*spec.Map{want("A", ebpf.Hash, 4, 8, 16, spec.Legacy{Dialect: "aya", InnerIndex: -1, Pinning: 1}, pinned(spec.PinByName))},
			evidence: []string{`BTF describes the record as struct "bpf_map_def" with id, pinning`,
				"aya calls the struct so, iproute2 does not, no record has an id, and pinning is at most 1"},
		},
		"four members": {
			build: func(o *elftest.Object) {
				addMaps(o, "maps", rec{name: "a", words: []uint32{1, 4, 8, 16}})
				addBTF(o, "maps", "bpf_map_def", five[:4], "a")
			},
			want:     []*spec.Map{want("a", ebpf.Hash, 4, 8, 16, spec.Legacy{Dialect: "min", InnerIndex: -1}, nil)},
			evidence: []string{`BTF describes the record as struct "bpf_map_def" with type, key_size, value_size and max_entries alone`},
		},
		"members of 1 and 2 bytes": {
			build: func(o *elftest.Object) {
				data := o.Order().AppendUint16(o.Words(1, 4), 8)
				data = append(append(data, 1, 0), o.Words(16)...)
				addMaps(o, "maps", rec{name: "a", tail: data})
				b := &elftest.BTF{}
				u, h, c := b.Int("unsigned int", 4, 0), b.Int("unsigned short", 2, 0), b.Int("unsigned char", 1, 0)
				declare(o, b, "maps", b.Struct("small", 16, elftest.Member{Name: "type", Type: u}, elftest.Member{Name: "key_size", Type: u, Bits: 32},
					elftest.Member{Name: "value_size", Type: h, Bits: 64}, elftest.Member{Name: "map_flags", Type: c, Bits: 80},
					elftest.Member{Name: "max_entries", Type: u, Bits: 96}), "a")
			},
			want:     []*spec.Map{want("a", ebpf.Hash, 4, 8, 16, spec.Legacy{Dialect: "libbpf", InnerIndex: -1}, flags(1))},
			evidence: []string{`BTF describes the record as struct "small" with the members of libbpf's bpf_map_def`},
		},
		"a namespace": {
			build: func(o *elftest.Object) {
				addMaps(o, "maps/a", rec{name: "a", words: []uint32{1, 4, 8, 16, 0, 2}, tail: chars("scope", 256)})
				b := &elftest.BTF{}
				u, c := b.Int("unsigned int", 4, 0), b.Int("char", 1, rawbtf.IntSigned)
				var list []elftest.Member
				for i, name := range append(five[:5:5], "pinning") {
					list = append(list, elftest.Member{Name: name, Type: u, Bits: uint32(32 * i)})
				}
				declare(o, b, "maps/a", b.Struct("bpf_map_def", 280, append(list, elftest.Member{Name: "namespace", Type: b.Array(c, 256), Bits: 192})...), "a")
			},
			want: []*spec.Map{want("a", ebpf.Hash, 4, 8, 16, spec.Legacy{Dialect: "gobpf", InnerIndex: -1, Pinning: 2, Namespace: "scope"},
				pinned(spec.PinNamespace))},
			evidence: []string{`BTF describes the record as struct "bpf_map_def" with pinning, namespace`},
		},
		"pointers": {
			build: func(o *elftest.Object) {
				s := addMaps(o, "maps", rec{name: "a", words: []uint32{1, 4, 8, 16, 0, 0, 0, 0, 0, 0}})
				o.Rel(s, 32, o.SectionSymbol(o.Rodata(".rodata.str1.1", []byte("/sys/fs/bpf/a\x00"))), 2)
				b := &elftest.BTF{}
				u, p := b.Int("unsigned int", 4, 0), b.Ptr(0)
				var list []elftest.Member
				for i, name := range five {
					list = append(list, elftest.Member{Name: name, Type: u, Bits: uint32(32 * i)})
				}
				declare(o, b, "maps", b.Struct("bpf_map_def", 40, append(list, elftest.Member{Name: "inner_map_def", Type: p, Bits: 192},
					elftest.Member{Name: "persistent_path", Type: p, Bits: 256})...), "a")
			},
			want: []*spec.Map{want("a", ebpf.Hash, 4, 8, 16, spec.Legacy{Dialect: "goebpf", InnerIndex: -1},
				func(m *spec.Map) { m.Pinning, m.PinPath = spec.PinExplicit, "/sys/fs/bpf/a" })},
			evidence: []string{`BTF describes the record as struct "bpf_map_def" with inner_map_def, persistent_path`},
		},
		"pinning alone, not used": {
			build: func(o *elftest.Object) {
				addMaps(o, "maps", rec{name: "a", words: []uint32{1, 4, 8, 16, 0, 0}})
				addBTF(o, "maps", "bpf_map_def", append(five[:5:5], "pinning"), "a")
			},
			want:     []*spec.Map{want("a", ebpf.Hash, 4, 8, 16, spec.Legacy{Dialect: "iproute2"}, nil)},
			evidence: []string{`BTF describes the record as struct "bpf_map_def" with pinning`, "no member beyond map_flags is set"},
		},
		"members that no dialect has together, not used": {
			build: func(o *elftest.Object) {
				addMaps(o, "maps", rec{name: "a", words: []uint32{1, 4, 8, 16, 0, 0, 0}})
				addBTF(o, "maps", "bpf_map_def", append(five[:5:5], "numa_node", "inner_id"), "a")
			},
			want:     []*spec.Map{want("a", ebpf.Hash, 4, 8, 16, spec.Legacy{Dialect: "libbpf", InnerIndex: -1}, nil)},
			evidence: []string{`BTF describes the record as struct "bpf_map_def" with inner_id, numa_node`, "no member beyond map_flags is set"},
		},
		"DATASEC without the variable": {
			build: func(o *elftest.Object) {
				addMaps(o, "maps", rec{name: "a", words: []uint32{1, 4, 8, 16, 0}})
				addBTF(o, "maps", "bpf_map_def", five, "another")
			},
			want:     []*spec.Map{want("a", ebpf.Hash, 4, 8, 16, spec.Legacy{Dialect: "libbpf", InnerIndex: -1}, nil)},
			evidence: []string{"records of 20 bytes", "no other dialect has this size"},
		},
		"typedef, const and a nested def": {
			build: func(o *elftest.Object) {
				addMaps(o, "maps/a", rec{name: "sym", words: []uint32{1, 4, 8, 16, 1, 0}})
				b := &elftest.BTF{}
				u := b.Int("unsigned int", 4, 0)
				e := b.Enum("bpf_map_type", 4, false, elftest.Enumerator{Name: "HASH", Value: 1})
				def := b.Struct("bpf_map_def", 20, elftest.Member{Name: "type", Type: e}, elftest.Member{Name: "key_size", Type: u, Bits: 32},
					elftest.Member{Name: "value_size", Type: u, Bits: 64}, elftest.Member{Name: "max_entries", Type: u, Bits: 96},
					elftest.Member{Name: "map_flags", Type: u, Bits: 128})
				whole := b.Struct("", 24, elftest.Member{Name: "def", Type: def}, elftest.Member{Name: "dummy", Type: u, Bits: 160})
				declare(o, b, "maps/a", b.Const(b.Typedef("my_map", whole)), "sym")
			},
			want:     []*spec.Map{want("a", ebpf.Hash, 4, 8, 16, spec.Legacy{Dialect: "libbpf", InnerIndex: -1, Alias: "sym"}, flags(1))},
			evidence: []string{`BTF describes the record as struct "my_map" with the members of libbpf's bpf_map_def`},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			bothOrders(t, func(t *testing.T, o *elftest.Object) {
				test.build(o)
				got, _, err := decode(t, o, legacy.Options{})
				if err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(test.want, got, ignorePlace, cmpopts.EquateEmpty()); diff != "" {
					t.Errorf("maps (-want +got):\n%s", diff)
				}
				if diff := cmp.Diff(test.evidence, got[0].Legacy.Evidence); diff != "" {
					t.Errorf("evidence (-want +got):\n%s", diff)
				}
			})
		})
	}
}

// TestAnnotations is BPF_ANNOTATE_KV_PAIR: key and value types for a record, in a
// section .maps.NAME that defines no map.
func TestAnnotations(t *testing.T) {
	bothOrders(t, func(t *testing.T, o *elftest.Object) {
		addMaps(o, "maps", rec{name: "agree", words: []uint32{1, 4, 8, 16, 0}}, rec{name: "differ", words: []uint32{1, 4, 4, 16, 0}},
			rec{name: "none", words: []uint32{1, 4, 8, 16, 0}})
		b := &elftest.BTF{}
		key, value := b.Int("int", 4, rawbtf.IntSigned), b.Int("long", 8, rawbtf.IntSigned)
		for _, name := range []string{"agree", "differ"} {
			st := b.Struct("____btf_map_"+name, 16, elftest.Member{Name: "key", Type: key}, elftest.Member{Name: "value", Type: value, Bits: 64})
			b.Datasec(".maps."+name, 0, rawbtf.VarSecinfo{Type: b.Var("____btf_map_"+name, st, rawbtf.LinkageGlobal), Size: 16})
			s := o.Data(".maps."+name, make([]byte, 16))
			o.Object("____btf_map_"+name, s, 0, 16)
		}
		o.BTF(b)
		maps, warnings, err := decode(t, o, legacy.Options{})
		if err != nil {
			t.Fatal(err)
		}
		got := map[string][2]uint32{}
		for _, m := range maps {
			got[m.Name] = [2]uint32{m.KeyType, m.ValueType}
		}
		wanted := map[string][2]uint32{"agree": {key, value}, "differ": {}, "none": {}}
		if diff := cmp.Diff(wanted, got); diff != "" {
			t.Errorf("types (-want +got):\n%s", diff)
		}
		checkCodes(t, []string{"annotation-differs"}, warnings)
		const text = `section "maps"+0x14 ("differ"): struct ____btf_map_differ has a key of 4 and a value of 8 bytes, the record 4 and 4: its types are not used`
		if got := warnings[0].String(); got != text {
			t.Errorf("warning\n got %s\nwant %s", got, text)
		}
	})
}
