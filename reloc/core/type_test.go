// SPDX-License-Identifier: MIT

package core_test

import (
	"testing"

	"github.com/bpfload/bpfload/internal/elftest"
	"github.com/bpfload/bpfload/rawbtf"
	"github.com/bpfload/bpfload/reloc/core"
)

func TestTypes(t *testing.T) {
	s := func(size uint32) func(b *elftest.BTF) rawbtf.ID {
		return func(b *elftest.BTF) rawbtf.ID { return b.Struct("s", size) }
	}
	void := func(b *elftest.BTF) rawbtf.ID { return 0 }
	typedef := func(of func(b *elftest.BTF) rawbtf.ID) func(b *elftest.BTF) rawbtf.ID {
		return func(b *elftest.BTF) rawbtf.ID { return b.Typedef("t", of(b)) }
	}
	check(t, map[string]outcome{
		"local id":                   {scene{s(4), nil, "0", core.TypeIDLocal, imm64(999)}, imm64(1), 0},
		"local id of void":           {scene{void, nil, "0", core.TypeIDLocal, imm(7)}, imm(0), 0},
		"local id of something else": {scene{func(b *elftest.BTF) rawbtf.ID { return b.Struct("", 4) }, nil, "0", core.TypeIDLocal, imm(7)}, imm(1), 0},
		"target id":                  {scene{s(4), only(s(4)), "0", core.TypeIDTarget, imm64(999)}, imm64(2), 0},
		"target id missing":          {scene{s(4), nil, "0", core.TypeIDTarget, imm64(999)}, imm64(0), 0},
		"exists":                     {scene{s(4), only(s(8)), "0", core.TypeExists, imm(1)}, imm(1), 0},
		"exists not":                 {scene{s(4), nil, "0", core.TypeExists, imm(1)}, imm(0), 0},
		"exists as a declaration":    {scene{s(4), func(b *elftest.BTF) { b.Fwd("s", false) }, "0", core.TypeExists, imm(1)}, imm(0), 0},
		"exists in another flavour":  {scene{s(4), func(b *elftest.BTF) { b.Struct("s___2", 4) }, "0", core.TypeExists, imm(1)}, imm(1), 0},
		"size":                       {scene{s(4), only(s(8)), "0", core.TypeSize, imm(4)}, imm(8), 0},
		"size missing":               {scene{s(4), nil, "0", core.TypeSize, imm(4)}, imm(0), 0},
		"size of a typedef":          {scene{typedef(u32), only(typedef(u64)), "0", core.TypeSize, imm(4)}, imm(8), 0},
		"matches":                    {scene{typedef(u32), only(typedef(u32)), "0", core.TypeMatches, imm(1)}, imm(1), 0},
		"matches not":                {scene{typedef(u32), only(typedef(u64)), "0", core.TypeMatches, imm(1)}, imm(0), 0},
	})
}

func TestEnumValues(t *testing.T) {
	enum := func(signed bool, name string, v int64) func(b *elftest.BTF) rawbtf.ID {
		return func(b *elftest.BTF) rawbtf.ID {
			return b.Enum("e", 4, signed, elftest.Enumerator{Name: "FIRST", Value: 1}, elftest.Enumerator{Name: name, Value: v})
		}
	}
	enum64 := func(name string, v int64) func(b *elftest.BTF) rawbtf.ID {
		return func(b *elftest.BTF) rawbtf.ID {
			return b.Enum64("e", 8, false, elftest.Enumerator{Name: name, Value: v})
		}
	}
	const big = 0x80000001
	check(t, map[string]outcome{
		"value":                 {scene{enum(false, "A", 5), only(enum(false, "A", 9)), "1", core.EnumValue, imm64(5)}, imm64(9), 0},
		"value of 32 bits":      {scene{enum(false, "A", 5), only(enum(false, "A", 9)), "1", core.EnumValue, imm(5)}, imm(9), 0},
		"flavoured value":       {scene{enum(false, "A___x", 5), only(enum(false, "A", 9)), "1", core.EnumValue, imm64(5)}, imm64(9), 0},
		"value missing":         {scene{enum(false, "A", 5), only(enum(false, "B", 9)), "1", core.EnumValue, imm64(5)}, poison(2), core.Missing},
		"enum missing":          {scene{enum(false, "A", 5), nil, "1", core.EnumValue, imm64(5)}, poison(2), core.Missing},
		"typedef of no enum":    {scene{func(b *elftest.BTF) rawbtf.ID { return b.Typedef("t", enum(false, "A", 5)(b)) }, func(b *elftest.BTF) { b.Typedef("t", u32(b)) }, "1", core.EnumValue, imm64(5)}, poison(2), core.Missing},
		"typedef":               {scene{func(b *elftest.BTF) rawbtf.ID { return b.Typedef("t", enum(false, "A", 5)(b)) }, func(b *elftest.BTF) { b.Typedef("t", enum(false, "A", 6)(b)) }, "1", core.EnumValue, imm64(5)}, imm64(6), 0},
		"exists":                {scene{enum(false, "A", 5), only(enum(false, "A", 9)), "1", core.EnumValueExists, imm(1)}, imm(1), 0},
		"exists not":            {scene{enum(false, "A", 5), only(enum(false, "B", 9)), "1", core.EnumValueExists, imm(1)}, imm(0), 0},
		"larger in the kernel":  {scene{enum(false, "A", 5), only(enum64("A", 1<<40)), "1", core.EnumValue, imm64(5)}, imm64(1 << 40), 0},
		"smaller in the kernel": {scene{enum64("A", 1<<40), only(enum(false, "A", 5)), "0", core.EnumValue, imm64(1 << 40)}, imm64(5), 0},
		"negative":              {scene{enum(true, "A", -5), only(enum(true, "A", -6)), "1", core.EnumValue, imm64(^uint64(4))}, imm64(^uint64(5)), 0},
		// Before clang 15, BTF does not say that an enum is signed.
		"negative by an old compiler": {scene{enum(false, "A", -5), only(enum(true, "A", -6)), "1", core.EnumValue, imm64(^uint64(4))}, imm64(^uint64(5)), 0},
		// libbpf refuses the object: it takes every 32-bit value for signed.
		"large and unsigned":                     {scene{enum(false, "A", big), only(enum(false, "A", big+1)), "1", core.EnumValue, imm64(big)}, imm64(big + 1), 0},
		"large, unsigned, now 64 bits":           {scene{enum(false, "A", big), only(enum64("A", 1<<40)), "1", core.EnumValue, imm64(big)}, imm64(1 << 40), 0},
		"large in a 32-bit instruction":          {scene{enum(false, "A", big), only(enum(false, "A", big+1)), "1", core.EnumValue, imm(-0x7fffffff)}, imm(-0x7ffffffe), 0},
		"becomes large, extended as libbpf does": {scene{enum(false, "A", 5), only(enum(false, "A", big)), "1", core.EnumValue, imm64(5)}, imm64(0xffffffff80000001), 0},
	})
}

// relation compares two types, made in the same way for both sides but for what
// the functions do.
type relation struct {
	local, kernel func(b *elftest.BTF) rawbtf.ID
	want          bool
}

func same(f func(b *elftest.BTF) rawbtf.ID) relation { return relation{f, f, true} }

func TestCompatible(t *testing.T) {
	fn := func(result func(b *elftest.BTF) rawbtf.ID, params ...func(b *elftest.BTF) rawbtf.ID) func(b *elftest.BTF) rawbtf.ID {
		return func(b *elftest.BTF) rawbtf.ID {
			var p []elftest.Param
			for _, f := range params {
				p = append(p, elftest.Param{Type: f(b)})
			}
			return b.FuncProto(result(b), p...)
		}
	}
	void := func(b *elftest.BTF) rawbtf.ID { return 0 }
	structOf := func(name string) func(b *elftest.BTF) rawbtf.ID {
		return func(b *elftest.BTF) rawbtf.ID { return b.Struct(name, 4) }
	}
	ptr := func(to func(b *elftest.BTF) rawbtf.ID) func(b *elftest.BTF) rawbtf.ID {
		return func(b *elftest.BTF) rawbtf.ID { return b.Ptr(b.Const(to(b))) }
	}
	float := func(b *elftest.BTF) rawbtf.ID { return b.Float("double", 8) }
	enum64 := func(b *elftest.BTF) rawbtf.ID { return b.Enum64("e", 8, false) }
	enum := func(b *elftest.BTF) rawbtf.ID { return b.Enum("f", 4, false) }
	bits := func(b *elftest.BTF) rawbtf.ID { return b.IntBits("x", 4, 0, 1, 3) }
	fwd := func(b *elftest.BTF) rawbtf.ID { return b.Fwd("s", false) }
	for name, tc := range map[string]relation{
		"void":                         same(void),
		"integers of different sizes":  {u8, u64, true},
		"integer with a bit offset":    {u32, bits, false},
		"structs of different names":   {structOf("a"), structOf("b"), true},
		"struct and declaration":       {structOf("s"), fwd, false},
		"struct and pointer":           {structOf("a"), ptr(structOf("a")), false},
		"enums of different sizes":     {enum, enum64, true},
		"pointers":                     {ptr(structOf("a")), ptr(structOf("b")), true},
		"pointers to different kinds":  {ptr(structOf("a")), ptr(u32), false},
		"arrays of different lengths":  {array(u32, 3), array(u8, 4), true},
		"arrays of different kinds":    {array(u32, 3), array(ptr(u32), 3), false},
		"floats, which BPF has not":    {float, float, false},
		"functions":                    same(fn(i32, u32, ptr(structOf("a")))),
		"functions and their results":  {fn(i32, u32), fn(void, u32), false},
		"functions and their number":   {fn(i32, u32), fn(i32, u32, u32), false},
		"functions and their argument": {fn(i32, u32), fn(i32, ptr(u32)), false},
		"function as an argument":      same(fn(void, ptr(fn(i32, u32)))),
	} {
		t.Run(name, func(t *testing.T) {
			var l, k elftest.BTF
			k.Int("unrelated", 4, 0)
			a, b := tc.local(&l), tc.kernel(&k)
			got, err := core.Compatible(parse(t, l.Bytes(false)), a, parse(t, k.Bytes(false)), b)
			if err != nil || got != tc.want {
				t.Errorf("got %t, %v", got, err)
			}
		})
	}
}

func TestMatches(t *testing.T) {
	typedef := func(of func(b *elftest.BTF) rawbtf.ID) func(b *elftest.BTF) rawbtf.ID {
		return func(b *elftest.BTF) rawbtf.ID { return b.Typedef("root", of(b)) }
	}
	ptr := func(to func(b *elftest.BTF) rawbtf.ID) func(b *elftest.BTF) rawbtf.ID {
		return func(b *elftest.BTF) rawbtf.ID { return b.Ptr(b.Const(to(b))) }
	}
	fn := func(result func(b *elftest.BTF) rawbtf.ID, params ...func(b *elftest.BTF) rawbtf.ID) func(b *elftest.BTF) rawbtf.ID {
		return func(b *elftest.BTF) rawbtf.ID {
			var p []elftest.Param
			for _, f := range params {
				p = append(p, elftest.Param{Type: f(b)})
			}
			return b.FuncProto(result(b), p...)
		}
	}
	void := func(b *elftest.BTF) rawbtf.ID { return 0 }
	fwd := func(name string, union bool) func(b *elftest.BTF) rawbtf.ID {
		return func(b *elftest.BTF) rawbtf.ID { return b.Fwd(name, union) }
	}
	named := func(name string, fields ...string) func(b *elftest.BTF) rawbtf.ID {
		return func(b *elftest.BTF) rawbtf.ID {
			var m []elftest.Member
			for _, f := range fields {
				m = append(m, elftest.Member{Name: f, Type: i32(b)})
			}
			return b.Struct(name, 4, m...)
		}
	}
	union := func(name string) func(b *elftest.BTF) rawbtf.ID {
		return func(b *elftest.BTF) rawbtf.ID { return b.Union(name, 4) }
	}
	enum := func(size uint32, values ...string) func(b *elftest.BTF) rawbtf.ID {
		return func(b *elftest.BTF) rawbtf.ID {
			var v []elftest.Enumerator
			for _, n := range values {
				v = append(v, elftest.Enumerator{Name: n})
			}
			if size == 8 {
				return b.Enum64("e", size, false, v...)
			}
			return b.Enum("e", size, false, v...)
		}
	}
	holds := func(of func(b *elftest.BTF) rawbtf.ID) func(b *elftest.BTF) rawbtf.ID {
		return func(b *elftest.BTF) rawbtf.ID {
			return b.Struct("h", 64, elftest.Member{Name: "pad", Type: b.Ptr(0)}, elftest.Member{Name: "f", Type: of(b), Bits: 64})
		}
	}
	float := func(b *elftest.BTF) rawbtf.ID { return b.Float("double", 8) }
	for name, tc := range map[string]relation{
		"void":                           same(void),
		"integers":                       same(u32),
		"integers by sign":               {u32, func(b *elftest.BTF) rawbtf.ID { return b.Int("unsigned int", 4, rawbtf.IntSigned) }, false},
		"integers by size":               {u32, func(b *elftest.BTF) rawbtf.ID { return b.Int("unsigned int", 8, 0) }, false},
		"integers by name":               {u32, func(b *elftest.BTF) rawbtf.ID { return b.Int("u32", 4, 0) }, false},
		"integer and pointer":            {func(b *elftest.BTF) rawbtf.ID { return b.Int("", 8, 0) }, ptr(void), false},
		"floats":                         {float, float, false},
		"structs":                        same(named("s", "a", "b")),
		"a member more in the kernel":    {named("s", "a"), named("s", "b", "a"), true},
		"a member less in the kernel":    {named("s", "a", "b"), named("s", "a"), false},
		"a member of another name":       {named("s", "a"), named("s", "b"), false},
		"a member in a flavour":          {named("s", "a___x"), named("s", "a"), true},
		"struct of another name":         {named("s"), named("t"), false},
		"struct of another flavour":      {named("s___1"), named("s___2"), true},
		"struct and union":               {named("s"), union("s"), false},
		"struct and declaration":         {named("s"), fwd("s", false), false},
		"declarations":                   same(fwd("s", false)),
		"declarations of struct, union":  {fwd("s", false), fwd("s", true), false},
		"declaration and struct":         {fwd("s", false), named("s"), false},
		"behind a pointer, structs":      {ptr(named("s", "a")), ptr(named("s", "b")), true},
		"behind a pointer, struct, fwd":  {ptr(named("s")), ptr(fwd("s", false)), true},
		"behind a pointer, union, fwd":   {ptr(union("s")), ptr(fwd("s", true)), true},
		"behind a pointer, union, other": {ptr(union("s")), ptr(fwd("s", false)), false},
		"behind a pointer, fwd, struct":  {ptr(fwd("s", false)), ptr(named("s")), true},
		"behind a pointer, fwd, union":   {ptr(fwd("s", true)), ptr(union("s")), true},
		"behind a pointer, fwd, other":   {ptr(fwd("s", true)), ptr(named("s")), false},
		"behind a pointer, fwd, int":     {ptr(fwd("s", true)), ptr(func(b *elftest.BTF) rawbtf.ID { return b.Int("s", 4, 0) }), false},
		"behind a pointer, names":        {ptr(named("s")), ptr(named("t")), false},
		"behind a pointer, integers":     {ptr(u32), ptr(u64), false},
		"arrays":                         same(array(u32, 3)),
		"arrays by length":               {array(u32, 3), array(u32, 4), false},
		"arrays by element":              {array(u32, 3), array(u64, 3), false},
		"array and pointer":              {array(u32, 3), ptr(u32), false},
		"functions":                      same(fn(i32, u32)),
		"functions by result":            {fn(i32, u32), fn(u32, u32), false},
		"functions by argument":          {fn(i32, u32), fn(i32, u64), false},
		"functions by number":            {fn(i32, u32), fn(i32, u32, u32), false},
		"enums":                          same(enum(4, "A", "B")),
		"enums by value":                 {enum(4, "A"), enum(4, "B"), false},
		"a value more in the kernel":     {enum(4, "A"), enum(4, "B", "A"), true},
		"a value less in the kernel":     {enum(4, "A", "B"), enum(4, "A"), false},
		"enums by size":                  {enum(4, "A"), enum(8, "A"), false},
		"enum64":                         same(enum(8, "A")),
		"enum and integer":               {enum(4, "A"), func(b *elftest.BTF) rawbtf.ID { return b.Int("e", 4, 0) }, false},
		"member by its type":             {holds(u32), holds(u64), false},
		"members":                        same(holds(ptr(named("s")))),
		"struct in a struct":             {holds(named("s", "a")), holds(named("s", "b")), false},
	} {
		t.Run(name, func(t *testing.T) {
			want := imm(0)
			if tc.want {
				want = imm(1)
			}
			code, _, err := scene{typedef(tc.local), only(typedef(tc.kernel)), "0", core.TypeMatches, imm(1)}.run(t, false)
			if err != nil {
				t.Fatal(err)
			}
			if string(code) != string(insns(false, want)) {
				t.Errorf("got %x", code)
			}
		})
	}
}
