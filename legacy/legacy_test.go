// SPDX-License-Identifier: MIT

package legacy_test

import (
	"testing"

	"github.com/cilium/ebpf"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/bpfload/bpfload/internal/elftest"
	"github.com/bpfload/bpfload/legacy"
	"github.com/bpfload/bpfload/spec"
)

func TestDialects(t *testing.T) {
	tests := map[string]struct {
		build    func(o *elftest.Object)
		want     []*spec.Map
		warnings []string // codes
	}{
		"min": {
			build: func(o *elftest.Object) {
				addMaps(o, "maps", rec{name: "a", words: []uint32{1, 4, 8, 16}}, rec{name: "b", words: []uint32{2, 4, 4, 1}})
			},
			want: []*spec.Map{
				want("a", ebpf.Hash, 4, 8, 16, spec.Legacy{Dialect: "min", InnerIndex: -1}, nil),
				want("b", ebpf.Array, 4, 4, 1, spec.Legacy{Dialect: "min", InnerIndex: -1}, nil),
			},
		},
		"libbpf": {
			build: func(o *elftest.Object) { addMaps(o, "maps", rec{name: "a", words: []uint32{1, 4, 8, 16, 1}}) },
			want:  []*spec.Map{want("a", ebpf.Hash, 4, 8, 16, spec.Legacy{Dialect: "libbpf", InnerIndex: -1}, flags(1))},
		},
		"padded": {
			build: func(o *elftest.Object) {
				addMaps(o, "maps", rec{name: "a", words: []uint32{1, 4, 8, 16, 1, 0, 0, 0, 0, 0, 0}})
			},
			want: []*spec.Map{want("a", ebpf.Hash, 4, 8, 16, spec.Legacy{Dialect: "libbpf", InnerIndex: -1}, flags(1))},
		},
		"calico": {
			build: func(o *elftest.Object) { addMaps(o, "maps", rec{name: "a", words: []uint32{1, 4, 8, 16, 1, 77}}) },
			want:  []*spec.Map{want("a", ebpf.Hash, 4, 8, 16, spec.Legacy{Dialect: "calico", InnerIndex: -1, MapID: 77}, flags(1))},
		},
		"samples": {
			build: func(o *elftest.Object) {
				addMaps(o, "maps",
					rec{name: "port", words: []uint32{2, 4, 4, 64, 0, 0, 0}},
					rec{name: "a_of_port", words: []uint32{12, 4, 0, 8, 0, 0, 0}},
					rec{name: "near", words: []uint32{5, 4, 4, 8, 4, 0, 1}})
			},
			want: []*spec.Map{
				want("port", ebpf.Array, 4, 4, 64, spec.Legacy{Dialect: "samples"}, nil),
				want("a_of_port", ebpf.ArrayOfMaps, 4, 0, 8, spec.Legacy{Dialect: "samples"}, func(m *spec.Map) {
					m.Inner = want("port", ebpf.Array, 4, 4, 64, spec.Legacy{Dialect: "samples"}, nil)
				}),
				want("near", ebpf.PerCPUHash, 4, 4, 8, spec.Legacy{Dialect: "samples"}, func(m *spec.Map) { m.Flags, m.NUMANode = 4, 1 }),
			},
		},
		"samples before numa_node": {
			build: func(o *elftest.Object) {
				addMaps(o, "maps", rec{name: "outer", words: []uint32{13, 4, 0, 8, 0, 1}}, rec{name: "inner", words: []uint32{1, 4, 4, 8, 0, 0}})
			},
			want: []*spec.Map{
				want("outer", ebpf.HashOfMaps, 4, 0, 8, spec.Legacy{Dialect: "samples", InnerIndex: 1}, func(m *spec.Map) {
					m.Inner = want("inner", ebpf.Hash, 4, 4, 8, spec.Legacy{Dialect: "samples"}, nil)
				}),
				want("inner", ebpf.Hash, 4, 4, 8, spec.Legacy{Dialect: "samples"}, nil),
			},
		},
		"inner index counts across maps/NAME sections": {
			build: func(o *elftest.Object) {
				addMaps(o, "maps/outer", rec{name: "outer", words: []uint32{12, 4, 4, 8, 0, 1, 0}})
				addMaps(o, "maps/inner", rec{name: "inner", words: []uint32{2, 4, 4, 1, 0, 0, 0}})
			},
			want: []*spec.Map{
				want("outer", ebpf.ArrayOfMaps, 4, 4, 8, spec.Legacy{Dialect: "samples", InnerIndex: 1}, func(m *spec.Map) {
					m.Inner = want("inner", ebpf.Array, 4, 4, 1, spec.Legacy{Dialect: "samples"}, nil)
				}),
				want("inner", ebpf.Array, 4, 4, 1, spec.Legacy{Dialect: "samples"}, nil),
			},
		},
		"outer map that names itself": {
			build:    func(o *elftest.Object) { addMaps(o, "maps", rec{name: "mim", words: []uint32{12, 4, 4, 1, 0, 0, 0}}) },
			want:     []*spec.Map{want("mim", ebpf.ArrayOfMaps, 4, 4, 1, spec.Legacy{Dialect: "samples"}, nil)},
			warnings: []string{"inner-map-missing"},
		},
		"NUMA flag with node 0": {
			build: func(o *elftest.Object) { addMaps(o, "maps", rec{name: "a", words: []uint32{1, 4, 8, 16, 4, 0, 0}}) },
			want:  []*spec.Map{want("a", ebpf.Hash, 4, 8, 16, spec.Legacy{Dialect: "samples"}, flags(4))},
		},
		"iproute2 of 2015": {
			build: func(o *elftest.Object) {
				addMaps(o, "maps", rec{name: "a", words: []uint32{1, 4, 8, 16, 0, 7, 2}}, rec{name: "b", words: []uint32{3, 4, 4, 9, 0, 1, 0}},
					rec{name: "c", words: []uint32{2, 4, 4, 9, 0, 0, 1}}, rec{name: "d", words: []uint32{2, 4, 4, 9, 0, 0, 5}})
			},
			want: []*spec.Map{
				want("a", ebpf.Hash, 4, 8, 16, spec.Legacy{Dialect: "iproute2", ID: 7, Pinning: 2}, pinned(spec.PinGlobalNS)),
				want("b", ebpf.ProgramArray, 4, 4, 9, spec.Legacy{Dialect: "iproute2", ID: 1}, nil),
				want("c", ebpf.Array, 4, 4, 9, spec.Legacy{Dialect: "iproute2", Pinning: 1}, pinned(spec.PinObjectNS)),
				want("d", ebpf.Array, 4, 4, 9, spec.Legacy{Dialect: "iproute2", Pinning: 5}, pinned(spec.PinCustom)),
			},
		},
		"iproute2": {
			build: func(o *elftest.Object) {
				addMaps(o, "maps",
					rec{name: "outer", words: []uint32{12, 4, 0, 8, 0, 0, 2, 4, 0}},
					rec{name: "first", words: []uint32{2, 4, 4, 1, 0, 4, 0, 0, 5}},
					rec{name: "second", words: []uint32{2, 4, 4, 1, 0, 4, 0, 0, 2}})
			},
			want: []*spec.Map{
				want("outer", ebpf.ArrayOfMaps, 4, 0, 8, spec.Legacy{Dialect: "iproute2", Pinning: 2, InnerID: 4}, func(m *spec.Map) {
					m.Pinning = spec.PinGlobalNS
					m.Inner = want("first", ebpf.Array, 4, 4, 1, spec.Legacy{Dialect: "iproute2", ID: 4, InnerIndex: 5}, nil)
					m.Values = []spec.Slot{{Index: 2, Map: "second"}, {Index: 5, Map: "first"}}
				}),
				want("first", ebpf.Array, 4, 4, 1, spec.Legacy{Dialect: "iproute2", ID: 4, InnerIndex: 5}, nil),
				want("second", ebpf.Array, 4, 4, 1, spec.Legacy{Dialect: "iproute2", ID: 4, InnerIndex: 2}, nil),
			},
		},
		"Cilium's pinning 16": {
			build: func(o *elftest.Object) {
				addMaps(o, "maps", rec{name: "a", words: []uint32{3, 4, 4, 64, 0, 1, 16, 0, 0}})
			},
			want: []*spec.Map{want("a", ebpf.ProgramArray, 4, 4, 64, spec.Legacy{Dialect: "iproute2", ID: 1, Pinning: 16}, pinned(spec.PinReplace))},
		},
		"pinning 1 without an id, which aya writes as well": {
			build: func(o *elftest.Object) {
				addMaps(o, "maps", rec{name: "a", words: []uint32{1, 4, 8, 16, 0, 0, 1}})
			},
			want:     []*spec.Map{want("a", ebpf.Hash, 4, 8, 16, spec.Legacy{Dialect: "iproute2", Pinning: 1}, pinned(spec.PinObjectNS))},
			warnings: []string{"dialect-uncertain"},
		},
		"a word that may be AWS's pinning or iproute2's id": {
			build: func(o *elftest.Object) {
				addMaps(o, "maps", rec{name: "a", words: []uint32{1, 4, 8, 16, 0, 0, 0}}, rec{name: "b", words: []uint32{1, 4, 8, 16, 0, 2, 0}})
			},
			want: []*spec.Map{
				want("a", ebpf.Hash, 4, 8, 16, spec.Legacy{Dialect: "aws", InnerIndex: -1}, nil),
				want("b", ebpf.Hash, 4, 8, 16, spec.Legacy{Dialect: "aws", Pinning: 2, InnerIndex: -1}, pinned(spec.PinGlobalNS)),
			},
			warnings: []string{"dialect-uncertain"},
		},
		"AWS's pinning, in an object with AWS's section": {
			build: func(o *elftest.Object) {
				addMaps(o, "maps", rec{name: "a", words: []uint32{1, 4, 8, 16, 0, 2, 0}})
				addCode(o, "tc_cls", "f")
			},
			want: []*spec.Map{want("a", ebpf.Hash, 4, 8, 16, spec.Legacy{Dialect: "aws", Pinning: 2, InnerIndex: -1}, pinned(spec.PinGlobalNS))},
		},
		"inner_idx -1 is a template only, whatever the key": {
			build: func(o *elftest.Object) {
				addMaps(o, "maps",
					rec{name: "maglev_inner", words: []uint32{2, 4, 4078, 1, 0, 4, 0, 0, 0xffffffff}},
					rec{name: "maglev", words: []uint32{13, 2, 4, 65536, 0, 0, 2, 4, 0}})
			},
			want: []*spec.Map{
				want("maglev_inner", ebpf.Array, 4, 4078, 1, spec.Legacy{Dialect: "iproute2", ID: 4, InnerIndex: -1}, nil),
				want("maglev", ebpf.HashOfMaps, 2, 4, 65536, spec.Legacy{Dialect: "iproute2", Pinning: 2, InnerID: 4}, func(m *spec.Map) {
					m.Pinning = spec.PinGlobalNS
					m.Inner = want("maglev_inner", ebpf.Array, 4, 4078, 1, spec.Legacy{Dialect: "iproute2", ID: 4, InnerIndex: -1}, nil)
				}),
			},
		},
		"two maps for one slot": {
			build: func(o *elftest.Object) {
				addMaps(o, "maps",
					rec{name: "outer", words: []uint32{12, 4, 0, 8, 0, 0, 0, 4, 0}},
					rec{name: "first", words: []uint32{2, 4, 4, 1, 0, 4, 0, 0, 0}},
					rec{name: "second", words: []uint32{2, 4, 4, 1, 0, 4, 0, 0, 0}})
			},
			want: []*spec.Map{
				want("outer", ebpf.ArrayOfMaps, 4, 0, 8, spec.Legacy{Dialect: "iproute2", InnerID: 4}, func(m *spec.Map) {
					m.Inner = want("first", ebpf.Array, 4, 4, 1, spec.Legacy{Dialect: "iproute2", ID: 4}, nil)
					m.Values = []spec.Slot{{Index: 0, Map: "second"}}
				}),
				want("first", ebpf.Array, 4, 4, 1, spec.Legacy{Dialect: "iproute2", ID: 4}, nil),
				want("second", ebpf.Array, 4, 4, 1, spec.Legacy{Dialect: "iproute2", ID: 4}, nil),
			},
			warnings: []string{"slot-replaced"},
		},
		"outer map without inner_id": {
			build: func(o *elftest.Object) {
				addMaps(o, "maps", rec{name: "outer", words: []uint32{12, 4, 0, 8, 0, 0, 0, 0, 0}})
			},
			want:     []*spec.Map{want("outer", ebpf.ArrayOfMaps, 4, 0, 8, spec.Legacy{Dialect: "iproute2"}, nil)},
			warnings: []string{"inner-map-missing"},
		},
		"aya": {
			build: func(o *elftest.Object) {
				addMaps(o, "maps", rec{name: "A", words: []uint32{1, 4, 8, 16, 0, 0, 1}}, rec{name: "B", words: []uint32{1, 4, 8, 16, 0, 0, 0}})
				o.Section(elftest.Section{Name: ".debug_str", Data: []byte("\x00clang LLVM (rustc version 1.70.0-nightly)\x00")})
			},
			want: []*spec.Map{
				want("A", ebpf.Hash, 4, 8, 16, spec.Legacy{Dialect: "aya", InnerIndex: -1, Pinning: 1}, pinned(spec.PinByName)),
				want("B", ebpf.Hash, 4, 8, 16, spec.Legacy{Dialect: "aya", InnerIndex: -1}, nil),
			},
		},
		"aws": {
			build: func(o *elftest.Object) {
				addMaps(o, "maps", rec{name: "ingress_map", words: []uint32{11, 8, 288, 65536, 1, 2, 0}}, rec{name: "local", words: []uint32{1, 4, 8, 16, 0, 0, 0}},
					rec{name: "custom", words: []uint32{1, 4, 8, 16, 0, 3, 0}})
				o.Func("handle_ingress", o.Code("tc_cls", elftest.Ret0, elftest.Exit), 0, 16)
			},
			want: []*spec.Map{
				want("ingress_map", ebpf.LPMTrie, 8, 288, 65536, spec.Legacy{Dialect: "aws", InnerIndex: -1, Pinning: 2},
					func(m *spec.Map) { m.Flags, m.Pinning = 1, spec.PinGlobalNS }),
				want("local", ebpf.Hash, 4, 8, 16, spec.Legacy{Dialect: "aws", InnerIndex: -1}, nil),
				want("custom", ebpf.Hash, 4, 8, 16, spec.Legacy{Dialect: "aws", InnerIndex: -1, Pinning: 3}, nil),
			},
			warnings: []string{"pinning-unused"},
		},
		"gobpf": {
			build: func(o *elftest.Object) {
				ns := func(s string) []byte { return append([]byte(s), make([]byte, 256-len(s))...) }
				addMaps(o, "maps/tcp", rec{name: "tcp", words: []uint32{1, 4, 8, 16, 0, 2}, tail: ns("scope")})
				addMaps(o, "maps/events", rec{name: "events_symbol", words: []uint32{4, 4, 4, 0, 0, 0}, tail: ns("")})
				addMaps(o, "maps/custom", rec{name: "custom", words: []uint32{2, 4, 4, 1, 0, 3}, tail: ns("")})
				addMaps(o, "maps/object", rec{name: "object", words: []uint32{2, 4, 4, 1, 0, 1}, tail: ns("")})
				addMaps(o, "maps/odd", rec{name: "odd", words: []uint32{2, 4, 4, 1, 0, 9}, tail: ns("")})
			},
			want: []*spec.Map{
				want("tcp", ebpf.Hash, 4, 8, 16, spec.Legacy{Dialect: "gobpf", InnerIndex: -1, Pinning: 2, Namespace: "scope"}, pinned(spec.PinNamespace)),
				want("events", ebpf.PerfEventArray, 4, 4, 0, spec.Legacy{Dialect: "gobpf", InnerIndex: -1, Alias: "events_symbol"}, nil),
				want("custom", ebpf.Array, 4, 4, 1, spec.Legacy{Dialect: "gobpf", InnerIndex: -1, Pinning: 3}, pinned(spec.PinCustom)),
				want("object", ebpf.Array, 4, 4, 1, spec.Legacy{Dialect: "gobpf", InnerIndex: -1, Pinning: 1}, pinned(spec.PinObjectNS)),
				want("odd", ebpf.Array, 4, 4, 1, spec.Legacy{Dialect: "gobpf", InnerIndex: -1, Pinning: 9}, nil),
			},
			warnings: []string{"pinning-unused"},
		},
		"goebpf without pointers": {
			build: func(o *elftest.Object) {
				addMaps(o, "maps", rec{name: "a", words: []uint32{1, 4, 8, 16, 0, 0, 0, 0, 0, 0}})
			},
			want: []*spec.Map{want("a", ebpf.Hash, 4, 8, 16, spec.Legacy{Dialect: "goebpf", InnerIndex: -1}, nil)},
		},
		"max_entries 0 stays 0": {
			build: func(o *elftest.Object) {
				addMaps(o, "maps", rec{name: "perf_map", words: []uint32{4, 4, 4, 0, 0}}, rec{name: "frame_scratch", words: []uint32{2, 4, 64, 0, 0}},
					rec{name: "local", words: []uint32{24, 4, 4, 0, 1}})
			},
			want: []*spec.Map{
				want("perf_map", ebpf.PerfEventArray, 4, 4, 0, spec.Legacy{Dialect: "libbpf", InnerIndex: -1}, nil),
				want("frame_scratch", ebpf.Array, 4, 64, 0, spec.Legacy{Dialect: "libbpf", InnerIndex: -1}, nil),
				want("local", ebpf.SkStorage, 4, 4, 0, spec.Legacy{Dialect: "libbpf", InnerIndex: -1}, flags(1)),
			},
			warnings: []string{"max-entries-zero"},
		},
		"ring buffer whose size the program sets": {
			build: func(o *elftest.Object) { addMaps(o, "maps", rec{name: "rb", words: []uint32{27, 0, 0, 0, 0}}) },
			want:  []*spec.Map{want("rb", ebpf.RingBuf, 0, 0, 0, spec.Legacy{Dialect: "libbpf", InnerIndex: -1}, nil)},
			warnings: []string{
				"max-entries-zero",
			},
		},
		"no maps section": {
			build: func(o *elftest.Object) { o.Code("xdp", elftest.Ret0, elftest.Exit) },
		},
		"code in a section called maps/x": {
			build: func(o *elftest.Object) { o.Func("f", o.Code("maps/x", elftest.Ret0, elftest.Exit), 0, 16) },
		},
		"code in a section called progs": {
			build: func(o *elftest.Object) {
				addMaps(o, "maps", rec{name: "a", words: []uint32{1, 4, 8, 16}})
				o.Func("f", o.Code("progs", elftest.Ret0, elftest.Exit), 0, 16)
			},
			want: []*spec.Map{want("a", ebpf.Hash, 4, 8, 16, spec.Legacy{Dialect: "min", InnerIndex: -1}, nil)},
		},
		"empty maps section": {
			build: func(o *elftest.Object) { o.Data("maps", nil) },
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			bothOrders(t, func(t *testing.T, o *elftest.Object) {
				test.build(o)
				got, warnings, err := decode(t, o, legacy.Options{})
				if err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(test.want, got, ignorePlace, cmpopts.EquateEmpty()); diff != "" {
					t.Errorf("maps (-want +got):\n%s", diff)
				}
				checkCodes(t, test.warnings, warnings)
				for _, m := range got {
					if len(m.Legacy.Evidence) == 0 {
						t.Errorf("map %q: no evidence", m.Name)
					}
				}
			})
		})
	}
}
