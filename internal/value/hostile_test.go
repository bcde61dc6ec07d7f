// SPDX-License-Identifier: MIT

package value_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/bpfload/bpfload/elf"
	"github.com/bpfload/bpfload/globals"
	"github.com/bpfload/bpfload/internal/elftest"
	"github.com/bpfload/bpfload/internal/rawbtf"
	"github.com/bpfload/bpfload/internal/value"
	"github.com/google/go-cmp/cmp"
)

// TestDamagedTypes asks for values of types that no compiler writes. Each answer
// is an error, and comes at once.
func TestDamagedTypes(t *testing.T) {
	tests := map[string]struct {
		make    func(b *elftest.BTF) rawbtf.ID
		text    string
		message string
	}{
		"struct within itself": {func(b *elftest.BTF) rawbtf.ID {
			id := b.NextID()
			return b.Struct("s", 8, elftest.Member{Name: "s", Type: id})
		}, strings.Repeat(`{"s":`, 70) + "1" + strings.Repeat("}", 70), "has too many parts"},
		"anonymous struct within itself": {func(b *elftest.BTF) rawbtf.ID {
			id := b.NextID()
			return b.Struct("", 8, elftest.Member{Type: id}, elftest.Member{Type: id}, elftest.Member{Type: id})
		}, `{"x":1}`, "has too many parts"},
		"union within itself": {func(b *elftest.BTF) rawbtf.ID {
			id := b.NextID()
			return b.Union("", 8, elftest.Member{Type: id}, elftest.Member{Type: id})
		}, `{"x":1}`, "has too many parts"},
		"member outside": {func(b *elftest.BTF) rawbtf.ID {
			return b.Struct("s", 4, elftest.Member{Name: "a", Type: b.Int("int", 4, 0), Bits: 8})
		}, `{"a":1}`, "a: int does not fit the 4 bytes that enclose it"},
		"integer wider than its bytes": {func(b *elftest.BTF) rawbtf.ID { return b.IntBits("int", 4, 0, 0, 255) }, "1", "int has a width of 255 bits in 4 bytes"},
		"integer too wide":             {func(b *elftest.BTF) rawbtf.ID { return b.IntBits("int", 32, 0, 0, 255) }, "1", "int has a width of 255 bits in 32 bytes"},
		"enum too wide":                {func(b *elftest.BTF) rawbtf.ID { return b.Enum("e", 64, false) }, "1", "enum e has a width of 512 bits in 64 bytes"},
		"struct as bitfield": {func(b *elftest.BTF) rawbtf.ID {
			return b.Struct("s", 4, elftest.Member{Name: "a", Type: b.Struct("in", 2), BitSize: 3})
		}, `{"a":{}}`, "a: struct in cannot be a bitfield"},
		"anonymous struct as bitfield": {func(b *elftest.BTF) rawbtf.ID {
			return b.Struct("s", 4, elftest.Member{Type: b.Struct("in", 2), BitSize: 3})
		}, `{}`, "struct in cannot be a bitfield"},
		"incomplete member": {func(b *elftest.BTF) rawbtf.ID {
			return b.Struct("s", 4, elftest.Member{Name: "a", Type: b.Fwd("x", false)})
		}, `{"a":{}}`, "a: fwd x has no size"},
		"two members of one name": {func(b *elftest.BTF) rawbtf.ID {
			i := b.Int("int", 4, 0)
			return b.Struct("s", 8, elftest.Member{Name: "a", Type: i}, elftest.Member{Name: "a", Type: i, Bits: 32})
		}, `{"a":1}`, "struct s has two members of one name"},
		"function": {func(b *elftest.BTF) rawbtf.ID { return b.FuncProto(0) }, "1", "func_proto has no size"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			var b elftest.BTF
			id := tt.make(&b)
			s, err := rawbtf.Parse(b.Bytes(false), nil)
			if err != nil {
				t.Fatal(err)
			}
			start := time.Now()
			data := make([]byte, 64)
			if err := value.ParseText(s, id, tt.text, data); err == nil || !strings.Contains(err.Error(), tt.message) {
				t.Errorf("parsing: got %v, want %s", err, tt.message)
			}
			if out, err := value.Format(s, id, data); name != "two members of one name" && err == nil {
				t.Errorf("written as %.80s", out)
			}
			if d := time.Since(start); d > 5*time.Second {
				t.Errorf("took %v", d)
			}
		})
	}
}

// A list of elements without a size is as long as the type says, which may be
// four billion.
func TestEmptyElements(t *testing.T) {
	var b elftest.BTF
	id := b.Array(b.Struct("", 0), 0xffffffff)
	s, err := rawbtf.Parse(b.Bytes(false), nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := value.Format(s, id, nil); err == nil || !strings.Contains(err.Error(), "too many parts") {
		t.Errorf("got %v", err)
	}
}

// TestCompiledVariables reads the variables of one source that clang compiled for
// both byte orders: the values are the same, the bytes are not.
func TestCompiledVariables(t *testing.T) {
	read := func(file string) map[string]string {
		data, err := os.ReadFile(filepath.Join("../../testdata/bpf", file))
		if err != nil {
			t.Fatal(err)
		}
		f, err := elf.Parse(data)
		if err != nil {
			t.Fatal(err)
		}
		sec, _ := f.SectionNamed(".BTF")
		types, err := rawbtf.Parse(sec.Data, nil)
		if err != nil {
			t.Fatal(err)
		}
		_, vars, _, err := globals.Decode(f, types)
		if err != nil {
			t.Fatal(err)
		}
		values := map[string]string{}
		for _, v := range vars {
			if v.Map.Contents == nil {
				continue
			}
			bytes := v.Map.Contents[v.Offset:][:v.Size]
			out, err := value.Format(types, v.Type, bytes)
			if err != nil {
				t.Fatalf("%s: %v", v.Name, err)
			}
			again := make([]byte, len(bytes))
			if err := value.ParseJSON(types, v.Type, out, again); err != nil || string(again) != string(bytes) {
				t.Errorf("%s: %s reads back as %x, %v; was %x", v.Name, out, again, err, bytes)
			}
			values[v.Name] = string(out)
		}
		return values
	}
	little, big := read("globals.o"), read("globals-eb.o")
	// What the source initialises by number is an address in one order only.
	delete(little, "peer")
	delete(big, "peer")
	if diff := cmp.Diff(little, big); diff != "" {
		t.Errorf("the byte orders differ: %s", diff)
	}
	want := map[string]string{
		"enabled": "true", "level": `"n"`, "s8": "-8", "u64": "1311768467463790320", "wide": `"1"`, "mode": `"MODE_COUNT"`, "offset": `"OFFSET_BEHIND"`,
		"device": `"eth0"`, "limits": `{"bytes":1048576,"packets":1000,"ports":[22,80,443,0],"strict":true,"burst":100}`, "totals": "[10,20,30,40]",
	}
	for name, w := range want {
		if little[name] != w {
			t.Errorf("%s is %s, want %s", name, little[name], w)
		}
	}
}

// FuzzRoundTrip writes arbitrary bytes as JSON and reads them back: every bit that
// is part of the value must survive, and writing is a function of the bytes.
func FuzzRoundTrip(f *testing.F) {
	var b elftest.BTF
	k := declare(&b)
	names := []string{"limits", "address", "nested", "char[8]", "mode", "offset", "big", "__int128", "double", "float", "bool", "old", ".data", "in6_addr", "__be32", "char", "lpm"}
	for i := range names {
		f.Add(byte(i), i%2 == 0, []byte("hex:0\x00\xff\x80 1234567890abcdef"))
	}
	le, err := rawbtf.Parse(b.Bytes(false), nil)
	if err != nil {
		f.Fatal(err)
	}
	be, err := rawbtf.Parse(b.Bytes(true), nil)
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, which byte, bigEndian bool, data []byte) {
		s := le
		if bigEndian {
			s = be
		}
		name := names[int(which)%len(names)]
		id := k[name]
		n := size(t, s, id)
		if len(data) < n {
			if _, err := value.Format(s, id, data); err == nil {
				t.Fatalf("%s of %d bytes was written", name, len(data))
			}
			return
		}
		data = data[:n]
		out, err := value.Format(s, id, data)
		if err != nil {
			t.Fatal(err)
		}
		again := make([]byte, n)
		if err := value.ParseJSON(s, id, out, again); err != nil {
			t.Fatalf("%s: %x was written as %s, which is refused: %v", name, data, out, err)
		}
		twice, err := value.Format(s, id, again)
		if err != nil || string(twice) != string(out) {
			t.Errorf("%s: %x was written as %s, then %x as %s", name, data, out, again, twice)
		}
		if padded := name == "limits" || name == "nested" || name == "old"; !padded && string(again) != string(data) {
			t.Errorf("%s: %x was written as %s and read as %x", name, data, out, again)
		}
	})
}

// FuzzParseText accepts or refuses; what it accepts can be written.
func FuzzParseText(f *testing.F) {
	s, k := types(f, false)
	for _, text := range []string{"1", "-1", "0x10", "hex:00", `{"v4":"1.2.3.4"}`, "[1,2,3]", "10.0.0.0/8", "OFF|COUNT", "'c'", `"x"`} {
		f.Add("nested", text)
		f.Add("mode", text)
		f.Add("lpm", text)
	}
	f.Fuzz(func(t *testing.T, typ, text string) {
		id, ok := k[typ]
		if !ok || typ == "fwd" {
			return
		}
		dst := make([]byte, size(t, s, id))
		err := value.ParseText(s, id, text, dst)
		if again := value.ParseText(s, id, text, make([]byte, len(dst))); (err == nil) != (again == nil) || err != nil && err.Error() != again.Error() {
			t.Fatalf("first %v, then %v", err, again)
		}
		if err != nil {
			if string(dst) != string(make([]byte, len(dst))) {
				t.Fatalf("refused with %v, yet changed to %x", err, dst)
			}
			return
		}
		if _, err := value.Format(s, id, dst); err != nil {
			t.Fatal(err)
		}
	})
}
