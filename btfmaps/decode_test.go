// SPDX-License-Identifier: MIT

package btfmaps_test

import (
	"errors"
	"testing"

	"github.com/cilium/ebpf"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/bpfload/bpfload/btfmaps"
	"github.com/bpfload/bpfload/elf"
	"github.com/bpfload/bpfload/internal/elftest"
	"github.com/bpfload/bpfload/rawbtf"
	"github.com/bpfload/bpfload/spec"
)

// ignoreIDs leaves out what depends on the order in which types were added.
var ignoreIDs = cmpopts.IgnoreFields(spec.Map{}, "KeyType", "ValueType", "Place", "Origin", "Name")

func TestFields(t *testing.T) {
	hash := func(o *object) elftest.Member { return field("type", o.btf.Uint(1)) }
	tests := map[string]struct {
		fields func(o *object) []elftest.Member
		want   spec.Map
	}{
		"numbers": {func(o *object) []elftest.Member {
			return []elftest.Member{hash(o), field("key_size", o.btf.Uint(4)), field("value_size", o.btf.Uint(8)), field("max_entries", o.btf.Uint(9)),
				field("map_flags", o.btf.Uint(5)), field("numa_node", o.btf.Uint(2)), field("map_extra", o.btf.Uint(3)), field("pinning", o.btf.Uint(1))}
		}, spec.Map{Type: ebpf.Hash, KeySize: 4, ValueSize: 8, MaxEntries: 9, Flags: 5, NUMANode: 2, Extra: 3, Pinning: spec.PinByName}},
		"numbers as enums": {func(o *object) []elftest.Member {
			return []elftest.Member{field("type", o.btf.Ulong(1)), field("max_entries", o.btf.Ulong(1<<32-1)), field("map_extra", o.btf.Ulong(1<<63)),
				field("key_size", o.btf.Enum("", 4, false, elftest.Enumerator{Name: "x", Value: 6}))}
		}, spec.Map{Type: ebpf.Hash, KeySize: 6, MaxEntries: 1<<32 - 1, Extra: 1 << 63}},
		"signed extra is sign-extended": {func(o *object) []elftest.Member {
			return []elftest.Member{hash(o), field("map_extra", o.btf.Enum("", 4, true, elftest.Enumerator{Name: "x", Value: -1}))}
		}, spec.Map{Type: ebpf.Hash, Extra: 1<<64 - 1}},
		"types": {func(o *object) []elftest.Member {
			u64 := o.btf.Int("unsigned long", 8, 0)
			return []elftest.Member{hash(o), field("key", o.btf.Ptr(o.btf.Const(o.btf.Typedef("k", u64)))), field("value", o.btf.Ptr(o.btf.Array(u64, 3)))}
		}, spec.Map{Type: ebpf.Hash, KeySize: 8, ValueSize: 24}},
		"type and equal size, in any order": {func(o *object) []elftest.Member {
			i := o.btf.Int("int", 4, 0)
			return []elftest.Member{field("value_size", o.btf.Uint(4)), field("key", o.btf.Ptr(i)), field("key_size", o.btf.Uint(4)), field("value", o.btf.Ptr(i)), hash(o)}
		}, spec.Map{Type: ebpf.Hash, KeySize: 4, ValueSize: 4}},
		"size 0 says nothing": {func(o *object) []elftest.Member {
			return []elftest.Member{hash(o), field("key_size", o.btf.Uint(0)), field("key", o.btf.Ptr(o.btf.Int("int", 4, 0)))}
		}, spec.Map{Type: ebpf.Hash, KeySize: 4}},
		"flexible array has size 0": {func(o *object) []elftest.Member {
			return []elftest.Member{hash(o), field("value", o.btf.Ptr(o.btf.Array(o.btf.Int("int", 4, 0), 0)))}
		}, spec.Map{Type: ebpf.Hash}},
		"qualifiers and typedefs around members": {func(o *object) []elftest.Member {
			i := o.btf.Int("int", 4, 0)
			return []elftest.Member{field("type", o.btf.Const(o.btf.Typedef("t", o.btf.Ptr(o.btf.Volatile(o.btf.Array(i, 2)))))),
				field("key", o.btf.Const(o.btf.Typedef("p", o.btf.Ptr(i))))}
		}, spec.Map{Type: ebpf.Array, KeySize: 4}},
		"last of several wins": {func(o *object) []elftest.Member {
			return []elftest.Member{hash(o), field("max_entries", o.btf.Uint(1)), field("max_entries", o.btf.Uint(2))}
		}, spec.Map{Type: ebpf.Hash, MaxEntries: 2}},
		"pinning of none":       {func(o *object) []elftest.Member { return []elftest.Member{hash(o), field("pinning", o.btf.Uint(0))} }, spec.Map{Type: ebpf.Hash}},
		"pinning that replaces": {func(o *object) []elftest.Member { return []elftest.Member{hash(o), field("pinning", o.btf.Uint(16))} }, spec.Map{Type: ebpf.Hash, Pinning: spec.PinReplace}},
		"values of programs": {func(o *object) []elftest.Member {
			return []elftest.Member{field("type", o.btf.Uint(3)), field("values", o.btf.Array(o.btf.Ptr(o.btf.FuncProto(0)), 0))}
		}, spec.Map{Type: ebpf.ProgramArray, ValueSize: 4}},
		"values of maps": {func(o *object) []elftest.Member {
			inner := o.btf.Typedef("inner", o.btf.Const(o.structOf(field("type", o.btf.Uint(2)), field("max_entries", o.btf.Uint(7)))))
			return []elftest.Member{field("type", o.btf.Uint(12)), field("value_size", o.btf.Uint(4)), field("values", o.btf.Array(o.btf.Const(o.btf.Ptr(inner)), 0))}
		}, spec.Map{Type: ebpf.ArrayOfMaps, ValueSize: 4, Inner: &spec.Map{Type: ebpf.Array, MaxEntries: 7}}},
		"type after the rest": {func(o *object) []elftest.Member {
			inner := o.structOf(field("type", o.btf.Uint(2)))
			return []elftest.Member{field("max_entries", o.btf.Uint(7)), field("type", o.btf.Uint(13)), field("values", o.btf.Array(o.btf.Ptr(inner), 0))}
		}, spec.Map{Type: ebpf.HashOfMaps, ValueSize: 4, MaxEntries: 7, Inner: &spec.Map{Type: ebpf.Array}}},
		"a type of the future": {func(o *object) []elftest.Member { return []elftest.Member{field("type", o.btf.Uint(999))} }, spec.Map{Type: 999}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			for _, bigEndian := range []bool{false, true} {
				o := newObject(bigEndian, 1)
				o.define(0, "m", o.structOf(tt.fields(o)...))
				defs, warnings, err := o.decode(t, btfmaps.Options{})
				if err != nil || len(defs) != 1 || len(warnings) != 0 {
					t.Fatalf("%d definitions, warnings %v, error %v", len(defs), warnings, err)
				}
				if diff := cmp.Diff(&tt.want, defs[0].Map, ignoreIDs); diff != "" {
					t.Errorf("big endian %t (-want +got):\n%s", bigEndian, diff)
				}
				if in := defs[0].Map.Inner; in != nil && in.Name != "m.inner" {
					t.Errorf("the inner map is called %q", in.Name)
				}
			}
		})
	}
}

// The ids of key and value types keep what qualifies the type.
func TestTypeIDs(t *testing.T) {
	o := newObject(false, 1)
	key := o.btf.Typedef("key", o.btf.Int("int", 4, 0))
	value := o.btf.Const(o.btf.Int("long", 8, 0))
	o.define(0, "m", o.structOf(field("type", o.btf.Uint(1)), field("key", o.btf.Ptr(key)), field("value", o.btf.Ptr(value))))
	defs, _, err := o.decode(t, btfmaps.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if m := defs[0].Map; m.KeyType != key || m.ValueType != value {
		t.Errorf("types %d and %d, want %d and %d", m.KeyType, m.ValueType, key, value)
	}
}

// Beyla gives maps that its own code pins the number 100, which libbpf refuses.
func TestPrivatePinning(t *testing.T) {
	o := newObject(false, 1)
	o.define(0, "m", o.structOf(field("type", o.btf.Uint(1)), field("pinning", o.btf.Uint(100))))
	defs, warnings, err := o.decode(t, btfmaps.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if got := defs[0].Map.Pinning; got != 100 {
		t.Errorf("pinning %d, want 100", got)
	}
	if len(warnings) != 1 || warnings[0].Code != "unknown-pinning" || warnings[0].Symbol != "m" {
		t.Errorf("warnings %v, want one with code unknown-pinning about m", warnings)
	}
}

func TestFieldErrors(t *testing.T) {
	one := func(name string, typ func(o *object) rawbtf.ID) func(o *object) []elftest.Member {
		return func(o *object) []elftest.Member {
			return []elftest.Member{field("type", o.btf.Uint(1)), field(name, typ(o))}
		}
	}
	values := func(mapType uint32, typ func(o *object) rawbtf.ID) func(o *object) []elftest.Member {
		return func(o *object) []elftest.Member {
			return []elftest.Member{field("type", o.btf.Uint(mapType)), field("values", typ(o))}
		}
	}
	inner := func(fields func(o *object) []elftest.Member) func(o *object) []elftest.Member {
		return values(12, func(o *object) rawbtf.ID { return o.btf.Array(o.btf.Ptr(o.structOf(fields(o)...)), 0) })
	}
	i32 := func(o *object) rawbtf.ID { return o.btf.Int("int", 4, rawbtf.IntSigned) }
	tests := map[string]struct {
		fields   func(o *object) []elftest.Member
		sentinel error
		message  string // after the place of map "m"
	}{
		"no members":            {func(o *object) []elftest.Member { return nil }, elf.ErrMalformed, `map type isn't specified: the definition needs __uint(type, BPF_MAP_TYPE_...)`},
		"type 0":                {func(o *object) []elftest.Member { return []elftest.Member{field("type", o.btf.Uint(0))} }, elf.ErrMalformed, `map type isn't specified: the definition needs __uint(type, BPF_MAP_TYPE_...)`},
		"number from integer":   {one("max_entries", i32), elf.ErrMalformed, `field "max_entries": want an integer written with __uint, got an integer "int"`},
		"number from pointer":   {one("max_entries", func(o *object) rawbtf.ID { return o.btf.Ptr(i32(o)) }), elf.ErrMalformed, `field "max_entries": want an integer written with __uint, got a pointer to an integer "int"`},
		"number from struct":    {one("numa_node", func(o *object) rawbtf.ID { return o.btf.Struct("node", 4) }), elf.ErrMalformed, `field "numa_node": want an integer written with __uint, got a struct "node"`},
		"number from typedef":   {one("numa_node", func(o *object) rawbtf.ID { return o.btf.Typedef("node_t", o.btf.Struct("", 4)) }), elf.ErrMalformed, `field "numa_node": want an integer written with __uint, got a struct "node_t"`},
		"number from void":      {one("map_flags", func(o *object) rawbtf.ID { return 0 }), elf.ErrMalformed, `field "map_flags": want an integer written with __uint, got void`},
		"number from wide enum": {one("map_extra", func(o *object) rawbtf.ID { return o.btf.Enum("", 4, false, elftest.Enumerator{}, elftest.Enumerator{}) }), elf.ErrMalformed, `field "map_extra": want an integer written with __ulong, got an enum of 2 values`},
		"number too large":      {one("max_entries", func(o *object) rawbtf.ID { return o.btf.Ulong(1 << 32) }), elf.ErrMalformed, `field "max_entries": 4294967296 does not fit 32 bits`},
		"size too large":        {one("key_size", func(o *object) rawbtf.ID { return o.btf.Ulong(1 << 32) }), elf.ErrMalformed, `field "key_size": 4294967296 does not fit 32 bits`},
		"key from integer":      {one("key", i32), elf.ErrMalformed, `field "key": want a type written with __type, got an integer "int"`},
		"key from void":         {one("key", func(o *object) rawbtf.ID { return o.btf.Ptr(0) }), elf.ErrMalformed, `field "key": the size of void is unknown or too large`},
		"key from function":     {one("key", func(o *object) rawbtf.ID { return o.btf.Ptr(o.btf.FuncProto(0)) }), elf.ErrMalformed, `field "key": the size of a function is unknown or too large`},
		"value incomplete":      {one("value", func(o *object) rawbtf.ID { return o.btf.Ptr(o.btf.Fwd("secret", false)) }), elf.ErrMalformed, `field "value": the size of an incomplete type "secret" is unknown or too large`},
		"value too large":       {one("value", func(o *object) rawbtf.ID { return o.btf.Ptr(o.btf.Array(o.btf.Int("int", 4, 0), 1<<30)) }), elf.ErrMalformed, `field "value": the size of an array is unknown or too large`},
		"size differs from type": {func(o *object) []elftest.Member {
			return []elftest.Member{field("key", o.btf.Ptr(i32(o))), field("key_size", o.btf.Uint(8))}
		}, elf.ErrMalformed, `field "key_size": key size is 8 here and 4 before`},
		"type differs from size": {func(o *object) []elftest.Member {
			return []elftest.Member{field("value_size", o.btf.Uint(8)), field("value", o.btf.Ptr(i32(o)))}
		}, elf.ErrMalformed, `field "value": value size is 4 here and 8 before`},
		"pinning unknown":    {one("pinning", func(o *object) rawbtf.ID { return o.btf.Uint(1 << 16) }), elf.ErrUnsupported, `field "pinning": value 65536; known are 0 (none), 1 (by name) and 16 (by name, replacing)`},
		"pinning far beyond": {one("pinning", func(o *object) rawbtf.ID { return o.btf.Ulong(1 << 32) }), elf.ErrUnsupported, `field "pinning": value 4294967296; known are 0 (none), 1 (by name) and 16 (by name, replacing)`},
		"pinning no number":  {one("pinning", i32), elf.ErrMalformed, `field "pinning": want an integer written with __uint, got an integer "int"`},
		"unknown field":      {one("colour", i32), elf.ErrUnsupported, `field "colour": not a field of map definitions; --relaxed ignores such fields`},
		"anonymous member":   {one("", i32), elf.ErrUnsupported, `field "": not a field of map definitions; --relaxed ignores such fields`},
		"values not last": {func(o *object) []elftest.Member {
			return []elftest.Member{field("type", o.btf.Uint(3)), field("values", o.btf.Array(o.btf.Ptr(o.btf.FuncProto(0)), 0)), field("max_entries", o.btf.Uint(1))}
		}, elf.ErrMalformed, `field "values": must be the last member`},
		"values without type": {func(o *object) []elftest.Member { return []elftest.Member{field("values", i32(o))} }, elf.ErrMalformed, `map type isn't specified: the definition needs __uint(type, BPF_MAP_TYPE_...)`},
		"values of a hash":    {values(1, i32), elf.ErrMalformed, `field "values": a map of type hash has none: want a prog_array, array_of_maps or hash_of_maps`},
		"values with value_size": {func(o *object) []elftest.Member {
			return []elftest.Member{field("type", o.btf.Uint(3)), field("value_size", o.btf.Uint(8)), field("values", i32(o))}
		}, elf.ErrMalformed, `field "values": value_size is 8, must be 4`},
		"values no array":       {values(3, i32), elf.ErrMalformed, `field "values": want an array written with __array, got an integer "int"`},
		"values with a length":  {values(3, func(o *object) rawbtf.ID { return o.btf.Array(o.btf.Ptr(o.btf.FuncProto(0)), 2) }), elf.ErrMalformed, `field "values": want an array without a length, as __array writes it, got one of 2`},
		"values no pointers":    {values(3, func(o *object) rawbtf.ID { return o.btf.Array(i32(o), 0) }), elf.ErrMalformed, `field "values": want an array of pointers, got one of an integer "int"`},
		"values no functions":   {values(3, func(o *object) rawbtf.ID { return o.btf.Array(o.btf.Ptr(i32(o)), 0) }), elf.ErrMalformed, `field "values": want pointers to functions, got pointers to an integer "int"`},
		"values no definitions": {values(12, func(o *object) rawbtf.ID { return o.btf.Array(o.btf.Ptr(o.btf.FuncProto(0)), 0) }), elf.ErrMalformed, `field "values": want pointers to map definitions, got pointers to a function`},
		"inner pinned": {inner(func(o *object) []elftest.Member {
			return []elftest.Member{field("type", o.btf.Uint(1)), field("pinning", o.btf.Uint(0))}
		}), elf.ErrUnsupported, `inner: field "pinning": an inner map cannot be pinned by its definition`},
		"inner with values": {inner(func(o *object) []elftest.Member {
			return []elftest.Member{field("type", o.btf.Uint(12)), field("values", i32(o))}
		}), elf.ErrUnsupported, `inner: field "values": maps of maps of maps do not exist`},
		"inner without type": {inner(func(o *object) []elftest.Member { return nil }), elf.ErrMalformed, `inner: map type isn't specified: the definition needs __uint(type, BPF_MAP_TYPE_...)`},
		"inner with unknown field": {inner(func(o *object) []elftest.Member {
			return []elftest.Member{field("type", o.btf.Uint(1)), field("x", i32(o))}
		}), elf.ErrUnsupported,
			`inner: field "x": not a field of map definitions; --relaxed ignores such fields`},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			o := newObject(false, 2)
			o.define(1, "m", o.structOf(tt.fields(o)...))
			defs, warnings, err := o.decode(t, btfmaps.Options{})
			var e *elf.Error
			if !errors.As(err, &e) || !errors.Is(err, tt.sentinel) {
				t.Fatalf("error %v, want %v", err, tt.sentinel)
			}
			symbol, message := "m", tt.message
			if rest, ok := cutInner(message); ok {
				symbol, message = "m.inner", rest
			}
			if e.Section != ".maps" || e.Offset != 64 || e.Kind != "map" || e.Symbol != symbol || e.Err.Error() != message {
				t.Errorf("got  %v\nwant section \".maps\"+0x40 (map %q): %s", err, symbol, message)
			}
			if defs != nil || warnings != nil {
				t.Error("a result beside an error")
			}
		})
	}
}

func cutInner(message string) (string, bool) {
	const inner = "inner: "
	if len(message) > len(inner) && message[:len(inner)] == inner {
		return message[len(inner):], true
	}
	return message, false
}

func TestRelaxed(t *testing.T) {
	o := newObject(false, 1)
	o.define(0, "m", o.structOf(field("type", o.btf.Uint(1)), field("colour", o.btf.Uint(3)), field("key_size", o.btf.Uint(4))))
	defs, warnings, err := o.decode(t, btfmaps.Options{Relaxed: true})
	if err != nil || len(defs) != 1 || defs[0].Map.KeySize != 4 {
		t.Fatalf("%v, %v", defs, err)
	}
	want := []spec.Warning{{Code: "unknown-field", Section: ".maps", Symbol: "m", Message: `field "colour" is not one of map definitions and was ignored`}}
	if diff := cmp.Diff(want, warnings); diff != "" {
		t.Error(diff)
	}
}

// A node without the flag that makes the kernel look at it is remarked on, as in
// legacy records.
func TestUnusedNode(t *testing.T) {
	for flags, want := range map[uint32]int{0: 1, 4: 0} {
		o := newObject(false, 1)
		o.define(0, "m", o.structOf(field("type", o.btf.Uint(1)), field("numa_node", o.btf.Uint(5)), field("map_flags", o.btf.Uint(flags))))
		defs, warnings, err := o.decode(t, btfmaps.Options{})
		if err != nil || len(warnings) != want || defs[0].Map.NUMANode != 5 {
			t.Fatal(defs, warnings, err)
		}
		if want == 1 && warnings[0].String() != `section ".maps"+0x0 ("m"): numa_node is 5, but map_flags has no BPF_F_NUMA_NODE` {
			t.Error(warnings[0])
		}
	}
}
