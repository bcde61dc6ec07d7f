// SPDX-License-Identifier: MIT

package core_test

import (
	"testing"

	"github.com/bpfload/bpfload/internal/elftest"
	"github.com/bpfload/bpfload/internal/kernel"
	"github.com/bpfload/bpfload/rawbtf"
	"github.com/bpfload/bpfload/reloc/core"
)

// A scene is an object's types and a kernel's, and one relocation between them.
type scene struct {
	local  func(b *elftest.BTF) rawbtf.ID // returns the root type
	kernel func(b *elftest.BTF)
	access string // "0" if empty
	kind   core.Kind
	code   []elftest.Insn
}

// imm, load and imm64 are instructions as compilers make them for relocations.
func imm(v int32) []elftest.Insn { return []elftest.Insn{{Op: 0xb7, Dst: 1, Imm: v}} }

func imm64(v uint64) []elftest.Insn {
	return elftest.LoadImm64(2, 0, int32(uint32(v)), int32(uint32(v>>32)))
}

// load reads size bytes at an offset: r3 = *(uSIZE *)(r1 + off).
func load(size int, off int16) []elftest.Insn {
	return []elftest.Insn{{Op: map[int]uint8{1: 0x71, 2: 0x69, 4: 0x61, 8: 0x79}[size], Dst: 3, Src: 1, Off: off}}
}

// poison is what becomes of n instructions.
func poison(n int) []elftest.Insn {
	insns := make([]elftest.Insn, n)
	for i := range insns {
		insns[i] = elftest.CallHelper(core.PoisonCall)
	}
	return insns
}

func parse(t testing.TB, data []byte) *rawbtf.Spec {
	t.Helper()
	spec, err := rawbtf.Parse(data, nil)
	if err != nil {
		t.Fatal(err)
	}
	return spec
}

// build makes the types of both sides.
func (s scene) build(t testing.TB, big bool) (local *rawbtf.Spec, root rawbtf.ID, target *kernel.Types) {
	t.Helper()
	var l, k elftest.BTF
	root = s.local(&l)
	k.Int("unrelated", 4, 0)
	if s.kernel != nil {
		s.kernel(&k)
	}
	return parse(t, l.Bytes(big)), root, kernel.NewTypes(parse(t, k.Bytes(big)))
}

func (s scene) relocation(root rawbtf.ID) core.Relocation {
	access := s.access
	if access == "" {
		access = "0"
	}
	return core.Relocation{Insn: 1, Type: root, Access: access, Kind: s.kind}
}

// run relocates the scene's code between two instructions that must stay.
func (s scene) run(t testing.TB, big bool) (code []byte, res core.Result, err error) {
	t.Helper()
	local, root, target := s.build(t, big)
	code = insns(big, s.code)
	results, err := core.Apply(code, []core.Relocation{s.relocation(root)}, local, target)
	if err != nil {
		return code, core.Result{}, err
	}
	return code, results[0], nil
}

// insns encodes code between two others.
func insns(big bool, code []elftest.Insn) []byte {
	all := append([]elftest.Insn{elftest.Ret0}, code...)
	return (&elftest.Object{BigEndian: big}).Insns(append(all, elftest.Exit)...)
}

// explain returns what Explain says of the scene's failure.
func (s scene) explain(t testing.TB) string {
	t.Helper()
	local, root, target := s.build(t, false)
	r := core.NewResolver(local, target)
	rel := s.relocation(root)
	results, err := r.Apply(insns(false, s.code), []core.Relocation{rel})
	if err != nil {
		t.Fatal(err)
	}
	return r.Explain(rel, results[0].Failure)
}

// Types that many scenes use.
func i32(b *elftest.BTF) rawbtf.ID { return b.Int("int", 4, rawbtf.IntSigned) }
func u8(b *elftest.BTF) rawbtf.ID  { return b.Int("unsigned char", 1, 0) }
func u16(b *elftest.BTF) rawbtf.ID { return b.Int("unsigned short", 2, 0) }
func u32(b *elftest.BTF) rawbtf.ID { return b.Int("unsigned int", 4, 0) }
func u64(b *elftest.BTF) rawbtf.ID { return b.Int("unsigned long", 8, 0) }

// one is struct s with a single field x of the given type at a byte offset.
func one(typ func(b *elftest.BTF) rawbtf.ID, at uint32) func(b *elftest.BTF) rawbtf.ID {
	return func(b *elftest.BTF) rawbtf.ID {
		return b.Struct("s", at+64, elftest.Member{Name: "x", Type: typ(b), Bits: 8 * at})
	}
}

// only turns a function for the object's side into one for the kernel's.
func only(f func(b *elftest.BTF) rawbtf.ID) func(b *elftest.BTF) {
	return func(b *elftest.BTF) { f(b) }
}

// members is struct s with the given fields, made by f.
func members(size uint32, f func(b *elftest.BTF) []elftest.Member) func(b *elftest.BTF) rawbtf.ID {
	return func(b *elftest.BTF) rawbtf.ID { return b.Struct("s", size, f(b)...) }
}
