// SPDX-License-Identifier: MIT

package value_test

import (
	"errors"
	"fmt"
	"math"
	"math/big"
	"net"
	"net/netip"
	"testing"

	"github.com/bpfload/bpfload/internal/value"
	"github.com/bpfload/bpfload/rawbtf"
)

type named string

type goLimits struct {
	Bytes uint64
	Port  [2]byte
	Flags uint16
	Rest  int32
}

type marshaler struct{ fail bool }

func (m marshaler) MarshalBinary() ([]byte, error) {
	if m.fail {
		return nil, errors.New("cannot")
	}
	return []byte{1, 2, 3, 4}, nil
}

func TestGoValues(t *testing.T) {
	seven := uint16(7)
	tests := map[string]struct {
		typ  string
		v    any
		want string
	}{
		"bool":            {"bool", true, "01"},
		"int":             {"int", -1, "ffffffff"},
		"uint8 in u64":    {"__u64", uint8(9), "0900000000000000"},
		"pointer to int":  {"__u32", &seven, "07000000"},
		"float of int":    {"__u32", float64(3), "03000000"},
		"int of float":    {"double", 1, "000000000000f03f"},
		"uint of float":   {"float", uint(1), "0000803f"},
		"big":             {"unsigned __int128", new(big.Int).Lsh(big.NewInt(1), 127), "00000000000000000000000000000080"},
		"big by value":    {"__int128", *big.NewInt(-1), "ffffffffffffffffffffffffffffffff"},
		"string type":     {"char[8]", named("lo"), "6c6f000000000000"},
		"bytes":           {"__u32", []byte{1, 2, 3, 4}, "01020304"},
		"byte array":      {"__u32", [4]byte{1, 2, 3, 4}, "01020304"},
		"netip":           {"__be32", netip.MustParseAddr("10.0.0.1"), "0a000001"},
		"prefix":          {"lpm", netip.MustParsePrefix("10.0.0.0/8"), "080000000a000000"},
		"net.IP":          {"__be32", net.IPv4(10, 0, 0, 1), "0a000001"},
		"net.IPNet":       {"lpm", &net.IPNet{IP: net.IP{10, 0, 0, 0}, Mask: net.CIDRMask(8, 32)}, "080000000a000000"},
		"hardware":        {"__u8[6]", net.HardwareAddr{1, 2, 3, 4, 5, 6}, "010203040506"},
		"slice":           {"__u16[3]", []int{1, 2, 3}, "010002000300"},
		"array":           {"__u16[3]", [3]uint16{1, 2, 3}, "010002000300"},
		"slice of any":    {"__u16[3]", []any{1, "2", uint8(3)}, "010002000300"},
		"map":             {"lpm", map[string]any{"prefixlen": 8, "addr": []byte{10, 0, 0, 0}}, "080000000a000000"},
		"map of numbers":  {".data", map[named]int{"hits": 1, "misses": 2}, "010000000000000002000000"},
		"struct":          {"limits", goLimits{1, [2]byte{1, 187}, 0, -1}, "010000000000000001bb0000ffffffff"},
		"marshaler":       {"__u32", marshaler{}, "01020304"},
		"pointer to that": {"__u32", &marshaler{}, "01020304"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			s, k := types(t, false)
			dst := make([]byte, size(t, s, k[tt.typ]))
			if err := value.Encode(s, k[tt.typ], tt.v, dst); err != nil {
				t.Fatal(err)
			}
			if got := fmt.Sprintf("%x", dst); got != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
		})
	}
}

func TestGoValueRefusals(t *testing.T) {
	var nothing *int
	tests := map[string]struct {
		typ     string
		v       any
		message string
	}{
		"nil":             {"int", nil, "want an integer (int), got nothing"},
		"nil pointer":     {"int", nothing, "want an integer (int), got nothing"},
		"fraction":        {"int", 1.5, "want an integer (int), got 1.5"},
		"inexact":         {"__u64", math.MaxFloat64, "want an integer (__u64), got 1.7976931348623157e+308"},
		"bool for int":    {"int", true, "want an integer (int), got true"},
		"short bytes":     {"__u32", []byte{1}, "want 4 bytes (__u32), got 1"},
		"struct size":     {"__u32", goLimits{}, "want 4 bytes (__u32), got 16"},
		"struct of any":   {"__u32", struct{ A any }{1}, "binary.Append: some values are not fixed-sized in type struct { A interface {} }"},
		"marshal error":   {"__u32", marshaler{fail: true}, "cannot"},
		"map of ints":     {"lpm", map[int]int{1: 1}, `want an object such as {"prefixlen": ..., "addr": ...} (struct lpm), got an object`},
		"struct for list": {"__u16[3]", 3, "want a list (__u16[3]), got 3"},
		"bytes for text":  {"char[8]", []byte("eth0"), "want 8 bytes (char[8]), got 4"},
		"number for text": {"char[8]", 5, "want text (char[8]), got 5"},
		"huge":            {"__u64", new(big.Int).Lsh(big.NewInt(1), 128), "want an integer (__u64), got 340282366920938463463374607431768211456"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			s, k := types(t, false)
			err := value.Encode(s, k[tt.typ], tt.v, make([]byte, size(t, s, k[tt.typ])))
			if err == nil || err.Error() != tt.message {
				t.Errorf("got %v, want %s", err, tt.message)
			}
		})
	}
}

func TestUntyped(t *testing.T) {
	s, _ := types(t, true)
	tests := map[string]struct {
		types   *rawbtf.Spec
		v       any
		n       int
		want    string
		message string
	}{
		"big-endian number": {types: s, v: "0x0102", n: 4, want: "00000102"},
		"negative":          {types: s, v: -1, n: 2, want: "ffff"},
		"bytes":             {v: []byte{1, 2, 3}, n: 3, want: "010203"},
		"hex":               {v: "hex:010203", n: 3, want: "010203"},
		"address":           {v: "10.0.0.1", n: 4, want: "0a000001"},
		"hardware address":  {v: "01:02:03:04:05:06", n: 6, want: "010203040506"},
		"too large":         {types: s, v: 65536, n: 2, message: "65536 does not fit 2 bytes"},
		"large value":       {types: s, v: 1, n: 17, message: "want bytes, since the type is unknown: give all 17 as hex:..."},
		"word":              {types: s, v: "x", n: 4, message: `want an integer, got "x"`},
		"nothing":           {types: s, v: nil, n: 4, message: "want 4 bytes, got nothing"},
		"wrong length":      {types: s, v: "hex:01", n: 4, message: "want 4 bytes, got 1"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			dst := make([]byte, tt.n)
			err := value.Encode(tt.types, 0, tt.v, dst)
			switch {
			case tt.message != "":
				if err == nil || err.Error() != tt.message {
					t.Errorf("got %v, want %s", err, tt.message)
				}
			case err != nil:
				t.Error(err)
			case fmt.Sprintf("%x", dst) != tt.want:
				t.Errorf("got %x, want %s", dst, tt.want)
			}
		})
	}
	out, err := value.Format(nil, 0, []byte{1, 0xff})
	if err != nil || string(out) != `"hex:01ff"` {
		t.Errorf("untyped bytes written as %s, %v", out, err)
	}
}
