// SPDX-License-Identifier: MIT

package structops

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/cilium/ebpf"

	"github.com/bpfload/bpfload/elf"
	"github.com/bpfload/bpfload/rawbtf"
	"github.com/bpfload/bpfload/spec"
)

// sort orders the callbacks by offset, and keeps the last of several relocations
// of one member.
func (o *Ops) sort() {
	slices.SortStableFunc(o.Callbacks, func(a, b Callback) int { return cmp.Compare(a.Offset, b.Offset) })
	last := o.Callbacks[:0]
	for i, c := range o.Callbacks {
		if i+1 == len(o.Callbacks) || o.Callbacks[i+1].Offset != c.Offset {
			last = append(last, c)
		}
	}
	o.Callbacks = last
}

// Bind connects the callbacks with the programs of the object. A callback must be
// the entry point of a program of type struct_ops.
func Bind(all []*Ops, programs []*spec.Program) error {
	at := func(p *spec.Program, place spec.Place) int {
		return cmp.Or(cmp.Compare(p.Place.Index, place.Index), cmp.Compare(p.Place.Offset, place.Offset))
	}
	sorted := slices.SortedStableFunc(slices.Values(programs), func(a, b *spec.Program) int { return at(a, b.Place) })
	for _, o := range all {
		for i := range o.Callbacks {
			c := &o.Callbacks[i]
			j, ok := slices.BinarySearchFunc(sorted, c.Place, at)
			if !ok {
				return o.errorAt(c, elf.Unsupported("%q+%#x (%s) is not the entry point of a program: put the function in SEC(\"struct_ops\")",
					c.Place.Section, c.Place.Offset, c.Symbol))
			}
			if sorted[j].Type != ebpf.StructOps {
				return o.errorAt(c, elf.Unsupported("program %q in section %q is no struct_ops program: put it in SEC(\"struct_ops\")",
					sorted[j].Name, sorted[j].Section))
			}
			c.Program = sorted[j]
		}
	}
	return nil
}

func (o *Ops) errorAt(c *Callback, err error) error {
	return &elf.Error{Section: o.Map.Place.Section, Offset: o.Map.Place.Offset + c.Offset, Kind: "struct_ops", Symbol: o.Map.Name, Err: err}
}

// Autoload decides which struct_ops programs are loaded: those that a variable to
// be created uses, whatever their sections say. A program that no variable uses is
// left as it is; the kernel cannot load it.
func Autoload(all []*Ops) {
	for _, o := range all {
		for _, c := range o.Callbacks {
			if c.Program != nil {
				c.Program.Autoload = false
			}
		}
	}
	for _, o := range all {
		for _, c := range o.Callbacks {
			if c.Program != nil && !o.Map.NoCreate {
				c.Program.Autoload = true
			}
		}
	}
}

// An Attachment is what a struct_ops program implements: a member of a struct of
// the kernel's.
type Attachment struct {
	Program *spec.Program
	Struct  rawbtf.ID // attach_btf_id
	Member  uint32    // expected_attach_type
	Module  string    // whose BTF has the struct, "" for the kernel itself
}

// Attachments collects what the programs of several layouts implement, each program
// once, in the order of the layouts. Variables that share a program must use it for
// the same member of the same struct.
func Attachments(layouts []*Layout) ([]Attachment, error) {
	var all []Attachment
	var places []string // of each, for messages
	seen := make(map[*spec.Program]int)
	for _, l := range layouts {
		for _, s := range l.Slots {
			a := Attachment{s.Program, l.Struct, s.Member, l.Module}
			place := fmt.Sprintf("%s of %q", s.Name, l.Ops.Map.Name)
			i, ok := seen[s.Program]
			if !ok {
				seen[s.Program] = len(all)
				all, places = append(all, a), append(places, place)
			} else if all[i] != a {
				return nil, &elf.Error{Section: s.Program.Section, Offset: s.Program.Place.Offset, Kind: "program", Symbol: s.Program.Name,
					Err: elf.Unsupported("used for %s and for %s: a program implements one member of one struct, write another for the second", places[i], place)}
			}
		}
	}
	return all, nil
}
