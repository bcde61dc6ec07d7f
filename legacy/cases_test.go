// SPDX-License-Identifier: MIT

package legacy_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestCases names the cases that loaders of maps sections are known to have got
// wrong, each with the sample object that has it and what is to be read from it in
// every variant of the object. Cases that no compiler makes are built by code, in
// the tests that the last lines name.
func TestCases(t *testing.T) {
	for name, tc := range map[string]struct{ object, want string }{
		"28 bytes, of the samples":                {"quartet_samples", `samples: BTF describes the record as struct "bpf_map_def" with inner_map_idx, numa_node`},
		"28 bytes, of iproute2":                   {"quartet_iproute2", `iproute2: BTF describes the record as struct "bpf_elf_map" with id, pinning`},
		"28 bytes, of aya":                        {"quartet_aya", `aya: BTF describes the record as struct "bpf_map_def" with id, pinning`},
		"28 bytes, of AWS":                        {"quartet_aws", `aws: BTF describes the record as struct "bpf_map_def_pvt" with pinning, inner_map_fd`},
		"28 bytes, without BTF":                   {"quartet_aws", "aya's records look the same and mean by name: choose with --dialect"},
		"28 bytes, of ir-keytable":                {"keytable28", `keytable: section "lirc_mode2/maps"`},
		"28 bytes, of ir-keytable before 1.22":    {"keytable_old", `keytable: the code in section "sample" calls bpf_rc_keydown`},
		"a key in hexadecimal":                    {"tail_sections", "tail call 1/0x1010: slot 4112 of first"},
		"an id in octal":                          {"tail_sections", "tail call 010/8: slot 8 of eighth"},
		"inner_idx -1":                            {"iproute36", "map pattern in maps+0x6c (36 bytes): array key 4 value 4078 entries 1 flags 0x0 id 4\n"},
		"a slot by inner_idx":                     {"iproute36", "slot 5: inner_too"},
		"inner_map_idx 0":                         {"samples28", "map array_of_ports in maps+0x38 (28 bytes): array_of_maps key 4 value 0 entries 4 flags 0x0\n  holds maps like ports"},
		"node 0 with the flag":                    {"samples28", "map on_node in maps+0x70 (28 bytes): hash key 4 value 8 entries 1000 flags 0x4\n"},
		"a weak map":                              {"weak", "map shared in maps+0x0"},
		"a static map":                            {"static_map", `section "maps"+0x0 (map "first"): the variable is static`},
		"an array of definitions":                 {"array_of_defs", `section "maps"+0x0 (map "tables"): 3 records of 20 bytes under one symbol`},
		"unequal records":                         {"unequal", "map extended in maps+0x14 (36 bytes)"},
		"unequal records, symbols without sizes":  {"unequal", `section "maps"+0x14 (map "extended"): a record of 36 bytes beside one of 20`},
		"no machine, relocation types, functions": {"ovs", "ovs-aged.o\niproute2: records of 28 bytes"},
		"maps/NAME and another symbol":            {"name_differs", "map flows in maps/flows+0x0 (20 bytes): hash key 4 value 8 entries 16 flags 0x0 alias flow_table"},
		"types by ____btf_map_NAME":               {"kv_annotation", "map by_address in maps+0x0 (20 bytes): hash key 8 value 16 entries 512 flags 0x0 types 1,6"},
		".maps.counter is no annotation":          {"bee", "== bee.o bee-clang22.o bee-eb.o bee-nobtf.o bee-notype.o\n"},
		"pinning 16":                              {"cilium_pinning", "pinning replace of 16"},
		"a member that no dialect has":            {"extra_tail", `member "color" is set (byte 0x7 at +0x20) and no dialect knows it`},
		"bytes that no dialect has":               {"extra_tail", "the word at +0x20 is 0x7: no dialect explains it in a record of 44 bytes"},
		"pointers in maps":                        {"pointers", `member "key" is a pointer: a definition made of types belongs in SEC(".maps")`},
		"a record within a struct":                {"nested", `libbpf: BTF describes the record as struct "wrapped"`},
		"goebpf, by symbol":                       {"goebpf40", "holds maps like pattern"},
		"goebpf, by section and addend":           {"goebpf40", "holds maps like private_pattern"},
		"goebpf's path":                           {"goebpf40", "pin kept: /sys/fs/bpf/bpfload_kept\n"},
		"android, 32 bytes":                       {"android32", "(32 bytes)"},
		"android, 40 bytes":                       {"android40", "(40 bytes)"},
		"android, 48 bytes":                       {"android48", "(48 bytes)"},
		"android, 116 bytes":                      {"android116", "(116 bytes)"},
		"android, 120 bytes":                      {"android120", "(120 bytes)"},
		"android, two variants of a program":      {"android48", "pin ingress_old: /sys/fs/bpf/prog_android48_schedcls_ingress6_clat_rawip"},
		"android, beside .maps":                   {"android_maps", "program CGROUP_SKB_on_ingress_0"},
		"a tentative definition":                  {"aws_tentative", `section ".bss"+0x0 (map "conntrack_map"): a map record of 28 bytes without initialiser and section`},
		"max_entries 0":                           {"ncpu", "choose one with --max-entries scratch=N"},
		"Falco's fillers":                         {"ncpu", `the number of "sys_open" is in a table of Falco's loader`},
		"ebpf-for-windows":                        {"windows32", "ebpf-for-windows"},
		"jbpf":                                    {"jbpf32", "jbpf"},
		"BCC":                                     {"bcc", "BCC"},
	} {
		golden, err := os.ReadFile(filepath.Join("testdata", tc.object+".txt"))
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(string(golden), tc.want) {
			t.Errorf("%s: %s.txt has no %q", name, tc.object, tc.want)
		}
	}
	// android's NAME@VERSION.o: TestPinPath
	// holes that a linker leaves where a weak map was overridden: TestSymbols
	// a call of memcpy that is not there: reloc's TestLinkErrors
	// an object in which nothing is a program: loader's TestNoPrograms
}
