// SPDX-License-Identifier: MIT

package value_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/bpfload/bpfload/elf"
	"github.com/bpfload/bpfload/globals"
	"github.com/bpfload/bpfload/internal/elftest"
	"github.com/bpfload/bpfload/internal/value"
	"github.com/bpfload/bpfload/rawbtf"
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
			data := make([]byte, 64)
			if err := value.ParseText(s, id, tt.text, data); err == nil || !strings.Contains(err.Error(), tt.message) {
				t.Errorf("parsing: got %v, want %s", err, tt.message)
			}
			if out, err := value.Format(s, id, data); name != "two members of one name" && err == nil {
				t.Errorf("written as %.80s", out)
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
