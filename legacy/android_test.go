// SPDX-License-Identifier: MIT

package legacy_test

import (
	"testing"

	"github.com/cilium/ebpf"
	"github.com/google/go-cmp/cmp"

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

func TestObjectGates(t *testing.T) {
	o := &elftest.Object{}
	o.License("GPL")
	f, _ := elftest.MustParse(t, o.Bytes())
	if g, _, found, err := legacy.ObjectGates(f); found || err != nil || g != (spec.Gates{}) {
		t.Errorf("object for another loader: %+v, %t, %v", g, found, err)
	}
	o.Data("bpfloader_min_ver", o.Words(2))
	o.Data("bpfloader_max_ver", o.Words(0x19))
	o.Data("critical", []byte("tethering\x00"))
	f, _ = elftest.MustParse(t, o.Bytes())
	g, critical, found, err := legacy.ObjectGates(f)
	if err != nil || !found || critical != "tethering" || g != (spec.Gates{MinLoader: 2, MaxLoader: 0x19}) {
		t.Errorf("got %+v, %q, %t, %v", g, critical, found, err)
	}
	o.Data("bpfloader_min_ver", nil)
	f, _ = elftest.MustParse(t, o.Bytes())
	if _, _, found, err := legacy.ObjectGates(f); err == nil || found {
		t.Errorf("an empty version was accepted: %t, %v", found, err)
	}
}
