// SPDX-License-Identifier: MIT

package mapops

import (
	"encoding/hex"
	"strings"
	"testing"

	"github.com/cilium/ebpf"
	"github.com/google/go-cmp/cmp"

	"github.com/bpfload/bpfload/internal/elftest"
	"github.com/bpfload/bpfload/internal/sys"
)

// typedMap makes a map with BTF: a struct as key, and as value what f makes.
func typedMap(t *testing.T, f *fake, typ ebpf.MapType, value func(b *elftest.BTF) uint32, size uint32) *Map {
	t.Helper()
	var b elftest.BTF
	word := b.Int("unsigned int", 4, 0)
	address := b.Typedef("__be32", word)
	b.Struct("prefix", 8, elftest.Member{Name: "bits", Type: word}, elftest.Member{Name: "address", Type: address, Bits: 32})
	key := b.NextID() - 1
	id := value(&b)
	f.btf = b.Bytes(false)
	fd, err := f.Kernel.BPF(&sys.MapCreate{MapType: uint32(typ), KeySize: 8, ValueSize: size, MaxEntries: 8, MapName: sys.NewName("typed"), BTFKeyTypeID: uint32(key), BTFValueTypeID: id})
	if err != nil {
		t.Fatal(err)
	}
	opts := f.options().withDefaults()
	m, err := newMap(fd, &opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { m.Close() })
	return m
}

func limits(b *elftest.BTF) uint32 {
	word := b.Int("unsigned int", 4, 0)
	return uint32(b.Struct("limits", 8, elftest.Member{Name: "rate", Type: word}, elftest.Member{Name: "burst", Type: word, Bits: 32}))
}

func TestTyped(t *testing.T) {
	littleEndian(t)
	m := typedMap(t, newFake(), ebpf.LPMTrie, limits, 8)
	if m.TypesError() != nil {
		t.Fatal(m.TypesError())
	}
	for text, want := range map[string]string{
		`{"bits":8,"address":"10.0.0.0"}`: "080000000a000000",
		"10.0.0.0/8":                      "080000000a000000",
		"10.0.0.1":                        "200000000a000001",
		"0x080000000a000000":              "080000000a000000",
		"hex:080000000a000000":            "080000000a000000",
	} {
		key, err := m.ParseKey(text)
		if err != nil || hex.EncodeToString(key) != want {
			t.Errorf("%s: got %x, %v; want %s", text, key, err, want)
		}
	}
	value, err := m.ParseValue(`{"rate":1,"burst":2}`)
	if err != nil {
		t.Fatal(err)
	}
	merged, err := m.MergeValue(value, `{"burst":3}`)
	if err != nil {
		t.Fatal(err)
	}
	line, err := m.AppendEntry(nil, Entry{mustKey(t, m, "10.0.0.0/8"), merged})
	if want := `{"key":{"bits":8,"address":"10.0.0.0"},"value":{"rate":1,"burst":3}}`; string(line) != want || err != nil {
		t.Errorf("got %s, %v; want %s", line, err, want)
	}
	if got, err := m.FormatValue(nil, value); string(got) != `{"rate":1,"burst":2}` || err != nil {
		t.Errorf("merging changed the old value: %s, %v", got, err)
	}
	if fresh, err := m.ParseValue(`{"burst":3}`); err != nil || !cmp.Equal(fresh, append(u32(0), u32(3)...)) {
		t.Errorf("got %x, %v", fresh, err)
	}
	_, err = m.ParseValue(`{"bursts":3}`)
	wantError(t, err, 2, "map-value", `struct limits has no member "bursts"`)
}

func mustKey(t *testing.T, m *Map, text string) []byte {
	t.Helper()
	key, err := m.ParseKey(text)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// A list for a per-CPU map whose values are arrays is a value or a list of values.
func TestPerCPUArrays(t *testing.T) {
	array := func(b *elftest.BTF) uint32 { return uint32(b.Array(b.Int("unsigned char", 1, 0), 3)) }
	matrix := func(b *elftest.BTF) uint32 { return uint32(b.Array(b.Array(b.Int("unsigned char", 1, 0), 2), 3)) }
	for name, c := range map[string]struct {
		value      func(b *elftest.BTF) uint32
		size       uint32
		text, want string
	}{
		"a value":        {array, 3, "[1,2,3]", "[[1,2,3],[1,2,3],[1,2,3]]"},
		"values":         {array, 3, "[[1,2,3],[4,5,6],[7,8,9]]", "[[1,2,3],[4,5,6],[7,8,9]]"},
		"values in hex":  {array, 3, `["hex:010203","hex:040506","hex:070809"]`, ""},
		"a matrix":       {matrix, 6, "[[1,2],[3,4],[5,6]]", "[[[1,2],[3,4],[5,6]],[[1,2],[3,4],[5,6]],[[1,2],[3,4],[5,6]]]"},
		"three matrices": {matrix, 6, "[[[1,2],[3,4],[5,6]],[[1,2],[3,4],[5,6]],[[0,2],[3,4],[5,6]]]", "[[[1,2],[3,4],[5,6]],[[1,2],[3,4],[5,6]],[[0,2],[3,4],[5,6]]]"},
	} {
		t.Run(name, func(t *testing.T) {
			m := typedMap(t, newFake(), ebpf.PerCPUHash, c.value, c.size)
			value, err := m.ParseValue(c.text)
			if c.want == "" {
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if got, err := m.FormatValue(nil, value); string(got) != c.want || err != nil {
				t.Errorf("got %s, %v; want %s", got, err, c.want)
			}
			one := m.cpuValue(value, 0)
			text, err := m.FormatCPUValue(nil, one)
			if err != nil {
				t.Fatal(err)
			}
			if back, err := m.ParseCPUValue(string(text)); err != nil || !cmp.Equal(back, one) {
				t.Errorf("%s reads as %x, %v; want %x", text, back, err, one)
			}
		})
	}
}

func TestSection(t *testing.T) {
	f := newFake()
	m := typedMap(t, f, ebpf.Hash, func(b *elftest.BTF) uint32 { return uint32(b.Datasec(".data", 8)) }, 8)
	if !m.IsSection() {
		t.Error("a datasec is no section")
	}
	if typedMap(t, f, ebpf.Hash, limits, 8).IsSection() {
		t.Error("a struct is a section")
	}
}

// Types that do not fit the map's sizes, or that cannot be had, leave numbers.
func TestUntypable(t *testing.T) {
	m := typedMap(t, newFake(), ebpf.Hash, limits, 4)
	if got, err := m.FormatValue(nil, u32(7)); string(got) != "7" || err != nil {
		t.Errorf("got %s, %v", got, err)
	}
	for name, broken := range map[string][]byte{"refused": nil, "damaged": []byte("no BTF at all, but long enough for a header")} {
		t.Run(name, func(t *testing.T) {
			f := newFake()
			typedMap(t, f, ebpf.Hash, limits, 8)
			f.btf = broken
			fd, err := f.Kernel.BPF(&sys.MapCreate{MapType: uint32(ebpf.Hash), KeySize: 8, ValueSize: 8, MaxEntries: 8, BTFKeyTypeID: 1})
			if err != nil {
				t.Fatal(err)
			}
			opts := f.options().withDefaults()
			m, err := newMap(fd, &opts)
			if err != nil {
				t.Fatal(err)
			}
			if m.TypesError() == nil {
				t.Error("nothing says why there are no types")
			}
			if got, err := m.FormatValue(nil, make([]byte, 8)); string(got) != "0" || err != nil {
				t.Errorf("got %s, %v", got, err)
			}
			if name == "refused" {
				if want := "BTF of id 77"; !strings.Contains(m.TypesError().Error(), want) {
					t.Errorf("got %v, want %q", m.TypesError(), want)
				}
			}
		})
	}
}
