// SPDX-License-Identifier: MIT

package legacy_test

import (
	"testing"

	"github.com/cilium/ebpf"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/bpfload/bpfload/elf"
	"github.com/bpfload/bpfload/internal/elftest"
	"github.com/bpfload/bpfload/legacy"
	"github.com/bpfload/bpfload/spec"
)

func TestProgramDefs(t *testing.T) {
	tests := map[string]struct {
		build func(o *elftest.Object)
		want  []legacy.ProgramDef
	}{
		"progs of version 0.0": {
			build: func(o *elftest.Object) {
				addMaps(o, "progs", rec{name: "first_def", words: []uint32{1000, 1001, 5 << 24, 6 << 24}, tail: []byte{1, 0, 0, 0}},
					rec{name: "second_def", words: []uint32{0, 0, 0, 0xffffffff, 0}})
			},
			want: []legacy.ProgramDef{
				{Function: "first", UID: 1000, GID: 1001, Gates: spec.Gates{MaxLoader: 0x10000, MinKernel: 5 << 24, MaxKernel: 6 << 24, Optional: true}},
				{Function: "second", Gates: spec.Gates{MaxLoader: 0x10000, MaxKernel: 0xffffffff}},
			},
		},
		"progs of version 0.33": {
			build: func(o *elftest.Object) {
				o.Data("size_of_bpf_prog_def", o.Order().AppendUint64(nil, 92))
				tail := append([]byte{0, 3, 0, 0}, o.Words(19, 37)...)
				tail = append(tail, chars("fs_bpf_net_shared", 32)...)
				tail = append(tail, chars("net_shared/", 32)...)
				addMaps(o, "progs", rec{name: "only_def", words: []uint32{0, 3004, 0, 0xffffffff}, tail: tail})
			},
			want: []legacy.ProgramDef{
				{Function: "only", GID: 3004, Gates: spec.Gates{MinLoader: 19, MaxLoader: 37, MaxKernel: 0xffffffff, Ignore: 3,
					SELinux: "fs_bpf_net_shared", Subdir: "net_shared/"}},
			},
		},
		".android_progs": {
			build: func(o *elftest.Object) {
				tail := append([]byte{1, 0, 0, 0}, o.Words(3300, 3700)...)
				tail = append(tail, chars("/sys/fs/bpf/netd_shared/tmp", 70)...)
				tail = append(tail, chars("/sys/fs/bpf/netd_shared/prog_netd_x", 70)...)
				tail = append(tail, o.Words(24)...)
				addMaps(o, ".android_progs", rec{name: "schedcls_ingress_def", words: []uint32{3, 0, 1, 2, 4 << 24, 0xffffffff}, tail: tail})
			},
			want: []legacy.ProgramDef{
				{Function: "schedcls_ingress", Type: ebpf.SchedCLS, UID: 1, GID: 2, PinPath: "/sys/fs/bpf/netd_shared/prog_netd_x",
					Gates: spec.Gates{MinKernel: 4 << 24, MaxKernel: 0xffffffff, MinAPI: 3300, MaxAPI: 3700, Optional: true, Create: "/sys/fs/bpf/netd_shared/tmp"}},
			},
		},
		"code in a section called progs": {
			build: func(o *elftest.Object) { addCode(o, "progs", "f") },
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			bothOrders(t, func(t *testing.T, o *elftest.Object) {
				test.build(o)
				f, _ := elftest.MustParse(t, o.Bytes())
				got, err := legacy.ProgramDefs(f)
				if err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(test.want, got, cmpopts.IgnoreFields(legacy.ProgramDef{}, "Place")); diff != "" {
					t.Errorf("definitions (-want +got):\n%s", diff)
				}
			})
		})
	}
}

func TestProgramDefErrors(t *testing.T) {
	tests := map[string]struct {
		build func(o *elftest.Object)
		want  string
	}{
		"name": {
			build: func(o *elftest.Object) { addMaps(o, "progs", rec{name: "f", words: make([]uint32, 5)}) },
			want:  `section "progs"+0x0 (program "f"): the record of function F is called F_def`,
		},
		"size": {
			build: func(o *elftest.Object) {
				o.Data("size_of_bpf_prog_def", o.Words(28))
				addMaps(o, "progs", rec{name: "f_def", words: make([]uint32, 5)})
			},
			want: `section "progs"+0x0 (program "f_def"): the symbol has 20 bytes, section "size_of_bpf_prog_def" says that records have 28`,
		},
		"static": {
			build: func(o *elftest.Object) {
				s := o.Data("progs", make([]byte, 20))
				o.Symbol(elftest.Symbol{Name: "f_def", Type: elf.STTObject, Section: s, Size: 20})
			},
			want: `section "progs"+0x0 (program "f_def"): the variable is static: loaders of section "progs" saw global ones only; remove the word static`,
		},
		"size of size": {
			build: func(o *elftest.Object) {
				o.Data("size_of_bpf_prog_def", nil)
				addMaps(o, "progs", rec{name: "f_def", words: make([]uint32, 5)})
			},
			want: `section "size_of_bpf_prog_def"+0x0: 0 bytes, want a number of 4 or 8`,
		},
		"no contents": {
			build: func(o *elftest.Object) { o.Object("f_def", o.Bss(".android_progs", 408), 0xb4, 180) },
			want:  `section ".android_progs"+0x0: program records of 408 bytes without contents: the variables need initialisers`,
		},
		"location": {
			build: func(o *elftest.Object) {
				tail := append(o.Words(0, 0, 0), chars("", 70)...)
				tail = append(append(tail, chars("/sys/fs/bpf/./x", 70)...), 0, 0, 0, 0)
				addMaps(o, ".android_progs", rec{name: "f_def", words: make([]uint32, 6), tail: tail})
			},
			want: `section ".android_progs"+0x6a (program "f_def"): location "/sys/fs/bpf/./x": want an absolute path without detours`,
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			o := &elftest.Object{}
			test.build(o)
			f, _ := elftest.MustParse(t, o.Bytes())
			_, err := legacy.ProgramDefs(f)
			if err == nil || err.Error() != test.want {
				t.Errorf("\n got %v\nwant %s", err, test.want)
			}
		})
	}
}
