// SPDX-License-Identifier: MIT

package value_test

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/bpfload/bpfload/internal/elftest"
	"github.com/bpfload/bpfload/internal/law"
	"github.com/bpfload/bpfload/internal/value"
	"github.com/bpfload/bpfload/rawbtf"
)

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
		law.Memory(t, n, 4096, func() { value.Format(s, id, data) })
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
		law.Memory(t, len(text)+len(dst), 4096, func() { value.ParseText(s, id, text, make([]byte, len(dst))) })
		law.Same(t, err, value.ParseText(s, id, text, make([]byte, len(dst))))
		if err != nil {
			refused(t, err, dst, 0)
			return
		}
		if _, err := value.Format(s, id, dst); err != nil {
			t.Fatal(err)
		}
	})
}

// refused wants an error of this package that a terminal shows as it is, and none of
// the bytes changed.
func refused(t *testing.T, err error, dst []byte, filled byte) {
	t.Helper()
	if place := (*value.Error)(nil); !errors.As(err, &place) {
		t.Fatalf("%T: %v", err, err)
	}
	law.Plain(t, err.Error())
	if !bytes.Equal(dst, bytes.Repeat([]byte{filled}, len(dst))) {
		t.Fatalf("refused with %v, yet changed to %x", err, dst)
	}
}

// references are the types that encoding/json reads as well, into variables of Go
// with the same layout.
var references = map[string]func() any{
	"short":          func() any { return new(int16) },
	"unsigned short": func() any { return new(uint16) },
	"int":            func() any { return new(int32) },
	"unsigned int":   func() any { return new(uint32) },
	"long":           func() any { return new(int64) },
	"unsigned long":  func() any { return new(uint64) },
	"double":         func() any { return new(float64) },
	"__u16[3]":       func() any { return new([3]uint16) },
	"__u16[2][3]":    func() any { return new([2][3]uint16) },
	".data": func() any {
		return new(struct {
			Hits   uint64 `json:"hits"`
			Misses int32  `json:"misses"`
		})
	},
}

// FuzzParseJSON reads any document as a value of any type. What is no JSON, by the
// word of encoding/json, is refused, and a refusal changes nothing. What is accepted
// is written and read back to the same bytes, and where encoding/json can read it
// into the same layout it has the same bytes to show.
func FuzzParseJSON(f *testing.F) {
	for name, documents := range map[string][]string{
		"int":         {"-1", "2147483648", "1e3", `"0x10"`, "1 2", "", "null", "01"},
		"double":      {"1.5", "1e400", "-0", `"nan"`, "4.9e-324"},
		"limits":      {`{"bytes":1,"port":443,"strict":true,"burst":-64,"mode":"DROP"}`, `{"burst":64}`, `{"bytes":1,"bytes":2}`, `{"other":1}`},
		"nested":      {`{"ports":[1,2,3],"low":1,"high":2,"name":"eth0"}`, `{"all":1,"low":2}`, `{"name":"\u0000"}`, `{"ports":[1,2]}`},
		"char[8]":     {`"\ud800"`, `"12345678"`, `"123456789"`, `[1,2,3,4,5,6,7,8]`, `"hex:00"`},
		"lpm":         {`"10.0.0.0/8"`, `"10.0.0.0/33"`, `{"prefixlen":8,"addr":"10.0.0.0"}`},
		"address":     {`{"v4":"1.2.3.4"}`, `{"v4":1,"v6":"::1"}`, `"fd00::1"`},
		"__u16[2][3]": {"[[1,2,3],[4,5,65535]]", "[[1,2,3],[4,5,65536]]", "[[[[[[[[1]]]]]]]]"},
		".data":       {`{"hits":18446744073709551615,"misses":-1}`, `{"Hits":1}`},
		"bool":        {"true", `"on"`, "2"},
		"mode":        {`"OFF|COUNT"`, `"NONE"`, "7"},
		"__int128":    {`"-170141183460469231731687303715884105728"`, "1"},
	} {
		for _, d := range documents {
			f.Add(name, d, name == "limits")
		}
	}
	little, k := types(f, false)
	big, _ := types(f, true)
	f.Fuzz(func(t *testing.T, typ, document string, bigEndian bool) {
		id, ok := k[typ]
		if !ok || typ == "fwd" {
			return
		}
		s, order := little, binary.ByteOrder(binary.LittleEndian)
		if bigEndian {
			s, order = big, binary.BigEndian
		}
		const filled = 0xa5
		dst := bytes.Repeat([]byte{filled}, size(t, s, id))
		again := bytes.Clone(dst)
		law.Memory(t, len(document)+len(dst), 4096, func() { value.ParseJSON(s, id, []byte(document), bytes.Clone(dst)) })
		err := value.ParseJSON(s, id, []byte(document), dst)
		law.Same(t, err, value.ParseJSON(s, id, []byte(document), again))
		var want any
		if reference := references[typ]; reference != nil {
			want = reference()
			d := json.NewDecoder(strings.NewReader(document))
			d.DisallowUnknownFields()
			if d.Decode(want) != nil || !json.Valid([]byte(document)) || strings.Contains(document, "null") {
				want = nil
			}
		}
		if err != nil {
			refused(t, err, dst, filled)
			if want != nil && !strings.ContainsAny(document, "[{") {
				t.Fatalf("encoding/json reads %q as %v, here it is refused: %v", document, want, err)
			}
			return
		}
		if !json.Valid([]byte(document)) {
			t.Fatalf("%q is no JSON, yet accepted as %x", document, dst)
		}
		if want != nil && !strings.Contains(document, "{") {
			theirs, err := binary.Append(nil, order, want)
			if err != nil || !bytes.Equal(theirs, dst) {
				t.Fatalf("%q is %x, for encoding/json %x, %v", document, dst, theirs, err)
			}
		}
		if data, ok := want.(*struct {
			Hits   uint64 `json:"hits"`
			Misses int32  `json:"misses"`
		}); ok && strings.Contains(document, `"hits"`) && strings.Contains(document, `"misses"`) {
			if order.Uint64(dst) != data.Hits || int32(order.Uint32(dst[8:])) != data.Misses {
				t.Fatalf("%q is %x, for encoding/json %+v", document, dst, data)
			}
		}
		out, err := value.Format(s, id, dst)
		if err != nil || !json.Valid(out) {
			t.Fatalf("%q is %x, written as %q, %v", document, dst, out, err)
		}
		if err := value.ParseJSON(s, id, out, again); err != nil || !bytes.Equal(again, dst) {
			t.Fatalf("%q is %x, written as %s, read as %x, %v", document, dst, out, again, err)
		}
	})
}
