// SPDX-License-Identifier: MIT

package loader

import (
	"strings"

	"github.com/bpfload/bpfload/internal/plain"
	"github.com/bpfload/bpfload/reloc"
	"github.com/bpfload/bpfload/spec"
	"github.com/bpfload/bpfload/structops"
)

// needs is what programs and maps of a plan want to know of the kernel. Nothing is
// read of it beyond that.
type needs struct {
	relos     int            // CO-RE relocations
	externs   []reloc.Extern // kernel symbols that a program refers to, each once
	index     []int32        // by index in Linker.Externs, that in externs, or -1
	kconfig   bool           // values of configuration variables
	targets   []int          // programs, by index, that attach to a BTF id
	structOps []*structops.Ops
}

func (n *needs) any() bool {
	return n.relos > 0 || len(n.externs) > 0 || n.kconfig || len(n.targets) > 0 || len(n.structOps) > 0
}

func (n *needs) String() string {
	var parts []string
	add := func(n int, what string) {
		if n > 0 {
			parts = append(parts, plain.Count(n, what))
		}
	}
	add(n.relos, "CO-RE relocation")
	add(len(n.externs), "kernel symbol")
	if n.kconfig {
		parts = append(parts, "the kernel's configuration")
	}
	add(len(n.targets), "attach target")
	add(len(n.structOps), "struct_ops variable")
	return strings.Join(parts, ", ")
}

// needs collects what the plan's programs and maps want. The map of configuration
// values is wanted as a whole, since its contents are one value.
func (b *planner) needs() *needs {
	n := &needs{}
	all := b.o.linker.Externs
	for i, code := range b.plan.codes {
		if code == nil {
			continue
		}
		n.relos += len(code.Relos)
		for j := range code.Fixups {
			f := &code.Fixups[j]
			switch f.Kind {
			case reloc.KsymTypeless, reloc.KsymTyped, reloc.KfuncCall, reloc.KfuncAddr:
				n.addExtern(all, int(f.Index))
			}
		}
		if b.o.Programs[i].NeedsTarget {
			n.targets = append(n.targets, i)
		}
	}
	for _, m := range b.o.Maps {
		n.kconfig = n.kconfig || m.Origin == spec.OriginKconfig && !m.NoCreate
	}
	for _, ops := range b.o.ops {
		if !ops.Map.NoCreate {
			n.structOps = append(n.structOps, ops)
		}
	}
	return n
}

func (n *needs) addExtern(all func() []reloc.Extern, i int) {
	if n.index == nil {
		n.index = make([]int32, len(all()))
		for j := range n.index {
			n.index[j] = -1
		}
	}
	if n.index[i] < 0 {
		n.index[i] = int32(len(n.externs))
		n.externs = append(n.externs, all()[i])
	}
}
