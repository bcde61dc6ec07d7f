// SPDX-License-Identifier: MIT

package hostile

import (
	"fmt"

	"github.com/bpfload/bpfload/elf"
	"github.com/bpfload/bpfload/internal/elftest"
	"github.com/bpfload/bpfload/rawbtf"
)

// maps are definitions that swell, contain themselves, or are records of nothing.
var maps = []Object{
	{Name: "a million values slots", Want: `section ".maps"+0x80018: 1000000 slots of "values" are initialised: at most 65536 are read`, Build: func() []byte { return slots(million, million, 8) }},
	{Name: "a million values in one slot", Want: `section ".maps"+0x18: 1000000 slots of "values" are initialised: at most 65536 are read`, Build: func() []byte { return slots(1, million, 0) }},
	{Name: "values slots outside the map", Want: `section ".rel.maps"+0x10: relocation at 0x20 is outside section ".maps" of 32 bytes`, Build: func() []byte { return slots(1, 64, 8) }},
	{Name: "values slots between slots", Want: `section ".maps"+0x1b (map "calls"): relocation of something that is not a slot of "values"`, Build: func() []byte { return slots(64, 64, 3) }},
	{Name: "2^32 values slots", Want: `section ".maps"+0x0 (map "m"): field "values": want an array without a length, as __array writes it, got one o`, Build: func() []byte {
		return oneMap(func(b *elftest.BTF) []elftest.Member {
			u32 := b.Ptr(b.Int("unsigned int", 4, 0))
			proto := b.FuncProto(b.Int("int", 4, 0))
			return []elftest.Member{{Name: "type", Type: b.Uint(3)}, {Name: "key", Type: u32},
				{Name: "max_entries", Type: b.Uint(0xffffffff)}, {Name: "values", Type: b.Array(b.Ptr(proto), 0xffffffff)}}
		})
	}},
	{Name: "a map of itself", Want: `section ".maps"+0x0 (map "m.inner"): field "values": maps of maps of maps do not exist`, Build: func() []byte {
		return oneMap(func(b *elftest.BTF) []elftest.Member {
			u32 := b.Ptr(b.Int("unsigned int", 4, 0))
			list := []elftest.Member{{Name: "type", Type: b.Uint(12)}, {Name: "key", Type: u32}, {Name: "max_entries", Type: b.Uint(1)}}
			array := b.Array(b.NextID()+1, 0)
			b.Ptr(b.NextID() + 1) // to the struct that oneMap makes of all this
			return append(list, elftest.Member{Name: "values", Type: array})
		})
	}},
	{Name: "a map of maps of maps", Want: `section ".maps"+0x0 (map "m.inner"): field "values": maps of maps of maps do not exist`, Build: func() []byte {
		return oneMap(func(b *elftest.BTF) []elftest.Member {
			list := hash(b, b.Int("int", 4, 0))
			for range 1000 {
				for i := range list {
					list[i].Bits = uint32(64 * i)
				}
				inner := b.Struct("", uint32(8*len(list)), list...)
				list = []elftest.Member{{Name: "type", Type: b.Uint(12)}, {Name: "key", Type: b.Ptr(b.Int("unsigned int", 4, 0))},
					{Name: "max_entries", Type: b.Uint(1)}, {Name: "values", Type: b.Array(b.Ptr(inner), 0)}}
			}
			return list
		})
	}},
	{Name: "a map of 60000 fields", Want: `section ".maps"+0x0 (map "m"): map type isn't specified: the definition needs __uint(type, BPF_MAP_TYPE_...)`, Build: func() []byte {
		return oneMap(func(b *elftest.BTF) []elftest.Member {
			n := b.Uint(1)
			list := make([]elftest.Member, 60000)
			for i := range list {
				list[i] = elftest.Member{Name: "max_entries", Type: n}
			}
			return list
		})
	}},
	{Name: "maps beyond the section", Want: `section ".maps"+0x10000000000 (symbol "m"): symbol of 1048576 bytes ends outside its 32-byte section`, Build: func() []byte {
		return build(mapAt(1<<40, 1<<20), nil)
	}},
	{Name: "legacy records of a prime size", Want: `section "maps"+0x0 (map "m0"): a record of 1009 bytes: all dialects have multiples of 4`, Build: func() []byte { return records(127*1009, 127) }},
	{Name: "legacy record of 16 MiB", Want: `section "maps"+0x0 (map "m0"): type is 0: this is no map record`, Build: func() []byte { return records(16<<20, 1) }},
	{Name: "legacy records of three bytes", Want: `section "maps"+0x0 (map "m0"): 3 bytes are no map record: the shortest has 16`, Build: func() []byte { return records(3*1000, 1000) }},
	{Name: "legacy maps within each other", Want: `section "maps"+0x1c (map "a"): the inner map "b" holds maps itself: the kernel allows one level`, Build: circularMaps},
	{Name: "struct_ops of 4 GiB", Want: `section ".struct_ops"+0x0: the section has no contents`, Build: func() []byte {
		o := &elftest.Object{}
		program(o)
		b := &elftest.BTF{}
		v := b.Var("ops", b.Struct("tcp_congestion_ops", 0xfffffff8), rawbtf.LinkageGlobal)
		b.Datasec(".struct_ops", 0, rawbtf.VarSecinfo{Type: v, Size: 0xfffffff8})
		o.Object("ops", o.Section(elftest.Section{Name: ".struct_ops", Type: elf.SHTNobits, Size: 0xfffffff8, Flags: alloc | elf.SHFWrite}), 0, 0xfffffff8)
		o.BTF(b)
		return o.Bytes()
	}},
	{Name: "60000 kconfig variables", Build: func() []byte {
		const n = 60000
		o := &elftest.Object{}
		program(o)
		b := &elftest.BTF{}
		u64 := b.Int("unsigned long", 8, 0)
		vars := make([]rawbtf.VarSecinfo, n)
		for i := range vars {
			name := fmt.Sprint("CONFIG_", i)
			vars[i] = rawbtf.VarSecinfo{Type: b.Var(name, u64, rawbtf.LinkageExtern), Size: 8}
			o.Extern(name, elf.STBGlobal)
		}
		b.Datasec(".kconfig", 0, vars...)
		o.BTF(b)
		return o.Bytes()
	}},
}

// slots is a prog array of entries, with n relocations of its values, a stride
// apart.
func slots(entries uint32, n, stride int) []byte {
	o := &elftest.Object{}
	program(o)
	tail := o.Code("xdp/tail", elftest.Ret0, elftest.Exit)
	target := o.Func("tail", tail, 0, 16)
	b := &elftest.BTF{}
	members := []elftest.Member{{Name: "type", Type: b.Uint(3)}, {Name: "key", Type: b.Ptr(b.Int("unsigned int", 4, 0))},
		{Name: "max_entries", Type: b.Uint(entries)}, {Name: "values", Type: b.Array(b.Ptr(b.FuncProto(b.Int("int", 4, 0))), 0)}}
	size := 24 + 8*entries
	v := definition(b, "calls", 24, members...)
	b.Datasec(".maps", size, rawbtf.VarSecinfo{Type: v, Size: size})
	maps := o.Section(elftest.Section{Name: ".maps", Flags: alloc | elf.SHFWrite, Data: make([]byte, size)})
	o.Object("calls", maps, 0, uint64(size))
	for i := range n {
		o.Rel(maps, uint64(24+stride*i), target, relAbs64)
	}
	o.BTF(b)
	return o.Bytes()
}

// mapAt is a map whose symbol has another place and size than its bytes.
func mapAt(at, size uint64) *elftest.Object {
	o := &elftest.Object{}
	program(o)
	b := &elftest.BTF{}
	v := definition(b, "m", 32, hash(b, b.Int("int", 4, 0))...)
	b.Datasec(".maps", 32, rawbtf.VarSecinfo{Type: v, Size: 32})
	o.Object("m", o.Data(".maps", make([]byte, 32)), at, size)
	o.BTF(b)
	return o
}

// records is a maps section of a size, with n symbols at equal distances.
func records(size, n int) []byte {
	o := &elftest.Object{}
	program(o)
	s := o.Data("maps", make([]byte, size))
	for i := range n {
		o.Object(fmt.Sprint("m", i), s, uint64(i*(size/n)), uint64(size/n))
	}
	return o.Bytes()
}

// circularMaps are two of iproute2's records that name each other as their inner
// map.
func circularMaps() []byte {
	o := &elftest.Object{}
	s := o.Code("classifier", elftest.Ret0, elftest.Exit)
	o.Func("main", s, 0, 16)
	maps := o.Data("maps", append(o.Words(12, 4, 4, 1, 0, 1, 0, 2, 0), o.Words(12, 4, 4, 1, 0, 2, 0, 1, 0)...))
	o.Object("a", maps, 0, 36)
	o.Object("b", maps, 36, 36)
	return o.Bytes()
}
