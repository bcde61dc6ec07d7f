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
		f, _ := elftest.MustParse(t, o.Bytes())
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
			f, _ := elftest.MustParse(t, o.Bytes())
			_, err := legacy.Pair(f, []*spec.Map{{Name: "m"}})
			if err == nil || err.Error() != test.want {
				t.Errorf("\n got %v\nwant %s", err, test.want)
			}
		})
	}
	o := &elftest.Object{}
	o.License("GPL")
	f, _ := elftest.MustParse(t, o.Bytes())
	if w, err := legacy.Pair(f, nil); w != nil || err != nil {
		t.Errorf("object without .android_maps: %v, %v", w, err)
	}
}
