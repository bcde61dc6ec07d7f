// SPDX-License-Identifier: MIT

package value_test

import (
	"testing"

	"github.com/bpfload/bpfload/internal/elftest"
	"github.com/bpfload/bpfload/rawbtf"
)

// kit is a set of types, by C name.
type kit map[string]rawbtf.ID

// declare makes the types that the tests use.
func declare(b *elftest.BTF) kit {
	k := kit{}
	k["char"] = b.Int("char", 1, rawbtf.IntSigned)
	k["unsigned char"] = b.Int("unsigned char", 1, 0)
	k["bool"] = b.Int("_Bool", 1, rawbtf.IntBool)
	k["short"] = b.Int("short", 2, rawbtf.IntSigned)
	k["unsigned short"] = b.Int("unsigned short", 2, 0)
	k["int"] = b.Int("int", 4, rawbtf.IntSigned)
	k["unsigned int"] = b.Int("unsigned int", 4, 0)
	k["long"] = b.Int("long", 8, rawbtf.IntSigned)
	k["unsigned long"] = b.Int("unsigned long", 8, 0)
	k["__int128"] = b.Int("__int128", 16, rawbtf.IntSigned)
	k["unsigned __int128"] = b.Int("unsigned __int128", 16, 0)
	k["float"] = b.Float("float", 4)
	k["double"] = b.Float("double", 8)
	k["long double"] = b.Float("long double", 16)
	k["__u8"] = b.Typedef("__u8", k["unsigned char"])
	k["__u16"] = b.Typedef("__u16", k["unsigned short"])
	k["__u32"] = b.Typedef("__u32", k["unsigned int"])
	k["__u64"] = b.Typedef("__u64", k["unsigned long"])
	k["__be16"] = b.Typedef("__be16", k["__u16"])
	k["__be32"] = b.Typedef("__be32", k["__u32"])
	k["__be64"] = b.Typedef("__be64", k["__u64"])
	k["__le16"] = b.Typedef("__le16", k["__u16"])
	k["pointer"] = b.Ptr(0)
	k["mode"] = b.Enum("mode", 4, false, elftest.Enumerator{Name: "OFF"}, elftest.Enumerator{Name: "COUNT", Value: 1}, elftest.Enumerator{Name: "DROP", Value: 6})
	k["offset"] = b.Enum("offset", 4, true, elftest.Enumerator{Name: "BEHIND", Value: -5}, elftest.Enumerator{Name: "AHEAD", Value: 5})
	k["unsure"] = b.Enum("unsure", 4, false, elftest.Enumerator{Name: "LOW", Value: -5})
	k["big"] = b.Enum64("big", 8, false, elftest.Enumerator{Name: "HIGH", Value: 1 << 40})
	k["char[8]"] = b.Array(b.Const(k["char"]), 8)
	k["__u8[4]"] = b.Array(k["__u8"], 4)
	k["__u8[6]"] = b.Array(k["__u8"], 6)
	k["__u8[16]"] = b.Array(k["__u8"], 16)
	k["__u16[3]"] = b.Array(k["__u16"], 3)
	k["__u16[2][3]"] = b.Array(k["__u16[3]"], 2)
	k["__u32[]"] = b.Array(k["__u32"], 0)
	k["limits"] = b.Struct("limits", 16,
		elftest.Member{Name: "bytes", Type: k["__u64"]},
		elftest.Member{Name: "port", Type: k["__be16"], Bits: 64},
		elftest.Member{Name: "strict", Type: k["bool"], Bits: 80, BitSize: 1},
		elftest.Member{Name: "burst", Type: k["int"], Bits: 81, BitSize: 7},
		elftest.Member{Name: "mode", Type: k["mode"], Bits: 88, BitSize: 3},
		elftest.Member{Name: "", Type: k["int"], Bits: 91, BitSize: 5},
		elftest.Member{Name: "rest", Type: b.Volatile(k["int"]), Bits: 96})
	k["address"] = b.Union("address", 16,
		elftest.Member{Name: "v4", Type: k["__be32"]},
		elftest.Member{Name: "v6", Type: k["__u8[16]"]})
	k["in6_addr"] = b.Struct("in6_addr", 16, elftest.Member{Name: "in6_u", Type: k["address"]})
	k["lpm"] = b.Struct("lpm", 8, elftest.Member{Name: "prefixlen", Type: k["__u32"]}, elftest.Member{Name: "addr", Type: k["__u8[4]"], Bits: 32})
	k["nested"] = b.Struct("nested", 24,
		elftest.Member{Name: "ports", Type: k["__u16[3]"]},
		elftest.Member{Name: "", Type: b.Union("", 8,
			elftest.Member{Name: "all", Type: k["__u64"]},
			elftest.Member{Name: "", Type: b.Struct("", 8, elftest.Member{Name: "low", Type: k["__u8"]}, elftest.Member{Name: "high", Type: k["__u32"], Bits: 32})},
		), Bits: 64},
		elftest.Member{Name: "name", Type: k["char[8]"], Bits: 128})
	k["old"] = b.Struct("old", 4, elftest.Member{Name: "a", Type: b.IntBits("unsigned int", 4, 0, 3, 4)}, elftest.Member{Name: "b", Type: k["__u8"], Bits: 16})
	k["fwd"] = b.Fwd("missing", false)
	k[".data"] = b.Datasec(".data", 12,
		rawbtf.VarSecinfo{Type: b.Var("hits", k["__u64"], rawbtf.LinkageGlobal), Size: 8},
		rawbtf.VarSecinfo{Type: b.Var("misses", k["int"], rawbtf.LinkageStatic), Offset: 8, Size: 4})
	return k
}

func types(t testing.TB, bigEndian bool) (*rawbtf.Spec, kit) {
	t.Helper()
	var b elftest.BTF
	k := declare(&b)
	s, err := rawbtf.Parse(b.Bytes(bigEndian), nil)
	if err != nil {
		t.Fatal(err)
	}
	return s, k
}

func size(t testing.TB, s *rawbtf.Spec, id rawbtf.ID) int {
	t.Helper()
	n, ok := s.Size(id)
	if !ok {
		t.Fatalf("type %d has no size", id)
	}
	return int(n)
}
