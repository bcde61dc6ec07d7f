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
	"github.com/bpfload/bpfload/rawbtf"
	"github.com/bpfload/bpfload/spec"
)

// chars is a text in a field of size bytes.
func chars(s string, size int) []byte { return append([]byte(s), make([]byte, size-len(s))...) }

func TestAndroidSizes(t *testing.T) {
	gates := func(max uint32) *spec.Gates { return &spec.Gates{MaxLoader: 0x10000, MaxKernel: max} }
	android := func(l spec.Legacy, f uint32) []*spec.Map {
		l.Dialect, l.InnerIndex = "android", -1
		return []*spec.Map{want("a", ebpf.Hash, 4, 8, 16, l, func(m *spec.Map) { m.Pinning, m.Flags = spec.PinAndroid, f })}
	}
	full := &spec.Gates{MinLoader: 2, MaxLoader: 0x20, MinKernel: 5 << 24, MaxKernel: 6 << 24,
		SELinux: "fs_bpf_tethering", Subdir: "tethering/", Shared: true, Ignore: 0x82}
	// What follows mode in a record of 116 bytes.
	tail := func(o *elftest.Object) []byte {
		b := o.Words(2, 0x20, 5<<24, 6<<24)
		b = append(b, chars("fs_bpf_tethering", 32)...)
		b = append(b, chars("tethering/", 32)...)
		return append(b, 1, 0x82, 0, 0)
	}
	tests := map[string]struct {
		build    func(o *elftest.Object) (words []uint32, tail []byte)
		want     []*spec.Map
		warnings []string
	}{
		"32, version 0.0": {
			build: func(o *elftest.Object) ([]uint32, []byte) {
				return []uint32{1, 4, 8, 16, 0, 0, 1000, 0o660}, nil
			},
			want: android(spec.Legacy{GID: 1000, Mode: 0o660, Gates: gates(0xffffffff)}, 0),
		},
		"40, version 0.1": {
			build: func(o *elftest.Object) ([]uint32, []byte) {
				return []uint32{1, 4, 8, 16, 0, 0, 1000, 0o660, 1, 3}, nil
			},
			want: android(spec.Legacy{GID: 1000, Mode: 0o660, Gates: &spec.Gates{MinLoader: 1, MaxLoader: 3, MaxKernel: 0xffffffff}}, 0),
		},
		"48, version 0.2": {
			build: func(o *elftest.Object) ([]uint32, []byte) {
				return []uint32{1, 4, 8, 16, 0, 1001, 1000, 0o660, 0, 0x10000, 5 << 24, 6 << 24}, nil
			},
			want: android(spec.Legacy{UID: 1001, GID: 1000, Mode: 0o660, Gates: &spec.Gates{MaxLoader: 0x10000, MinKernel: 5 << 24, MaxKernel: 6 << 24}}, 0),
		},
		"116, version 0.18": {
			build: func(o *elftest.Object) ([]uint32, []byte) {
				return []uint32{1, 4, 8, 16, 0, 0, 1000, 0o660}, tail(o)
			},
			want: android(spec.Legacy{GID: 1000, Mode: 0o660, Gates: full}, 0),
		},
		"120, version 0.28": {
			build: func(o *elftest.Object) ([]uint32, []byte) {
				return []uint32{1, 4, 8, 16, 0, 0, 1000, 0o660}, append(tail(o), o.Words(1002)...)
			},
			want: android(spec.Legacy{UID: 1002, GID: 1000, Mode: 0o660, Gates: full}, 0),
		},
		"120 with negative max_entries": {
			build: func(o *elftest.Object) ([]uint32, []byte) {
				return []uint32{1, 4, 8, 0xfffffff0, 0, 0, 1000, 0o660}, append(tail(o), o.Words(1002)...)
			},
			want: android(spec.Legacy{UID: 1002, GID: 1000, Mode: 0o660, Gates: full}, 1),
		},
		"128, from the future": {
			build: func(o *elftest.Object) ([]uint32, []byte) {
				return []uint32{1, 4, 8, 16, 0, 0, 1000, 0o660}, append(tail(o), o.Words(1002, 0, 7)...)
			},
			want:     android(spec.Legacy{UID: 1002, GID: 1000, Mode: 0o660, Gates: full}, 0),
			warnings: []string{"record-tail"},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			bothOrders(t, func(t *testing.T, o *elftest.Object) {
				words, tail := test.build(o)
				size := uint32(4*len(words) + len(tail))
				if size != 32 {
					// A size_t, read here in the object's byte order.
					o.Data("size_of_bpf_map_def", o.Order().AppendUint64(nil, uint64(size)))
				} else {
					o.Data("bpfloader_max_ver", o.Words(0x10000))
				}
				addMaps(o, "maps", rec{name: "a", words: words, tail: tail})
				got, warnings, err := decode(t, o, legacy.Options{})
				if err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(test.want, got, ignorePlace); diff != "" {
					t.Errorf("maps (-want +got):\n%s", diff)
				}
				checkCodes(t, test.warnings, warnings)
			})
		})
	}
}

// TestAndroidByBTF has max_entries as Android's header of 2025 declares it.
func TestAndroidByBTF(t *testing.T) {
	build := func(o *elftest.Object, encoding uint8) {
		addMaps(o, "maps", rec{name: "a", words: []uint32{1, 4, 8, 0xfffffff0, 0, 0, 1000, 0o660}, tail: []byte{1, 0x82, 0, 0}})
		o.Data("bpfloader_min_ver", o.Words(2))
		b := &elftest.BTF{}
		u, n, flag := b.Int("unsigned int", 4, 0), b.Int("int", 4, encoding), b.Int("bool", 1, rawbtf.IntBool)
		var list []elftest.Member
		for i, name := range append(five[:5:5], "zero", "gid", "mode") {
			list = append(list, elftest.Member{Name: name, Type: u, Bits: uint32(32 * i)})
		}
		list[3].Type = n
		list = append(list, elftest.Member{Name: "shared", Type: flag, Bits: 256, BitSize: 8},
			elftest.Member{Name: "ignore_on_eng", Type: flag, Bits: 264, BitSize: 1}, elftest.Member{Name: "ignore_on_user", Type: flag, Bits: 265, BitSize: 1})
		declare(o, b, "maps", b.Struct("bpf_map_def", 36, list...), "a")
	}
	bothOrders(t, func(t *testing.T, o *elftest.Object) {
		build(o, rawbtf.IntSigned)
		maps, _, err := decode(t, o, legacy.Options{})
		if err != nil {
			t.Fatal(err)
		}
		m := maps[0]
		if m.MaxEntries != 16 || m.Flags != 1 || m.Legacy.Gates.Ignore != 0x82 || !m.Legacy.Gates.Shared {
			t.Errorf("got %+v, %+v", m, m.Legacy)
		}
	})
	o := &elftest.Object{}
	build(o, 0)
	maps, _, err := decode(t, o, legacy.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if m := maps[0]; m.MaxEntries != 0xfffffff0 || m.Flags != 0 {
		t.Errorf("unsigned max_entries was taken for a negative one: %+v", m)
	}
}

func TestAndroidGap(t *testing.T) {
	o := &elftest.Object{}
	addMaps(o, "maps", rec{name: "a", words: append([]uint32{1, 4, 8, 16, 0, 5, 1000, 0o660}, make([]uint32, 22)...)})
	o.Data("size_of_bpf_map_def", o.Words(120))
	_, _, err := decode(t, o, legacy.Options{})
	const text = `section "maps"+0x14 (map "a"): the word at +0x14 is 0x5: the android dialect has no field there`
	if err == nil || err.Error() != text {
		t.Errorf("\n got %v\nwant %s", err, text)
	}
}

// TestRecordEndsWithinField has a record that is longer than one version of the
// layout and shorter than the next.
func TestRecordEndsWithinField(t *testing.T) {
	o := &elftest.Object{}
	addMaps(o, "maps", rec{name: "a", words: []uint32{1, 4, 8, 16, 0, 0, 1000, 0o660, 0, 0, 0, 0, 0x6162}})
	o.Data("size_of_bpf_map_def", o.Words(52))
	_, _, err := decode(t, o, legacy.Options{})
	const text = `section "maps"+0x30 (map "a"): the word at +0x30 is 0x6162: the record ends within the field that the android dialect has there`
	if err == nil || err.Error() != text {
		t.Errorf("\n got %v\nwant %s", err, text)
	}
}

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
				f, _ := parse(t, o.Bytes())
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
			f, _ := parse(t, o.Bytes())
			_, err := legacy.ProgramDefs(f)
			if err == nil || err.Error() != test.want {
				t.Errorf("\n got %v\nwant %s", err, test.want)
			}
		})
	}
}

// netMap is a record of .android_maps.
func netMap(o *elftest.Object, name string, words []uint32, pin string) rec {
	tail := append(chars("/sys/fs/bpf/net_shared/tmp", 70), chars(pin, 70)...)
	return rec{name: name, words: words, tail: append(tail, o.Words(23)...)}
}

func TestPair(t *testing.T) {
	bothOrders(t, func(t *testing.T, o *elftest.Object) {
		addMaps(o, ".android_maps",
			netMap(o, "iface_map_def", []uint32{25, 4, 8, 16, 0x80, 1, 3004, 0o660, 3300, 3700, 4 << 24, 5 << 24}, "/sys/fs/bpf/net_shared/map_netd_iface_map"),
			netMap(o, "odd_map_def", []uint32{1, 4, 4, 8, 0, 0, 0, 0, 0, 0, 0, 0}, ""))
		iface := &spec.Map{Name: "iface_map", Type: ebpf.Hash, KeySize: 4, ValueSize: 8, MaxEntries: 16, Origin: spec.OriginBTF}
		odd := &spec.Map{Name: "odd_map", Type: ebpf.Hash, KeySize: 4, ValueSize: 8, MaxEntries: 8, Origin: spec.OriginBTF}
		other := &spec.Map{Name: "other", Type: ebpf.Hash, Origin: spec.OriginBTF}
		f, _ := parse(t, o.Bytes())
		warnings, err := legacy.Pair(f, []*spec.Map{other, odd, iface})
		if err != nil {
			t.Fatal(err)
		}
		checkCodes(t, []string{"record-differs"}, warnings)
		if got, text := warnings[0].String(), `section ".android_maps"+0xc8 ("odd_map_def"): value_size differs from that of the definition in .maps, which counts`; got != text {
			t.Errorf("warning\n got %s\nwant %s", got, text)
		}
		wanted := &spec.Map{Name: "iface_map", Type: ebpf.DevMapHash, KeySize: 4, ValueSize: 8, MaxEntries: 16, Flags: 0x80, Origin: spec.OriginBTF,
			Pinning: spec.PinAndroid, PinPath: "/sys/fs/bpf/net_shared/map_netd_iface_map",
			Legacy: &spec.Legacy{Dialect: "netbpfload", UID: 1, GID: 3004, Mode: 0o660, InnerIndex: -1, Gates: &spec.Gates{
				MinAPI: 3300, MaxAPI: 3700, MinKernel: 4 << 24, MaxKernel: 5 << 24, Create: "/sys/fs/bpf/net_shared/tmp"}}}
		if diff := cmp.Diff(wanted, iface, ignorePlace); diff != "" {
			t.Errorf("map (-want +got):\n%s", diff)
		}
		if odd.Legacy == nil || odd.Pinning != spec.PinNone || other.Legacy != nil {
			t.Errorf("got %+v and %+v", odd, other)
		}
		if got := legacy.Conventions([]*spec.Map{iface})[0]; got != "android" {
			t.Errorf("first convention %q", got)
		}
	})
}

func TestPairErrors(t *testing.T) {
	tests := map[string]struct {
		build func(o *elftest.Object)
		want  string
	}{
		"name": {
			build: func(o *elftest.Object) { addMaps(o, ".android_maps", netMap(o, "m", make([]uint32, 12), "")) },
			want:  `section ".android_maps"+0x0 (map "m"): the record of map M is called M_def`,
		},
		"no contents": {
			build: func(o *elftest.Object) { o.Object("m_def", o.Bss(".android_maps", 192), 0, 192) },
			want:  `section ".android_maps"+0x0: map records of 192 bytes without contents: the variables need initialisers`,
		},
		"no such map": {
			build: func(o *elftest.Object) { addMaps(o, ".android_maps", netMap(o, "n_def", make([]uint32, 12), "")) },
			want:  `section ".android_maps"+0x0 (map "n_def"): no map "n" in .maps for the record to describe`,
		},
		"location": {
			build: func(o *elftest.Object) { addMaps(o, ".android_maps", netMap(o, "m_def", make([]uint32, 12), "x")) },
			want:  `section ".android_maps"+0x76 (map "m_def"): location "x": want an absolute path without detours`,
		},
		"size": {
			build: func(o *elftest.Object) { addMaps(o, ".android_maps", rec{name: "m_def", words: make([]uint32, 12)}) },
			want:  `section ".android_maps"+0x0 (map "m_def"): the symbol has 48 bytes, section ".android_maps" says that records have 192`,
		},
		"static": {
			build: func(o *elftest.Object) {
				s := o.Data(".android_maps", make([]byte, 192))
				o.Symbol(elftest.Symbol{Name: "m_def", Type: elf.STTObject, Section: s, Size: 192})
			},
			want: `section ".android_maps"+0x0 (map "m_def"): the variable is static: loaders of section ".android_maps" saw global ones only; remove the word static`,
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			o := &elftest.Object{}
			test.build(o)
			f, _ := parse(t, o.Bytes())
			_, err := legacy.Pair(f, []*spec.Map{{Name: "m"}})
			if err == nil || err.Error() != test.want {
				t.Errorf("\n got %v\nwant %s", err, test.want)
			}
		})
	}
	o := &elftest.Object{}
	o.License("GPL")
	f, _ := parse(t, o.Bytes())
	if w, err := legacy.Pair(f, nil); w != nil || err != nil {
		t.Errorf("object without .android_maps: %v, %v", w, err)
	}
}

func TestObjectGates(t *testing.T) {
	o := &elftest.Object{}
	o.License("GPL")
	f, _ := parse(t, o.Bytes())
	if g, _, found, err := legacy.ObjectGates(f); found || err != nil || g != (spec.Gates{}) {
		t.Errorf("object for another loader: %+v, %t, %v", g, found, err)
	}
	o.Data("bpfloader_min_ver", o.Words(2))
	o.Data("bpfloader_max_ver", o.Words(0x19))
	o.Data("critical", []byte("tethering\x00"))
	f, _ = parse(t, o.Bytes())
	g, critical, found, err := legacy.ObjectGates(f)
	if err != nil || !found || critical != "tethering" || g != (spec.Gates{MinLoader: 2, MaxLoader: 0x19}) {
		t.Errorf("got %+v, %q, %t, %v", g, critical, found, err)
	}
	o.Data("bpfloader_min_ver", nil)
	f, _ = parse(t, o.Bytes())
	if _, _, found, err := legacy.ObjectGates(f); err == nil || found {
		t.Errorf("an empty version was accepted: %t, %v", found, err)
	}
}
