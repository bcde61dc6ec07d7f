// SPDX-License-Identifier: MIT

package verifierlog

// A PoisonKind says what could not be found when a loader put a call that cannot
// succeed in the place of an instruction.
type PoisonKind string

// Kinds of poison. The numbers are libbpf's, which other loaders have taken over:
// a program may come from any.
const (
	PoisonCORE  PoisonKind = "core"  // call 195896080: a CO-RE relocation that matched nothing
	PoisonMap   PoisonKind = "map"   // call 2001000000+N: map N, which was not created
	PoisonKfunc PoisonKind = "kfunc" // call 2002000000+N: external symbol N, a kernel function that does not exist
)

// A Poison is what the number of an unknown call tells.
type Poison struct {
	Kind  PoisonKind
	Index int // map or external symbol, counted by the loader; 0 for PoisonCORE
}

const (
	poisonCORE  = 195896080
	poisonMap   = 2001000000
	poisonKfunc = 2002000000
	poisonEnd   = 2003000000

	// cilium/ebpf uses one number for all kernel functions.
	poisonKfuncCilium = 0xdedc0de
)

// poisonOf reads the number in "invalid func unknown#195896080".
func poisonOf(line string) *Poison {
	n, ok := numberAfter(line, "unknown#")
	switch {
	case !ok:
	case n == poisonCORE:
		return &Poison{Kind: PoisonCORE}
	case poisonMap <= n && n < poisonKfunc:
		return &Poison{Kind: PoisonMap, Index: n - poisonMap}
	case poisonKfunc <= n && n < poisonEnd:
		return &Poison{Kind: PoisonKfunc, Index: n - poisonKfunc}
	case n == poisonKfuncCilium:
		return &Poison{Kind: PoisonKfunc}
	}
	return nil
}

// poisoned makes a rule match one kind of poison.
func poisoned(kind PoisonKind) func(string) bool {
	return func(line string) bool {
		p := poisonOf(line)
		return p != nil && p.Kind == kind
	}
}
