// SPDX-License-Identifier: MIT

// Package core applies CO-RE relocations: it finds the type, field or enumerator
// that an instruction was compiled for among the types of the kernel at hand, and
// rewrites the instruction with its place, size or value there.
//
// All thirteen kinds of enum bpf_core_relo_kind are handled, by libbpf's rules and
// with its results, instruction by instruction. What cannot be found is no error:
// the instruction is replaced by a call that no verifier accepts, so that only a
// program which can reach it is refused (see [PoisonCall]); [Resolver.Explain]
// says what was missing.
//
// The kernel is given as a [Target], which may as well be a recording: nothing
// here reads the running kernel.
package core

import (
	"github.com/bpfload/bpfload/rawbtf"
)

// A Kind is enum bpf_core_relo_kind.
type Kind uint32

// The kinds, by the numbers of include/uapi/linux/bpf.h.
const (
	FieldByteOffset Kind = 0
	FieldByteSize   Kind = 1
	FieldExists     Kind = 2
	FieldSigned     Kind = 3
	FieldLeftShift  Kind = 4 // to bring a bitfield to the top of a u64
	FieldRightShift Kind = 5 // and from there to the bottom
	TypeIDLocal     Kind = 6
	TypeIDTarget    Kind = 7
	TypeExists      Kind = 8
	TypeSize        Kind = 9
	EnumValueExists Kind = 10
	EnumValue       Kind = 11
	TypeMatches     Kind = 12
)

var kindNames = [...]string{"byte_off", "byte_sz", "field_exists", "signed", "lshift_u64", "rshift_u64",
	"local_type_id", "target_type_id", "type_exists", "type_size", "enumval_exists", "enumval_value", "type_matches"}

// String returns the name that libbpf's and LLVM's messages use.
func (k Kind) String() string {
	if int(k) < len(kindNames) {
		return kindNames[k]
	}
	return "unknown"
}

func (k Kind) ofField() bool { return k <= FieldRightShift }
func (k Kind) ofType() bool  { return k >= TypeIDLocal && k <= TypeSize || k == TypeMatches }
func (k Kind) ofEnum() bool  { return k == EnumValueExists || k == EnumValue }

// A Relocation is one record of .BTF.ext (struct bpf_core_relo).
type Relocation struct {
	Insn   uint32    // index of the 8-byte instruction in the code given to Apply
	Type   rawbtf.ID // root type, in the object's BTF
	Access string    // what of it: indices of members and elements, as in "0:3:1"
	Kind   Kind
}

// A Target finds types of the kernel for which programs are relocated.
type Target interface {
	// Want announces a Find, so that one search serves many.
	Want(kinds rawbtf.KindSet, name string)
	// Find returns the types of one of the kinds whose name, flavour
	// ignored, is that of name, in the order of their ids: the kernel's own
	// or, where it has none, those of all its modules.
	Find(kinds rawbtf.KindSet, name string) ([]rawbtf.Type, error)
	// Names yields the names of all types of the kinds, to propose one.
	Names(kinds rawbtf.KindSet, yield func(string) bool)
}

// A Failure says why an instruction was poisoned.
type Failure uint8

const (
	// Applied is the absence of a failure. Relocations that ask whether
	// something exists never fail: their value is 0.
	Applied Failure = iota
	// Missing says that the kernel has no such type, field or enumerator.
	Missing
	// Width says that the kernel's field has another size, to which a load
	// or store cannot be adjusted without changing the value: only pointers
	// and unsigned integers can.
	Width
)

// A Result is what became of one relocation.
type Result struct {
	Value   uint64 // what the instruction now holds, if Failure is Applied
	Failure Failure
}

// maxSteps bounds the comparisons of names and types for one object: a real one with
// thousands of relocations takes a few hundred thousand, and a hostile one ends
// within a second.
const maxSteps = 1 << 22

// A Resolver resolves the relocations of one object for one target. It remembers
// what it has found. Like libbpf, it narrows the candidates for a root type to
// those that satisfied earlier relocations: relocate programs in the order of the
// file for equal results. It must not be used from several goroutines at once.
type Resolver struct {
	local  *rawbtf.Spec
	target Target

	candidates map[rawbtf.ID][]rawbtf.Type
	known      map[question]answer
	steps      int
	from, to   path // scratch
}

// A question is a relocation, apart from the instruction.
type question struct {
	typ    rawbtf.ID
	kind   Kind
	access string
}

// NewResolver returns a Resolver for an object with the given BTF.
func NewResolver(local *rawbtf.Spec, target Target) *Resolver {
	return &Resolver{
		local: local, target: target, steps: maxSteps,
		candidates: make(map[rawbtf.ID][]rawbtf.Type), known: make(map[question]answer),
	}
}

// Want announces to the target what the relocations will ask for.
func (r *Resolver) Want(relos []Relocation) {
	last := rawbtf.ID(0)
	for _, rel := range relos {
		if rel.Type == last || rel.Kind == TypeIDLocal {
			continue
		}
		last = rel.Type
		t := r.local.Type(rel.Type)
		if _, ok := r.candidates[rel.Type]; !ok && t.NameOff != 0 {
			r.target.Want(sameKind(t.Kind), t.Name())
		}
	}
}

// Apply relocates code, raw instructions in the byte order of the object, in
// place, and returns one Result for each relocation. The error is an *[Error]; the
// code is then partly relocated and of no use.
func (r *Resolver) Apply(code []byte, relos []Relocation) ([]Result, error) {
	r.Want(relos)
	results := make([]Result, len(relos))
	p := patcher{code: code, big: r.local.BigEndian()}
	for i, rel := range relos {
		a, err := r.answer(rel)
		if err == nil {
			results[i], err = p.patch(rel, a)
		}
		if err != nil {
			return nil, r.errorOf(rel, err)
		}
	}
	return results, nil
}

// Apply relocates the code of a single program: see [Resolver.Apply].
func Apply(code []byte, relos []Relocation, local *rawbtf.Spec, target Target) ([]Result, error) {
	return NewResolver(local, target).Apply(code, relos)
}

// sameKind returns the kinds that a type of kind k may have in the kernel: an
// enum with large values is an enum64 elsewhere.
func sameKind(k rawbtf.Kind) rawbtf.KindSet {
	if isEnum(k) {
		return rawbtf.Kinds(rawbtf.KindEnum, rawbtf.KindEnum64)
	}
	return rawbtf.Kinds(k)
}

func isEnum(k rawbtf.Kind) bool { return k == rawbtf.KindEnum || k == rawbtf.KindEnum64 }

func isComposite(k rawbtf.Kind) bool { return k == rawbtf.KindStruct || k == rawbtf.KindUnion }

func kindsAgree(a, b rawbtf.Kind) bool { return a == b || isEnum(a) && isEnum(b) }
