// SPDX-License-Identifier: MIT

package legacy

import (
	"fmt"

	"github.com/cilium/ebpf"

	"github.com/bpfload/bpfload/elf"
	"github.com/bpfload/bpfload/secdef"
	"github.com/bpfload/bpfload/spec"
)

// samples is struct bpf_map_def of samples/bpf/bpf_load.c: with inner_map_idx
// since Linux 4.12, with numa_node from 4.14 until 5.10.
var samples = dialect{
	name:        "samples",
	about:       "samples/bpf, Falco, Suricata, Katran, perf",
	sizes:       []uint32{24, 28},
	layouts:     []layout{sequence(libbpfFields, u32(fieldInnerMapIndex, fieldNUMANode))},
	vote:        voteSamples,
	decode:      decodeSamples,
	link:        linkSamples,
	conventions: []secdef.Convention{secdef.KernelSamples, secdef.Libbpf0},
}

func voteSamples(o *object, g *group) vote {
	switch g.size {
	case 24:
		if d := g.any(outer); d != nil {
			return vote{sure, fmt.Sprintf("map %q holds maps, so that the word after map_flags is inner_map_idx", d.name)}
		}
	case 28:
		if d := g.any(numa); d != nil {
			return vote{sure, fmt.Sprintf("map %q sets BPF_F_NUMA_NODE, so that the last word is numa_node", d.name)}
		}
		if d := g.any(func(d *definition) bool { return outer(d) && d.word(24) == 0 }); d != nil {
			return vote{sure, fmt.Sprintf("map %q holds maps and the last word, numa_node, is 0", d.name)}
		}
		if g.any(func(d *definition) bool { return d.word(20)|d.word(24) != 0 }) == nil {
			return vote{possible, "no word after map_flags is set, and without them the dialects of this size do not differ"}
		}
	}
	return vote{}
}

func decodeSamples(r record, m *spec.Map) error {
	m.Legacy.InnerIndex = int64(r.u32(fieldInnerMapIndex))
	node := r.u32(fieldNUMANode)
	switch {
	case m.Flags&numaFlag != 0:
		m.NUMANode = node
	case node != 0:
		r.o.warn("numa-node-unused", r.definition, uint64(r.layout.at[fieldNUMANode].off),
			fmt.Sprintf("numa_node is %d, but map_flags has no BPF_F_NUMA_NODE", node))
	}
	return nil
}

// linkSamples finds inner maps by their index among all maps, counted over all
// sections. An outer map that names itself, as the first map with
// inner_map_idx 0 does, leaves its inner map to the program that loads it: the
// kernel's selftests did so.
func linkSamples(o *object, mine *dialect) error {
	for i := range o.maps {
		d, m := &o.defs[i], &o.maps[i]
		if d.dialect != mine || !isOuter(m.Type) || d.layout.at[fieldInnerMapIndex].size == 0 {
			continue
		}
		inner := m.Legacy.InnerIndex
		switch {
		case inner == int64(i):
			continue
		case inner >= int64(len(o.maps)):
			return d.fail(uint64(d.layout.at[fieldInnerMapIndex].off), elf.Malformed("inner_map_idx is %d, and the object has %d maps", inner, len(o.maps)))
		}
		if err := o.setInner(i, int(inner), fieldInnerMapIndex); err != nil {
			return err
		}
	}
	return nil
}

// setInner makes a copy of map inner the template of map i; f is the field that
// says so.
func (o *object) setInner(i, inner int, f field) error {
	if isOuter(o.maps[inner].Type) {
		d := &o.defs[i]
		return d.fail(uint64(d.layout.at[f].off), elf.Unsupported("the inner map %q holds maps itself: the kernel allows one level", o.maps[inner].Name))
	}
	template := o.maps[inner]
	template.Pinning, template.PinPath = spec.PinNone, ""
	o.maps[i].Inner = &template
	return nil
}

// any returns the first record of the group of which a predicate holds, or nil.
func (g *group) any(f func(*definition) bool) *definition {
	for _, d := range g.defs {
		if f(d) {
			return d
		}
	}
	return nil
}

func outer(d *definition) bool { return isOuter(ebpf.MapType(d.word(0))) }
func numa(d *definition) bool  { return d.word(16)&numaFlag != 0 }
