// SPDX-License-Identifier: MIT

package reloc

import (
	"strconv"

	"github.com/cilium/ebpf"

	"github.com/bpfload/bpfload/secdef"
	"github.com/bpfload/bpfload/spec"
)

// SettleTailCalls completes the programs of an object after section names have
// been read for slots of prog arrays. A name such as 2/7 says nothing else: the
// program gets the type of those that have one, if they agree, since iproute2 loaded
// all of an object as the type that its user named; otherwise of those that use the
// prog array, by its name, as users reports them. And the number in a name such as
// kprobe/3 is then no target.
func SettleTailCalls(programs []*spec.Program, users func(progArray string) []*spec.Program) {
	main := common(programs)
	for _, p := range programs {
		if p.TailCall == nil {
			continue
		}
		if p.AttachTo == strconv.FormatUint(uint64(p.TailCall.Index), 10) {
			p.AttachTo = ""
		}
		if p.Type != ebpf.UnspecifiedProgram {
			continue
		}
		like := main
		if like == nil {
			like = common(users(p.TailCall.Map))
		}
		if like != nil {
			p.Type, p.AttachType, p.TypeFrom = like.Type, like.AttachType, string(secdef.IPRoute2)
		}
	}
}

// common returns the first of the programs that have a type, if all of these have
// the same.
func common(programs []*spec.Program) *spec.Program {
	var first *spec.Program
	for _, p := range programs {
		switch {
		case p.Type == ebpf.UnspecifiedProgram:
		case first == nil:
			first = p
		case p.Type != first.Type:
			return nil
		}
	}
	return first
}
