// SPDX-License-Identifier: MIT

package value_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/bpfload/bpfload/internal/value"
)

// TestText writes text, checks the bytes in both byte orders, and reads them back.
func TestText(t *testing.T) {
	tests := map[string]struct {
		typ, text   string
		little, big string // in hexadecimal; big empty: the same
		json        string
	}{
		"bool true":            {"bool", "true", "01", "", "true"},
		"bool word":            {"bool", "off", "00", "", "false"},
		"bool digit":           {"bool", "1", "01", "", "true"},
		"u8":                   {"__u8", "255", "ff", "", "255"},
		"u16":                  {"__u16", "0x1234", "3412", "1234", "4660"},
		"s32 negative":         {"int", "-2", "feffffff", "fffffffe", "-2"},
		"s32 least":            {"int", "-2147483648", "00000080", "80000000", "-2147483648"},
		"u64":                  {"__u64", "18446744073709551615", "ffffffffffffffff", "", "18446744073709551615"},
		"s64 least":            {"long", "-9223372036854775808", "0000000000000080", "8000000000000000", "-9223372036854775808"},
		"s128":                 {"__int128", "-1", "ffffffffffffffffffffffffffffffff", "", `"-1"`},
		"s128 least":           {"__int128", "-170141183460469231731687303715884105728", "00000000000000000000000000000080", "80000000000000000000000000000000", `"-170141183460469231731687303715884105728"`},
		"u128":                 {"unsigned __int128", "0x0102030405060708090a0b0c0d0e0f10", "100f0e0d0c0b0a090807060504030201", "0102030405060708090a0b0c0d0e0f10", `"1339673755198158349044581307228491536"`},
		"octal":                {"int", "010", "08000000", "00000008", "8"},
		"character in int":     {"int", "'a'", "61000000", "00000061", "97"},
		"char":                 {"char", "n", "6e", "", `"n"`},
		"char number":          {"char", "5", "05", "", "5"},
		"char quoted":          {"char", "'5'", "35", "", `"5"`},
		"char json":            {"char", `"5"`, "35", "", `"5"`},
		"char negative":        {"char", "-1", "ff", "", "-1"},
		"char unsigned":        {"char", "255", "ff", "", "-1"},
		"float":                {"float", "1.5", "0000c03f", "3fc00000", "1.5"},
		"double":               {"double", "-1e300", "9c7500883ce437fe", "fe37e43c8800759c", "-1e+300"},
		"be16":                 {"__be16", "80", "0050", "", "80"},
		"be32 number":          {"__be32", "0x0a000001", "0a000001", "", `"10.0.0.1"`},
		"be32 address":         {"__be32", "10.0.0.1", "0a000001", "", `"10.0.0.1"`},
		"be64":                 {"__be64", "1", "0000000000000001", "", "1"},
		"le16":                 {"__le16", "80", "5000", "", "80"},
		"u32 address":          {"__u32", "10.0.0.1", "0a000001", "", ""},
		"u8[4] address":        {"__u8[4]", "10.0.0.1", "0a000001", "", "[10,0,0,1]"},
		"mac":                  {"__u8[6]", "02:00:00:00:00:ff", "0200000000ff", "", "[2,0,0,0,0,255]"},
		"ipv6":                 {"__u8[16]", "2001:db8::1", "20010db8000000000000000000000001", "", "[32,1,13,184,0,0,0,0,0,0,0,0,0,0,0,1]"},
		"in6_addr":             {"in6_addr", "2001:db8::1", "20010db8000000000000000000000001", "", `"2001:db8::1"`},
		"in6_addr mapped":      {"in6_addr", "::ffff:10.0.0.1", "00000000000000000000ffff0a000001", "", `"::ffff:10.0.0.1"`},
		"enum name":            {"mode", "DROP", "06000000", "00000006", `"DROP"`},
		"enum names":           {"mode", "COUNT | DROP", "07000000", "00000007", "7"},
		"enum number":          {"mode", "4", "04000000", "00000004", "4"},
		"enum signed":          {"offset", "BEHIND", "fbffffff", "fffffffb", `"BEHIND"`},
		"enum signed number":   {"offset", "-6", "faffffff", "fffffffa", "-6"},
		"enum of unknown sign": {"unsure", "-5", "fbffffff", "fffffffb", `"LOW"`},
		"its other sign":       {"unsure", "4294967290", "faffffff", "fffffffa", "4294967290"},
		"enum64":               {"big", "HIGH", "0000000000010000", "0000010000000000", `"HIGH"`},
		"pointer":              {"pointer", "0xffff0000", "0000ffff00000000", "00000000ffff0000", `"0xffff0000"`},
		"text":                 {"char[8]", "eth0", "6574683000000000", "", `"eth0"`},
		"text full":            {"char[8]", "12345678", "3132333435363738", "", `"12345678"`},
		"text empty":           {"char[8]", "", "0000000000000000", "", `""`},
		"text brace":           {"char[8]", "{x", "7b78000000000000", "", `"{x"`},
		"text quoted":          {"char[8]", `"a\"\n"`, "61220a0000000000", "", `"a\"\n"`},
		"text not printable":   {"char[8]", "hex:0100000000000000", "0100000000000000", "", "[1,0,0,0,0,0,0,0]"},
		"text with hole":       {"char[8]", "hex:6100620000000000", "6100620000000000", "", "[97,0,98,0,0,0,0,0]"},
		"text like hex":        {"char[8]", "hex:6865783a30310000", "6865783a30310000", "", "[104,101,120,58,48,49,0,0]"},
		"list":                 {"__u16[3]", "[1,2,3]", "010002000300", "000100020003", "[1,2,3]"},
		"list of lists":        {"__u16[2][3]", "[[1,2,3],[4,5,6]]", "010002000300040005000600", "000100020003000400050006", "[[1,2,3],[4,5,6]]"},
		"flexible array":       {"__u32[]", "[]", "", "", "[]"},
		"hex":                  {"__u32", "hex:01 02:0304", "01020304", "", ""},
		"struct":               {"limits", `{"bytes":1,"port":443,"strict":true,"burst":-3,"mode":"DROP","rest":-1}`, "010000000000000001bbfb06ffffffff", "000000000000000101bbfdc0ffffffff", `{"bytes":1,"port":443,"strict":true,"burst":-3,"mode":"DROP","rest":-1}`},
		"union by small":       {"address", `{"v4":"10.0.0.1"}`, "0a000001000000000000000000000000", "", `{"v4":"10.0.0.1","v6":[10,0,0,1,0,0,0,0,0,0,0,0,0,0,0,0]}`},
		"union by both":        {"address", `{"v4":"10.0.0.1","v6":[10,0,0,1,5,0,0,0,0,0,0,0,0,0,0,0]}`, "0a000001050000000000000000000000", "", ""},
		"union by address":     {"address", "::5", "00000000000000000000000000000005", "", ""},
		"lpm key":              {"lpm", "10.1.0.0/16", "100000000a010000", "000000100a010000", `{"prefixlen":16,"addr":[10,1,0,0]}`},
		"anonymous members":    {"nested", `{"ports":[1,2,3],"low":5,"high":6,"name":"x"}`, "01000200030000000500000006000000" + "7800000000000000", "00010002000300000500000000000006" + "7800000000000000", ""},
		"bitfield of old form": {"old", `{"a":9,"b":255}`, "4800ff00", "1200ff00", `{"a":9,"b":255}`},
		"section":              {".data", `{"misses":-1,"hits":2}`, "0200000000000000ffffffff", "0000000000000002ffffffff", `{"hits":2,"misses":-1}`},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			for _, bigEndian := range []bool{false, true} {
				s, k := types(t, bigEndian)
				id, ok := k[tt.typ]
				if !ok {
					t.Fatalf("no type %q", tt.typ)
				}
				dst := make([]byte, size(t, s, id))
				if err := value.ParseText(s, id, tt.text, dst); err != nil {
					t.Fatal(err)
				}
				want := tt.little
				if bigEndian && tt.big != "" {
					want = tt.big
				}
				if got := fmt.Sprintf("%x", dst); got != want {
					t.Errorf("big endian %t: got %s, want %s", bigEndian, got, want)
				}
				out, err := value.Format(s, id, dst)
				if err != nil {
					t.Fatal(err)
				}
				if tt.json != "" && string(out) != tt.json {
					t.Errorf("big endian %t: written as %s, want %s", bigEndian, out, tt.json)
				}
				again := make([]byte, len(dst))
				if err := value.ParseJSON(s, id, out, again); err != nil {
					t.Fatalf("reading back %s: %v", out, err)
				}
				if string(again) != string(dst) {
					t.Errorf("big endian %t: %s reads back as %x, was %x", bigEndian, out, again, dst)
				}
			}
		})
	}
}

func TestRefusals(t *testing.T) {
	tests := map[string]struct {
		typ, text string
		sentinel  error
		message   string
	}{
		"u8 too large":            {"__u8", "256", value.ErrRange, `256 does not fit __u8 (0 to 255)`},
		"u8 negative":             {"__u8", "-1", value.ErrRange, `-1 does not fit __u8 (0 to 255)`},
		"s16 too small":           {"short", "-32769", value.ErrRange, `-32769 does not fit short (-32768 to 32767)`},
		"s64 too large":           {"long", "9223372036854775808", value.ErrRange, `9223372036854775808 does not fit long (-9223372036854775808 to 9223372036854775807)`},
		"char too large":          {"char", "256", value.ErrRange, `256 does not fit char (-128 to 127)`},
		"u128 too large":          {"unsigned __int128", "0x100000000000000000000000000000000", value.ErrType, `want an integer (unsigned __int128), got "0x100000000000000000000000000000000"`},
		"bool two":                {"bool", "2", value.ErrType, `want true or false, got "2"`},
		"bool object":             {"bool", "{}", value.ErrType, `want true or false, got an object`},
		"int word":                {"int", "many", value.ErrType, `want an integer (int), got "many"`},
		"int fraction":            {"int", `[1.5]`, value.ErrType, `want an integer (int), got a list`},
		"int empty":               {"int", "", value.ErrType, `want an integer (int), got ""`},
		"enum word":               {"mode", "ON", value.ErrName, `enum mode has no enumerator "ON"; it has "OFF", "COUNT", "DROP"`},
		"enum range":              {"mode", "-1", value.ErrRange, `-1 does not fit enum mode (0 to 4294967295)`},
		"enum list":               {"mode", "[]", value.ErrType, `want an enumerator or integer (enum mode), got a list`},
		"float word":              {"float", "x", value.ErrType, `want a number, got "x"`},
		"float range":             {"float", "1e300", value.ErrRange, `1e+300 does not fit float`},
		"long double":             {"long double", "1", value.ErrType, `long double takes 16 bytes: give them as hex:...`},
		"text too long":           {"char[8]", "123456789", value.ErrRange, `text of 9 bytes does not fit char[8]`},
		"text from number":        {"char[8]", `"" 1`, value.ErrType, `something follows the JSON value`},
		"text after object":       {"limits", `{}}`, value.ErrType, `something follows the JSON value`},
		"not json":                {"limits", "{", value.ErrType, `not JSON: unexpected EOF`},
		"list too long":           {"__u16[3]", "[1,2,3,4]", value.ErrRange, `want 3 elements (__u16[3]), got 4`},
		"list too short":          {"__u16[3]", "[1]", value.ErrRange, `want 3 elements (__u16[3]), got 1`},
		"list element":            {"__u16[2][3]", "[[1,2,3],[4,70000,6]]", value.ErrRange, `[1][1]: 70000 does not fit __u16 (0 to 65535)`},
		"list null":               {"__u16[3]", "[1,null,3]", value.ErrType, `[1]: want an integer (__u16), got nothing`},
		"array from word":         {"__u16[3]", "x", value.ErrType, `want a list (__u16[3]), got "x"`},
		"wrong address family":    {"__u8[16]", "10.0.0.1", value.ErrType, `want a list (__u8[16]), got "10.0.0.1"`},
		"zoned address":           {"__u8[16]", "fe80::1%lo", value.ErrType, `want a list (__u8[16]), got "fe80::1%lo"`},
		"struct from word":        {"limits", "x", value.ErrType, `want an object such as {"bytes": ..., "port": ...} (struct limits), got "x"`},
		"member unknown":          {"limits", `{"byte":1}`, value.ErrName, `struct limits has no member "byte"; it has "bytes", "port", "strict", "burst", "mode", "rest"`},
		"member range":            {"limits", `{"port":65536}`, value.ErrRange, `port: 65536 does not fit __be16 (0 to 65535)`},
		"bitfield range":          {"limits", `{"burst":64}`, value.ErrRange, `burst: 64 does not fit int of 7 bits (-64 to 63)`},
		"nested member":           {"nested", `{"ports":[1,2,-3]}`, value.ErrRange, `ports[2]: -3 does not fit __u16 (0 to 65535)`},
		"member within anonymous": {"nested", `{"low":256}`, value.ErrRange, `low: 256 does not fit __u8 (0 to 255)`},
		"union contradiction":     {"address", `{"v4":"10.0.0.1","v6":[10,0,0,2,0,0,0,0,0,0,0,0,0,0,0,0]}`, value.ErrType, `v6: contradicts another member of the union`},
		"hex of wrong length":     {"__u32", "hex:0102", value.ErrType, `want 4 bytes (__u32), got 2`},
		"hex of odd length":       {"__u32", "hex:012", value.ErrType, `"hex:012": want two hexadecimal digits for each byte`},
		"prefix of wrong family":  {"lpm", "::/16", value.ErrType, `want an object such as {"prefixlen": ..., "addr": ...} (struct lpm), got "::/16"`},
		"pointer text":            {"pointer", "NULL", value.ErrType, `want an integer (pointer), got "NULL"`},
		"section unknown":         {".data", `{"hit":1}`, value.ErrName, `section ".data" has no member "hit"; it has "hits", "misses"`},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			s, k := types(t, false)
			dst := make([]byte, size(t, s, k[tt.typ]))
			for i := range dst {
				dst[i] = 0xa5
			}
			before := string(dst)
			err := value.ParseText(s, k[tt.typ], tt.text, dst)
			if err == nil {
				t.Fatalf("accepted as %x", dst)
			}
			if err.Error() != tt.message {
				t.Errorf("error %q, want %q", err, tt.message)
			}
			var e *value.Error
			if !errors.Is(err, tt.sentinel) || !errors.As(err, &e) {
				t.Errorf("error %#v is no %v", err, tt.sentinel)
			}
			if string(dst) != before {
				t.Errorf("a refused value changed the bytes to %x", dst)
			}
		})
	}
}

func TestMembersLeftOutKeepTheirBytes(t *testing.T) {
	s, k := types(t, false)
	dst := []byte{1, 0, 0, 0, 0, 0, 0, 0, 0, 80, 0xff, 0xff, 5, 0, 0, 0}
	if err := value.ParseText(s, k["limits"], `{"burst":0}`, dst); err != nil {
		t.Fatal(err)
	}
	if got, want := fmt.Sprintf("%x", dst), "0100000000000000005001ff05000000"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// What is no value of its type is still written, and reads back.
func TestInvalidBytes(t *testing.T) {
	tests := map[string]struct{ typ, hex, want string }{
		"bool":          {"bool", "02", `"hex:02"`},
		"float NaN":     {"float", "0100c07f", `"hex:0100c07f"`},
		"double inf":    {"double", "000000000000f07f", `"hex:000000000000f07f"`},
		"negative zero": {"double", "0000000000000080", "-0"},
		"long double":   {"long double", "000102030405060708090a0b0c0d0e0f", `"hex:000102030405060708090a0b0c0d0e0f"`},
		"not utf-8":     {"char[8]", "ff00000000000000", "[255,0,0,0,0,0,0,0]"},
		"delete":        {"char", "7f", "127"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			s, k := types(t, false)
			data := make([]byte, size(t, s, k[tt.typ]))
			if err := value.ParseText(s, k[tt.typ], "hex:"+tt.hex, data); err != nil {
				t.Fatal(err)
			}
			out, err := value.Format(s, k[tt.typ], data)
			if err != nil || string(out) != tt.want {
				t.Fatalf("got %s, %v, want %s", out, err, tt.want)
			}
			again := make([]byte, len(data))
			if err := value.ParseJSON(s, k[tt.typ], out, again); err != nil || string(again) != string(data) {
				t.Errorf("read back as %x, %v", again, err)
			}
		})
	}
}

func TestTypeName(t *testing.T) {
	s, k := types(t, false)
	for name, want := range map[string]string{"limits": "struct limits", "__u16[2][3]": "__u16[2][3]", "char[8]": "char[8]",
		"mode": "enum mode", "big": "enum big", "address": "union address", "pointer": "pointer", ".data": `section ".data"`, "fwd": "fwd missing"} {
		if got := value.TypeName(s, k[name]); got != want {
			t.Errorf("%s is called %q, want %q", name, got, want)
		}
	}
	if got := value.TypeName(nil, 5); got != "bytes" {
		t.Errorf("no type is called %q", got)
	}
}
