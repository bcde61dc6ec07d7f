// SPDX-License-Identifier: MIT

package core_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/bpfload/bpfload/elf"
	"github.com/bpfload/bpfload/internal/elftest"
	"github.com/bpfload/bpfload/internal/kernel"
	"github.com/bpfload/bpfload/rawbtf"
	"github.com/bpfload/bpfload/reloc/core"
)

// Types that no compiler makes must not keep the comparison busy.
func TestHostileTypes(t *testing.T) {
	// Each level holds the next twice, without a name: 2^40 ways to a field.
	bush := func(b *elftest.BTF) {
		next := b.NextID() + 1
		b.Struct("s", 8, elftest.Member{Type: next}, elftest.Member{Type: next})
		for range 40 {
			next++
			b.Struct("", 8, elftest.Member{Type: next}, elftest.Member{Type: next})
		}
		b.Struct("", 8)
	}
	itself := func(b *elftest.BTF) { b.Struct("s", 8, elftest.Member{Type: b.NextID()}) }
	ring := func(b *elftest.BTF) rawbtf.ID {
		return b.Struct("s", 8, elftest.Member{Name: "x", Type: b.NextID() + 1, Bits: 0})
	}
	arrays := func(b *elftest.BTF) rawbtf.ID {
		id := ring(b)
		b.Array(b.NextID(), 1)
		return id
	}
	pointers := func(b *elftest.BTF) rawbtf.ID {
		id := b.Typedef("t", b.NextID()+1)
		b.Ptr(b.NextID())
		return id
	}
	functions := func(b *elftest.BTF) rawbtf.ID {
		id := b.Typedef("t", b.NextID()+1)
		b.FuncProto(0, elftest.Param{Type: b.NextID()})
		return id
	}
	// A struct that holds itself under several names, none of which leads on.
	many := func(last string) func(b *elftest.BTF) rawbtf.ID {
		return func(b *elftest.BTF) rawbtf.ID {
			id := b.NextID()
			var m []elftest.Member
			for range 30 {
				m = append(m, elftest.Member{Name: "again", Type: id})
			}
			return b.Struct("s", 8, append([]elftest.Member{{Name: last, Type: id + 1}}, m...)...)
		}
	}
	wideEnum := func(name string) func(b *elftest.BTF) rawbtf.ID {
		return func(b *elftest.BTF) rawbtf.ID {
			var v []elftest.Enumerator
			for range 1<<16 - 1 {
				v = append(v, elftest.Enumerator{Name: name})
			}
			return b.Enum("e", 4, false, append(v[1:], elftest.Enumerator{Name: "last"})...)
		}
	}
	with := func(f func(b *elftest.BTF) rawbtf.ID) func(b *elftest.BTF) {
		return func(b *elftest.BTF) { f(b); u32(b) }
	}
	both := func(f func(b *elftest.BTF) rawbtf.ID) func(b *elftest.BTF) rawbtf.ID {
		return func(b *elftest.BTF) rawbtf.ID { id := f(b); u32(b); return id }
	}
	for name, tc := range map[string]struct {
		scene
		says string
	}{
		"anonymous bush":           {scene{one(u32, 4), bush, "0:0", core.FieldByteOffset, imm(4)}, "steps"},
		"anonymous within itself":  {scene{one(u32, 4), itself, "0:0", core.FieldByteOffset, imm(4)}, "steps"},
		"array of itself":          {scene{arrays, only(arrays), "0:0", core.FieldExists, imm(1)}, "nested"},
		"pointer to itself":        {scene{pointers, only(pointers), "0", core.TypeExists, imm(1)}, "nested"},
		"pointer matching itself":  {scene{pointers, only(pointers), "0", core.TypeMatches, imm(1)}, "nested"},
		"function of itself":       {scene{functions, only(functions), "0", core.TypeExists, imm(1)}, "nested"},
		"function matching itself": {scene{functions, only(functions), "0", core.TypeMatches, imm(1)}, "nested"},
		"struct matching itself":   {scene{both(many("again")), with(many("again")), "0", core.TypeMatches, imm(1)}, "nested"},
		"values without end":       {scene{wideEnum("a"), only(wideEnum("b")), "0", core.TypeMatches, imm(1)}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			_, _, err := tc.run(t, false)
			if tc.says == "" {
				if err != nil {
					t.Error(err)
				}
			} else if !errors.Is(err, elf.ErrMalformed) || !strings.Contains(err.Error(), tc.says) {
				t.Errorf("got %v", err)
			}
		})
	}
}

// Many comparisons, each harmless, are bounded together.
func TestStepsOfAnObject(t *testing.T) {
	var l, k elftest.BTF
	root := b65535(&l, "a")
	b65535(&k, "b")
	local, target := parse(t, l.Bytes(false)), kernel.NewTypes(parse(t, k.Bytes(false)))
	r := core.NewResolver(local, target)
	var err error
	for i := 0; i < 1000 && err == nil; i++ {
		// Each access is a question of its own.
		rel := core.Relocation{Type: root, Access: "0:" + strings.Repeat("0", i) + "1", Kind: core.FieldExists}
		_, err = r.Apply(insns(false, imm(1))[8:], []core.Relocation{rel})
	}
	if !errors.Is(err, elf.ErrMalformed) {
		t.Errorf("got %v", err)
	}
}

func b65535(b *elftest.BTF, name string) rawbtf.ID {
	id := u32(b)
	m := make([]elftest.Member, 1<<16-1)
	for i := range m {
		m[i] = elftest.Member{Name: name, Type: id}
	}
	return b.Struct("s", 4, m...)
}

// An object that asks for more comparisons than any real one is refused, in the same
// words each time.
func TestTooComplex(t *testing.T) {
	// Each struct of the kernel has as many members as there can be, none of which is
	// the one that is looked for.
	const structs, members = 24, 1<<16 - 1
	var target elftest.BTF
	u := target.Int("u32", 4, 0)
	list := make([]elftest.Member, members)
	for i := range list {
		list[i] = elftest.Member{Name: "other", Type: u}
	}
	var object elftest.BTF
	i := object.Int("u32", 4, 0)
	var relos []core.Relocation
	for n := range structs {
		name := "s" + strings.Repeat("x", n)
		target.Struct(name, 4, list...)
		root := object.Struct(name, 4, elftest.Member{Name: "wanted", Type: i})
		for range 4 {
			relos = append(relos, core.Relocation{Type: root, Access: "0:0", Kind: core.Kind(len(relos) % 4)})
		}
	}
	local, err := rawbtf.Parse(object.Bytes(false), nil)
	if err != nil {
		t.Fatal(err)
	}
	types, err := kernel.New(kernel.Source{BTF: target.Bytes(false)}).Types()
	if err != nil {
		t.Fatal(err)
	}
	said := ""
	for range 2 {
		r := core.NewResolver(local, types)
		var err error
		for _, rel := range relos {
			held := [...]byte{core.FieldByteOffset: 0, core.FieldByteSize: 4, core.FieldExists: 1, core.FieldSigned: 0}
			code := []byte{0xb7, 0, 0, 0, held[rel.Kind], 0, 0, 0}
			if _, err = r.Apply(code, []core.Relocation{rel}); err != nil {
				break
			}
		}
		if !errors.Is(err, elf.ErrMalformed) || !strings.Contains(err.Error(), "comparing the types takes more than 4194304 steps") {
			t.Fatalf("got %v", err)
		}
		if said != "" && err.Error() != said {
			t.Errorf("%v, before %s", err, said)
		}
		said = err.Error()
	}
}
