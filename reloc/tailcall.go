// SPDX-License-Identifier: MIT

package reloc

import (
	"strconv"

	"github.com/cilium/ebpf"

	"github.com/bpfload/bpfload/secdef"
	"github.com/bpfload/bpfload/spec"
)

// SettleTailCalls completes the programs of an object after section names have
// been read for slots of prog arrays. A name such as 2/7, which says nothing else,
// leaves the type to the rest of the object, as far as it has one: iproute2 loaded
// all of it as the type that its user named. And the number in a name such as kprobe/3 is then no
// target.
func SettleTailCalls(programs []*spec.Program) {
	var main *spec.Program
	for _, p := range programs {
		if p.Type == ebpf.UnspecifiedProgram {
			continue
		}
		if main == nil {
			main = p
		} else if p.Type != main.Type {
			main = nil
			break
		}
	}
	for _, p := range programs {
		if p.TailCall == nil {
			continue
		}
		if p.AttachTo == strconv.FormatUint(uint64(p.TailCall.Index), 10) {
			p.AttachTo = ""
		}
		if p.Type == ebpf.UnspecifiedProgram && main != nil {
			p.Type, p.AttachType, p.TypeFrom = main.Type, main.AttachType, string(secdef.IPRoute2)
		}
	}
}
