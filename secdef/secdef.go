// SPDX-License-Identifier: MIT

// Package secdef says what the name of an ELF section means to a loader: which
// type the programs in it have, where they want to be attached, and which flags
// they are loaded with.
//
// [Match] knows the names that libbpf gives a meaning and matches them as
// strictly as libbpf does. [MatchLegacy] knows the looser names that loaders
// before libbpf 1.0 understood, one [Convention] at a time, and [ParseTailCall]
// the names by which some of them filled prog arrays. A leading "?", which makes
// a program optional, is the caller's to remove.
package secdef

import (
	"slices"
	"strings"

	"github.com/cilium/ebpf"

	"github.com/bpfload/bpfload/spec"
)

// A Def is the meaning of one section name.
type Def struct {
	Pattern    string // the name in the table; "+" at its end stands for "" or "/" and anything
	Type       ebpf.ProgramType
	AttachType ebpf.AttachType // expected_attach_type
	Flags      uint32          // prog_flags
	Extra      string          // what follows the pattern and a "/"

	// NeedsTarget says that the kernel wants the BTF id of what Extra names.
	NeedsTarget bool
	// AttachTypeOptional says that a kernel that does not know
	// expected_attach_type for this type is given 0 instead.
	AttachTypeOptional bool
	// USDT says that the attach type becomes BPF_TRACE_UPROBE_MULTI on kernels
	// that have such links.
	USDT bool
}

// Flags of BPF_PROG_LOAD, from include/uapi/linux/bpf.h.
const (
	flagSleepable = 1 << 4
	flagXDPFrags  = 1 << 5
)

func (r *row) def() Def {
	d := Def{
		Pattern:            r.pattern,
		Type:               r.typ,
		AttachType:         r.attach,
		NeedsTarget:        r.flags&target != 0,
		AttachTypeOptional: r.flags&optional != 0,
		USDT:               r.flags&usdt != 0,
	}
	if r.flags&sleepable != 0 {
		d.Flags |= flagSleepable
	}
	if r.flags&frags != 0 {
		d.Flags |= flagXDPFrags
	}
	return d
}

// Match looks a section name up by libbpf's rules: a name is matched exactly, or,
// where the table has a "+", may be followed by "/" and anything, even nothing.
func Match(section string) (Def, bool) {
	if i, ok := search(section); ok {
		return table[i].def(), true
	}
	slash := strings.IndexByte(section, '/')
	if slash < 0 {
		return Def{}, false
	}
	i, ok := search(section[:slash])
	if !ok || table[i].flags&more == 0 {
		return Def{}, false
	}
	d := table[i].def()
	d.Extra = section[slash+1:]
	return d, true
}

// search returns the place of a name in the table, or where it would be.
func search(name string) (int, bool) {
	lo, hi := 0, len(table)
	for lo < hi {
		switch mid := (lo + hi) / 2; strings.Compare(table[mid].name(), name) {
		case 0:
			return mid, true
		case -1:
			lo = mid + 1
		default:
			hi = mid
		}
	}
	return lo, false
}

// ParseType reads what someone calls a type: a section name, such as
// "cgroup/connect4" or "kprobe", which brings an attach type and flags with it, or
// the kernel's name of a program type, such as "sched_cls".
func ParseType(s string) (Def, bool) {
	if d, ok := Match(s); ok {
		return d, true
	}
	if t, ok := spec.ParseProgramType(s); ok && t != ebpf.UnspecifiedProgram {
		return Def{Pattern: s, Type: t}, true
	}
	return Def{}, false
}

// Names returns what [ParseType] understands, sorted, without duplicates: for
// completion and for proposals.
func Names() []string {
	names := spec.ProgramTypeNames()
	out := make([]string, 0, len(table)+len(names))
	for i := range table {
		out = append(out, table[i].name())
	}
	out = append(out, names...)
	slices.Sort(out)
	return slices.Compact(out)
}
