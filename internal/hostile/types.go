// SPDX-License-Identifier: MIT

package hostile

import (
	"fmt"

	"github.com/bpfload/bpfload/internal/elftest"
	"github.com/bpfload/bpfload/rawbtf"
)

// types go round in circles, nest without end, or lie about their counts.
var types = []Object{
	{Name: "BTF of a header that lies", Want: `section ".BTF"+0x4: BTF header of 2147483648 bytes in 337 bytes of BTF`, Build: blob(func(p patched) { p.put32(4, 1<<31) })},
	{Name: "BTF whose types are outside", Want: `section ".BTF"+0x8: BTF types (2147483648 bytes at 0x0) are outside the section`, Build: blob(func(p patched) { p.put32(12, 1<<31) })},
	{Name: "BTF whose strings are outside", Want: `section ".BTF"+0x10: BTF strings (4294967280 bytes at 0x104) are outside the section`, Build: blob(func(p patched) { p.put32(20, 0xfffffff0) })},
	{Name: "BTF whose strings have no end", Want: `section ".BTF"+0x11c: BTF strings do not begin and end with a NUL`, Build: blob(func(p patched) { p.put32(20, 3) })},
	{Name: "BTF of the other byte order", Want: `section ".BTF"+0x4: BTF header of 402653184 bytes in 337 bytes of BTF`, Build: blob(func(p patched) { p[0], p[1] = p[1], p[0] })},
	{Name: "BTF that ends within a type", Want: `section ".BTF"+0x28: type 2 ends outside the type section`, Build: blob(func(p patched) { p.put32(12, 17) })},
	{Name: "BTF of an unknown kind", Want: `section ".BTF"+0x18: type 1 has unknown kind 31`, Build: key(func(b *elftest.BTF) rawbtf.ID { return b.Raw("k", 31<<24, 4) })},
	{Name: "a typedef of itself", Want: `section ".maps"+0x0 (map "m"): field "key": the size of a typedef "t" is unknown or too large`, Build: key(func(b *elftest.BTF) rawbtf.ID { return b.Typedef("t", b.NextID()) })},
	{Name: "const of volatile of const", Want: `section ".maps"+0x0 (map "m"): field "key": the size of a type is unknown or too large`, Build: key(func(b *elftest.BTF) rawbtf.ID {
		b.Const(b.NextID() + 1)
		return b.Volatile(b.NextID() - 1)
	})},
	{Name: "a pointer to itself", Build: key(func(b *elftest.BTF) rawbtf.ID { return b.Ptr(b.NextID()) })},
	{Name: "an array of itself", Want: `section ".maps"+0x0 (map "m"): field "key": the size of an array is unknown or too large`, Build: key(func(b *elftest.BTF) rawbtf.ID { return b.Array(b.NextID(), 2) })},
	{Name: "a struct within itself", Build: key(func(b *elftest.BTF) rawbtf.ID {
		return b.Struct("s", 8, elftest.Member{Name: "s", Type: b.NextID()})
	})},
	{Name: "two structs within each other", Build: key(func(b *elftest.BTF) rawbtf.ID {
		b.Struct("s", 8, elftest.Member{Name: "t", Type: b.NextID() + 1})
		return b.Struct("t", 8, elftest.Member{Name: "s", Type: b.NextID() - 1})
	})},
	{Name: "a function that returns itself", Want: `section ".maps"+0x0 (map "m"): field "key": the size of a function is unknown or too large`, Build: key(func(b *elftest.BTF) rawbtf.ID { return b.FuncProto(b.NextID()) })},
	{Name: "a variable of itself", Want: `section ".maps"+0x0 (map "m"): field "key": the size of a variable "v" is unknown or too large`, Build: key(func(b *elftest.BTF) rawbtf.ID { return b.Var("v", b.NextID(), rawbtf.LinkageGlobal) })},
	{Name: "a type that is not there", Want: `section ".BTF"+0x18: type 1 (typedef) has a type reference 2147483648 out of range`, Build: key(func(b *elftest.BTF) rawbtf.ID { return b.Typedef("t", 1<<31) })},
	{Name: "a name that is not there", Want: `section ".BTF"+0x18: type 1 (int) has a name offset 1073741824 out of range`, Build: blob(func(p patched) { p.put32(24, 1<<30) })},
	{Name: "65535 members in 12 bytes", Want: `section ".BTF"+0x18: type 1 (struct) ends outside the type section`, Build: key(func(b *elftest.BTF) rawbtf.ID { return b.Raw("s", 4<<24|0xffff, 4) })},
	{Name: "a million typedefs deep", Want: `section ".maps"+0x0 (map "m"): field "key": the size of a typedef "t" is unknown or too large`, Build: func() []byte { return nestedKey((*elftest.BTF).Typedef) }},
	{Name: "a million pointers deep", Build: func() []byte {
		return nestedKey(func(b *elftest.BTF, _ string, of rawbtf.ID) rawbtf.ID { return b.Ptr(of) })
	}},
	{Name: "a million arrays deep", Want: `section ".maps"+0x0 (map "m"): field "key": the size of an array is unknown or too large`, Build: func() []byte {
		return nestedKey(func(b *elftest.BTF, _ string, of rawbtf.ID) rawbtf.ID { return b.Array(of, 1) })
	}},
	{Name: "an array of 2^96 bytes", Want: `section ".maps"+0x0 (map "m"): field "key": the size of an array is unknown or too large`, Build: key(func(b *elftest.BTF) rawbtf.ID {
		return b.Array(b.Array(b.Array(b.Int("int", 4, 0), 0xffffffff), 0xffffffff), 0xffffffff)
	})},
	{Name: "an array of 2^64 bytes and four", Want: `section ".maps"+0x0 (map "m"): field "key": the size of an array is unknown or too large`, Build: key(func(b *elftest.BTF) rawbtf.ID {
		return b.Array(b.Array(b.Int("int", 4, 0), 0x80000000), 0x80000001)
	})},
	{Name: "structs 200000 deep", Build: func() []byte {
		return variable(8, func(b *elftest.BTF) rawbtf.ID {
			id := b.Int("int", 4, 0)
			for range 200_000 {
				id = b.Struct("", 8, elftest.Member{Name: "x", Type: id})
			}
			return id
		})
	}},
	{Name: "functions of functions, twice each", Build: func() []byte {
		return variable(8, func(b *elftest.BTF) rawbtf.ID {
			id := b.Ptr(b.Int("int", 4, 0))
			for range 64 {
				id = b.Ptr(b.FuncProto(id, elftest.Param{Type: id}, elftest.Param{Type: id}))
			}
			return id
		})
	}},
	{Name: "structs of structs, twice each", Build: func() []byte {
		return variable(8, func(b *elftest.BTF) rawbtf.ID {
			id := b.Int("int", 4, 0)
			for i := range 64 {
				id = b.Struct(fmt.Sprint("s", i), 8, elftest.Member{Name: "a", Type: id}, elftest.Member{Name: "b", Type: id})
			}
			return id
		})
	}},
	{Name: "a section of 300000 variables of the same bytes", Build: manyVariables},
}

// blob is an object with a map whose .BTF is patched: that section's bytes alone.
func blob(patch func(p patched)) func() []byte {
	return func() []byte {
		o := &elftest.Object{}
		program(o)
		b := &elftest.BTF{}
		members := hash(b, b.Int("int", 4, 0))
		v := definition(b, "m", 32, members...)
		b.Datasec(".maps", 32, rawbtf.VarSecinfo{Type: v, Size: 32})
		o.Object("m", o.Data(".maps", make([]byte, 32)), 0, 32)
		types := b.Bytes(false)
		patch(types)
		o.Section(elftest.Section{Name: ".BTF", Data: types})
		return o.Bytes()
	}
}

// key is an object with a hash map whose keys are of a type of the caller's making.
func key(typ func(b *elftest.BTF) rawbtf.ID) func() []byte {
	return func() []byte {
		return oneMap(func(b *elftest.BTF) []elftest.Member { return hash(b, typ(b)) })
	}
}

func nestedKey(wrap func(b *elftest.BTF, name string, of rawbtf.ID) rawbtf.ID) []byte {
	return key(func(b *elftest.BTF) rawbtf.ID {
		id := b.Int("int", 4, 0)
		for range million {
			id = wrap(b, "t", id)
		}
		return id
	})()
}

func manyVariables() []byte {
	const n = 300_000
	o := &elftest.Object{}
	program(o)
	b := &elftest.BTF{}
	v := b.Var("x", b.Int("int", 4, 0), rawbtf.LinkageGlobal)
	for i := 0; i < n; i += 60000 { // the count has 16 bits
		vars := make([]rawbtf.VarSecinfo, 60000)
		for j := range vars {
			vars[j] = rawbtf.VarSecinfo{Type: v, Size: 4}
		}
		b.Datasec(".data", 0, vars...)
	}
	o.Object("x", o.Data(".data", make([]byte, 4)), 0, 4)
	o.BTF(b)
	return o.Bytes()
}
