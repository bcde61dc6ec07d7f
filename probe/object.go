// SPDX-License-Identifier: MIT

package probe

import (
	"cmp"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"strconv"

	"github.com/cilium/ebpf/features"

	"github.com/bpfload/bpfload/internal/kernel"
	"github.com/bpfload/bpfload/loader"
	"github.com/bpfload/bpfload/rawbtf"
	"github.com/bpfload/bpfload/reloc"
	"github.com/bpfload/bpfload/spec"
)

// Object lists what loading an object needs of a kernel, in the order in which the
// file first asks for it, and whether the running kernel has it.
func Object(o *loader.Object) ([]Need, error) {
	raiseMemlock()
	n := &needs{index: make(map[[2]string]int)}
	for _, m := range o.Maps {
		if m.NoCreate || m.Origin == spec.OriginArena {
			continue
		}
		if err := n.add("map type", spec.MapTypeName(m.Type), m.Name, func() error { return features.HaveMapType(m.Type) }); err != nil {
			return nil, err
		}
	}
	for _, p := range o.Programs {
		if !p.Autoload {
			continue
		}
		if p.Type != 0 {
			if err := n.add("program type", spec.ProgramTypeName(p.Type), p.Name, func() error { return features.HaveProgramType(p.Type) }); err != nil {
				return nil, err
			}
		}
		code, err := o.Linker().Link(p)
		if err != nil {
			n.fact("linking", err.Error(), p.Name, false)
			continue
		}
		if err := n.code(p, code); err != nil {
			return nil, err
		}
	}
	return n.list, n.lacks(o)
}

// lacks adds what programs refer to by name and the kernel does not have.
func (n *needs) lacks(o *loader.Object) error {
	list, err := o.Lacks(context.Background())
	switch e := (*loader.Error)(nil); {
	case errors.As(err, &e) && e.Class == loader.ClassNoKernelBTF:
		return nil // which is on the list
	case errors.As(err, &e) && e.Class == loader.ClassObject:
		return nil // of another byte order, say: no kernel's fault
	case err != nil:
		return err
	}
	for _, l := range list {
		v := Unknown
		if l.Certain {
			v = No
		}
		if i, ok := n.index[[2]string{"kfunc", l.Name}]; ok {
			n.list[i].Supported, n.list[i].Reason = v, l.Reason
		} else if i, ok := n.index[[2]string{"kernel variable", l.Name}]; ok {
			n.list[i].Supported, n.list[i].Reason = v, l.Reason
		} else if i, ok := n.index[[2]string{l.Kind, l.Name}]; ok && n.list[i].Supported == No && v == Unknown {
			continue // one may come to it, another is bound to
		} else if !n.seen(l.Kind, l.Name, l.Program) {
			if !l.Certain {
				l.Reason += "; a load says whether the program gets to where it is used"
			}
			n.append(Need{l.Kind, l.Name, []string{l.Program}, v, l.Reason})
		} else if i := n.index[[2]string{l.Kind, l.Name}]; v == No {
			n.list[i].Supported, n.list[i].Reason = v, l.Reason
		}
	}
	return nil
}

// needs collects, asking once for each thing.
type needs struct {
	list  []Need
	index map[[2]string]int
	types *kernel.Types
	asked bool
}

func (n *needs) add(kind, name, by string, try func() error) error {
	if n.seen(kind, name, by) {
		return nil
	}
	f, err := ask(name, try())
	if err != nil {
		return err
	}
	n.append(Need{kind, name, []string{by}, f.Supported, f.Reason})
	return nil
}

// fact notes something whose answer is known.
func (n *needs) fact(kind, name, by string, has bool) {
	if n.seen(kind, name, by) {
		return
	}
	v := No
	if has {
		v = Yes
	}
	n.append(Need{Kind: kind, Name: name, By: []string{by}, Supported: v})
}

func (n *needs) seen(kind, name, by string) bool {
	i, ok := n.index[[2]string{kind, name}]
	if ok && !slices.Contains(n.list[i].By, by) {
		n.list[i].By = append(n.list[i].By, by)
	}
	return ok
}

func (n *needs) append(need Need) {
	n.index[[2]string{need.Kind, need.Name}] = len(n.list)
	n.list = append(n.list, need)
}

// code lists what the instructions of a linked program ask for.
func (n *needs) code(p *spec.Program, code *reloc.Code) error {
	if len(code.Relos) > 0 {
		n.fact("kernel BTF", "CO-RE", p.Name, n.kernelTypes() != nil)
	}
	externs := make(map[uint32]bool)
	for _, f := range code.Fixups {
		externs[f.Insn] = true
		switch {
		case f.Weak:
		case f.Kind == reloc.KfuncCall || f.Kind == reloc.KfuncAddr:
			n.fact("kfunc", f.Name, p.Name, n.has(rawbtf.KindFunc, f.Name))
		case f.Kind == reloc.KsymTyped:
			n.fact("kernel variable", f.Name, p.Name, n.has(rawbtf.KindVar, f.Name))
		}
	}
	order := binary.ByteOrder(binary.LittleEndian)
	if code.Big {
		order = binary.BigEndian
	}
	const call = 0x85
	for i := range code.Len() {
		insn := code.Insns[8*i:][:8]
		src := insn[1] >> 4
		if code.Big {
			src = insn[1] & 15
		}
		if insn[0] != call || src != 0 || externs[uint32(i)] || i > 0 && code.Insns[8*(i-1)] == 0x18 {
			continue
		}
		id := int32(order.Uint32(insn[4:]))
		if err := n.add("helper", fmt.Sprintf("%s for %s", cmp.Or(spec.HelperName(id), strconv.Itoa(int(id))), spec.ProgramTypeName(p.Type)), p.Name, func() error { return haveHelper(p.Type, id) }); err != nil {
			return err
		}
	}
	return nil
}

func (n *needs) kernelTypes() *kernel.Types {
	if !n.asked {
		n.asked, n.types = true, types()
	}
	return n.types
}

func (n *needs) has(kind rawbtf.Kind, name string) bool {
	t := n.kernelTypes()
	if t == nil {
		return false
	}
	_, _, ok := t.Exact(kind, name)
	return ok
}
