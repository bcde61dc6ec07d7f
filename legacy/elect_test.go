// SPDX-License-Identifier: MIT

package legacy_test

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/bpfload/bpfload/elf"
	"github.com/bpfload/bpfload/internal/elftest"
	"github.com/bpfload/bpfload/legacy"
)

// addCode adds an executable section of that name with one function.
func addCode(o *elftest.Object, section, function string) {
	o.Func(function, o.Code(section, elftest.Ret0, elftest.Exit), 0, 16)
}

func TestEvidence(t *testing.T) {
	r28 := func(typ, w20, w24 uint32) []uint32 { return []uint32{typ, 4, 4, 8, 0, w20, w24} }
	tests := map[string]struct {
		build    func(o *elftest.Object)
		dialect  string
		evidence []string
	}{
		"16": {
			build:    func(o *elftest.Object) { addMaps(o, "maps", rec{name: "a", words: []uint32{1, 4, 4, 8}}) },
			dialect:  "min",
			evidence: []string{"records of 16 bytes", "no other dialect has this size"},
		},
		"24": {
			build:    func(o *elftest.Object) { addMaps(o, "maps", rec{name: "a", words: []uint32{1, 4, 4, 8, 0, 3}}) },
			dialect:  "calico",
			evidence: []string{"records of 24 bytes", "one word after map_flags, and no map of maps that would need it"},
		},
		"24 with a map of maps": {
			build: func(o *elftest.Object) {
				addMaps(o, "maps", rec{name: "a", words: []uint32{1, 4, 4, 8, 0, 0}}, rec{name: "b", words: []uint32{12, 4, 4, 8, 0, 0}})
			},
			dialect:  "samples",
			evidence: []string{"records of 24 bytes", `map "b" holds maps, so that the word after map_flags is inner_map_idx`},
		},
		"36": {
			build: func(o *elftest.Object) {
				addMaps(o, "maps", rec{name: "a", words: []uint32{1, 4, 4, 8, 0, 3, 0, 0, 0}})
			},
			dialect:  "iproute2",
			evidence: []string{"records of 36 bytes", "no other dialect has this size"},
		},
		"44, all zero beyond map_flags": {
			build: func(o *elftest.Object) {
				addMaps(o, "maps", rec{name: "a", words: []uint32{1, 4, 4, 8, 1, 0, 0, 0, 0, 0, 0}})
			},
			dialect:  "libbpf",
			evidence: []string{"records of 44 bytes", "no dialect has this size, but nothing beyond map_flags is set"},
		},

		// The same 28 bytes, four meanings: the words after map_flags are
		// inner_map_idx and numa_node, id and pinning, pinning and inner_map_fd.
		"28: nothing set": {
			build:    func(o *elftest.Object) { addMaps(o, "maps", rec{name: "a", words: r28(1, 0, 0)}) },
			dialect:  "samples",
			evidence: []string{"records of 28 bytes", "no word after map_flags is set, and without them the dialects of this size do not differ"},
		},
		"28: NUMA flag": {
			build:    func(o *elftest.Object) { addMaps(o, "maps", rec{name: "a", words: []uint32{1, 4, 4, 8, 4, 0, 1}}) },
			dialect:  "samples",
			evidence: []string{"records of 28 bytes", `map "a" sets BPF_F_NUMA_NODE, so that the last word is numa_node`},
		},
		"28: map of maps": {
			build: func(o *elftest.Object) {
				addMaps(o, "maps", rec{name: "a", words: r28(1, 0, 0)}, rec{name: "b", words: r28(13, 0, 0)})
			},
			dialect:  "samples",
			evidence: []string{"records of 28 bytes", `map "b" holds maps and the last word, numa_node, is 0`},
		},
		"28: pinning": {
			build:    func(o *elftest.Object) { addMaps(o, "maps", rec{name: "a", words: r28(1, 0, 2)}) },
			dialect:  "iproute2",
			evidence: []string{"records of 28 bytes", `map "a" has 2 in the last word, pinning, and no BPF_F_NUMA_NODE that would make it numa_node`},
		},
		"28: tail calls": {
			build: func(o *elftest.Object) {
				addMaps(o, "maps", rec{name: "jmp", words: r28(3, 1, 0)})
				addCode(o, "1/0x1010", "f")
			},
			dialect:  "iproute2",
			evidence: []string{"records of 28 bytes", `section names begin with 1/, the id of the prog array "jmp"`},
		},
		"28: an id": {
			build:    func(o *elftest.Object) { addMaps(o, "maps", rec{name: "a", words: r28(1, 17, 0)}) },
			dialect:  "iproute2",
			evidence: []string{"records of 28 bytes", `map "a" has 17 after map_flags, an id rather than a mode of pinning`},
		},
		"28: pinning and inner_map_fd": {
			build:    func(o *elftest.Object) { addMaps(o, "maps", rec{name: "a", words: r28(1, 2, 0)}) },
			dialect:  "aws",
			evidence: []string{"records of 28 bytes", "the word after map_flags is a mode of pinning (1 to 3) where it is set, and the last word is 0"},
		},
		"28: ids 1 and 2 in an object for AWS": {
			build: func(o *elftest.Object) {
				addMaps(o, "maps", rec{name: "a", words: r28(1, 2, 0)}, rec{name: "b", words: r28(1, 1, 0)})
				addCode(o, "tc_cls", "handle")
			},
			dialect:  "aws",
			evidence: []string{"records of 28 bytes", `section "tc_cls", and the word after map_flags is a mode of pinning (1 to 3) where it is set`},
		},
		"28: Rust by symbol": {
			build: func(o *elftest.Object) {
				addMaps(o, "maps", rec{name: "A", words: r28(1, 0, 1)})
				addCode(o, ".text", "_ZN4core9panicking5panic17h0123456789abcdefE")
			},
			dialect:  "aya",
			evidence: []string{"records of 28 bytes", "the object was compiled by rustc, no record has an id, and pinning is at most 1"},
		},
		"28: Rust with tail calls of iproute2": {
			build: func(o *elftest.Object) {
				addMaps(o, "maps", rec{name: "A", words: r28(1, 0, 1)})
				addCode(o, "1/1", "_RNvCs_4demo4main")
			},
			dialect:  "iproute2",
			evidence: []string{"records of 28 bytes", `map "A" has 1 in the last word, pinning, and no BPF_F_NUMA_NODE that would make it numa_node`},
		},
		"32: uid 0 and mode": {
			build: func(o *elftest.Object) {
				addMaps(o, "maps", rec{name: "a", words: []uint32{1, 4, 4, 8, 0, 0, 3003, 0o640}})
			},
			dialect:  "android",
			evidence: []string{"records of 32 bytes", "the word at +0x14, uid, is 0 and that at +0x1c is the mode of a file in every record"},
		},
		"32: Android's sections": {
			build: func(o *elftest.Object) {
				addMaps(o, "maps", rec{name: "a", words: []uint32{1, 4, 4, 8, 0, 0, 0, 0}})
				o.Data("bpfloader_min_ver", o.Words(2))
			},
			dialect:  "android",
			evidence: []string{`section "bpfloader_min_ver", which only Android's objects have`},
		},
		"40 with relocations": {
			build: func(o *elftest.Object) {
				s := addMaps(o, "maps", rec{name: "a", words: []uint32{1, 4, 4, 8, 0, 0, 0, 0, 0, 0}})
				o.Rel(s, 32, o.SectionSymbol(o.Rodata(".rodata.str1.1", []byte("/sys/fs/bpf/a\x00"))), 2)
			},
			dialect:  "goebpf",
			evidence: []string{"records of 40 bytes", `relocations within section "maps", for the two pointers of the record`},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			bothOrders(t, func(t *testing.T, o *elftest.Object) {
				test.build(o)
				maps, _, err := decode(t, o, legacy.Options{})
				if err != nil {
					t.Fatal(err)
				}
				for _, m := range maps {
					if m.Legacy.Dialect != test.dialect {
						t.Errorf("map %q: dialect %q, want %q", m.Name, m.Legacy.Dialect, test.dialect)
					}
					if diff := cmp.Diff(test.evidence, m.Legacy.Evidence); diff != "" {
						t.Errorf("map %q: evidence (-want +got):\n%s", m.Name, diff)
					}
				}
			})
		})
	}
}

func TestAmbiguous(t *testing.T) {
	tests := map[string]struct {
		build      func(o *elftest.Object)
		candidates []string
		message    string
	}{
		"28: NUMA node in one record, pinning in another": {
			build: func(o *elftest.Object) {
				addMaps(o, "maps", rec{name: "a", words: []uint32{1, 4, 4, 8, 4, 0, 1}}, rec{name: "b", words: []uint32{1, 4, 4, 8, 0, 0, 2}})
			},
			candidates: []string{"samples", "iproute2"},
			message:    `section "maps"+0x0 (map "a"): records of 28 bytes whose values speak for several dialects: choose between samples, iproute2 with --dialect`,
		},
		"28: ids 1, 2, 3 or modes of pinning": {
			build: func(o *elftest.Object) {
				addMaps(o, "maps", rec{name: "a", words: []uint32{1, 4, 4, 8, 0, 1, 0}}, rec{name: "b", words: []uint32{1, 4, 4, 8, 0, 2, 0}})
			},
			candidates: []string{"iproute2", "aws"},
			message:    `section "maps"+0x0 (map "a"): records of 28 bytes whose values speak for several dialects: choose between iproute2, aws with --dialect`,
		},
		"32": {
			build: func(o *elftest.Object) {
				addMaps(o, "maps", rec{name: "a", words: []uint32{1, 4, 4, 8, 0, 0, 0, 0}})
			},
			candidates: []string{"android", "windows", "jbpf"},
			message:    `section "maps"+0x0 (map "a"): records of 32 bytes that fit no dialect of this size well: choose between android, windows, jbpf with --dialect`,
		},
		"40, neither zero nor relocated": {
			build: func(o *elftest.Object) {
				addMaps(o, "maps", rec{name: "a", words: []uint32{1, 4, 4, 8, 0, 0, 0, 0o600, 0, 0x10000}})
			},
			candidates: []string{"goebpf", "android"},
			message:    `section "maps"+0x0 (map "a"): records of 40 bytes that fit no dialect of this size well: choose between goebpf, android with --dialect`,
		},
		"pinning alone, by BTF": {
			build: func(o *elftest.Object) {
				addMaps(o, "maps", rec{name: "a", words: []uint32{1, 4, 4, 8, 0, 2}})
				addBTF(o, "maps", "bpf_map_def", []string{"type", "key_size", "value_size", "max_entries", "map_flags", "pinning"}, "a")
			},
			candidates: []string{"iproute2", "aya", "aws", "gobpf"},
			message:    `section "maps"+0x0 (map "a"): records with pinning, which several dialects have: choose between iproute2, aya, aws, gobpf with --dialect`,
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			bothOrders(t, func(t *testing.T, o *elftest.Object) {
				test.build(o)
				maps, warnings, err := decode(t, o, legacy.Options{})
				if maps != nil || warnings != nil {
					t.Errorf("got %v, %v beside an error", maps, warnings)
				}
				if !errors.Is(err, legacy.ErrAmbiguous) || !errors.Is(err, elf.ErrUnsupported) {
					t.Fatalf("got %v, want ErrAmbiguous and ErrUnsupported", err)
				}
				var a *legacy.AmbiguousError
				if !errors.As(err, &a) {
					t.Fatalf("%T is no AmbiguousError", err)
				}
				if diff := cmp.Diff(test.candidates, a.Candidates); diff != "" {
					t.Errorf("candidates (-want +got):\n%s", diff)
				}
				if err.Error() != test.message {
					t.Errorf("message\n got %s\nwant %s", err, test.message)
				}
				for _, c := range a.Candidates {
					_, _, err := decode(t, o, legacy.Options{Dialect: c})
					if errors.Is(err, legacy.ErrAmbiguous) {
						t.Errorf("still ambiguous with --dialect=%s", c)
					}
				}
			})
		})
	}
}

func TestForcedDialect(t *testing.T) {
	o := &elftest.Object{}
	addMaps(o, "maps", rec{name: "a", words: []uint32{1, 4, 4, 8, 0, 2, 0}}, rec{name: "b", words: []uint32{1, 4, 4, 8, 0, 1, 0}})
	for _, d := range []string{"samples", "iproute2", "aws", "aya"} {
		maps, _, err := decode(t, o, legacy.Options{Dialect: d})
		if err != nil {
			t.Errorf("%s: %v", d, err)
			continue
		}
		if got := maps[0].Legacy; got.Dialect != d || got.Evidence[0] != "the caller chose the dialect" {
			t.Errorf("%s: decoded as %s, %v", d, got.Dialect, got.Evidence)
		}
	}
	errs := map[string]string{
		"libbpf":  `section "maps"+0x14 (map "a"): the word at +0x14 is 0x2: the libbpf dialect has no field there`,
		"windows": `section "maps"+0x0 (map "a"): the records are those of ebpf-for-windows: its map types have other numbers than Linux's; compile the source for Linux, with definitions in SEC(".maps")`,
		"bcc":     `section "maps"+0x0 (map "a"): the records are those of BCC: BCC's tables are made while it compiles; run the tool with BCC, or build its libbpf version (libbpf-tools)`,
		"iprout2": `unknown dialect "iprout2": did you mean "iproute2"?`,
		"qwerty!": `unknown dialect "qwerty!": the dialects are min, libbpf, calico, samples, keytable, iproute2, aya, aws, goebpf, gobpf, android, windows, jbpf, bcc`,
	}
	for d, want := range errs {
		_, _, err := decode(t, o, legacy.Options{Dialect: d})
		if err == nil || err.Error() != want {
			t.Errorf("%s:\n got %v\nwant %s", d, err, want)
		}
	}
	if _, _, err := decode(t, o, legacy.Options{Dialect: "x"}); !errors.Is(err, legacy.ErrUnknownDialect) {
		t.Errorf("got %v, want ErrUnknownDialect", err)
	}
}

func TestDialectList(t *testing.T) {
	seen := map[string]bool{}
	for _, d := range legacy.Dialects() {
		if d.Name == "" || d.About == "" || seen[d.Name] {
			t.Errorf("%+v: want a name of its own and whose it is", d)
		}
		seen[d.Name] = true
		o := &elftest.Object{}
		addMaps(o, "maps", rec{name: "a", words: []uint32{1, 4, 4, 8}})
		_, _, err := decode(t, o, legacy.Options{Dialect: d.Name})
		if (err != nil) != (d.Refused != "") {
			t.Errorf("%s: refusal %q, error %v", d.Name, d.Refused, err)
		}
	}
}
