// SPDX-License-Identifier: MIT

package legacy

import (
	"cmp"
	"fmt"
	"math"
	"path"
	"slices"

	"github.com/cilium/ebpf"

	"github.com/bpfload/bpfload/elf"
	"github.com/bpfload/bpfload/secdef"
	"github.com/bpfload/bpfload/spec"
)

// The pinning modes of iproute2, which others took over. Greater numbers are
// looked up in a file.
const (
	pinNone     = 0
	pinObjectNS = 1
	pinGlobalNS = 2
)

// maxSlots bounds the slots that ids can ask for: outer maps times inner maps.
const maxSlots = 1 << 16

// iproute2 is struct bpf_elf_map of include/bpf_elf.h: 28 bytes from 2015, with
// inner_id and inner_idx since 4.14. iproute2 takes any shorter record for one
// that ends in zeros.
var iproute2 = dialect{
	name:        "iproute2",
	about:       "tc and ip before libbpf 1.0, Cilium up to 1.13, Open vSwitch, p4c",
	sizes:       []uint32{28, 36},
	layouts:     []layout{sequence(libbpfFields, u32(fieldID, fieldPinning, fieldInnerID, fieldInnerIndex))},
	structs:     []string{"bpf_elf_map"},
	vote:        voteIPRoute2,
	decode:      decodeIPRoute2,
	link:        linkIPRoute2,
	pin:         pinIPRoute2,
	conventions: []secdef.Convention{secdef.IPRoute2, secdef.Libbpf0},
}

func voteIPRoute2(o *object, g *group) vote {
	switch g.size {
	case 36:
		return vote{possible, onlyOne}
	case 28:
		if d := g.any(func(d *definition) bool { return d.word(24) != 0 && !numa(d) }); d != nil {
			return vote{sure, fmt.Sprintf("map %q has %d in the last word, pinning, and no BPF_F_NUMA_NODE that would make it numa_node", d.name, d.word(24))}
		}
		ids := o.tailCallIDs()
		if d := g.any(func(d *definition) bool {
			_, ok := slices.BinarySearch(ids, d.word(20))
			return ok && ebpf.MapType(d.word(0)) == ebpf.ProgramArray
		}); d != nil {
			return vote{sure, fmt.Sprintf("section names begin with %d/, the id of the prog array %q", d.word(20), d.name)}
		}
		if d := g.any(func(d *definition) bool { return d.word(20) > 3 && !outer(d) }); d != nil {
			return vote{likely, fmt.Sprintf("map %q has %d after map_flags, an id rather than a mode of pinning", d.name, d.word(20))}
		}
		if differ := g.ids(); len(differ) > 1 && slices.Contains(differ, pinGlobalNS) {
			return vote{likely, fmt.Sprintf("the words after map_flags differ (%v), as ids do", differ)}
		}
	}
	return vote{}
}

// ids returns the different words after map_flags that are not zero, of maps that
// hold no maps, in order.
func (g *group) ids() []uint32 {
	var ids []uint32
	for _, d := range g.defs {
		if id := d.word(20); id != 0 && !outer(d) {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

// tailCallIDs returns the map ids in section names of the form ID/KEY, in order.
func (o *object) tailCallIDs() []uint32 {
	var ids []uint32
	for i := 1; i < o.f.NumSections(); i++ {
		if name := o.f.SectionName(i); name != "" && name[0] >= '0' && name[0] <= '9' {
			if call, ok := secdef.ParseTailCall(name, secdef.IPRoute2); ok {
				ids = append(ids, call.MapID)
			}
		}
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

func decodeIPRoute2(r record, m *spec.Map) error {
	l := m.Legacy
	l.ID = r.u32(fieldID)
	l.Pinning = r.u32(fieldPinning)
	l.InnerID = r.u32(fieldInnerID)
	l.InnerIndex = int64(r.u32(fieldInnerIndex))
	if l.InnerIndex == math.MaxUint32 {
		l.InnerIndex = -1
	}
	switch l.Pinning {
	case pinNone:
	case pinObjectNS:
		m.Pinning = spec.PinObjectNS
	case pinGlobalNS:
		m.Pinning = spec.PinGlobalNS
	case uint32(spec.PinReplace):
		m.Pinning = spec.PinReplace // Cilium's own, which its agent carried out
	default:
		m.Pinning = spec.PinCustom
	}
	return nil
}

// linkIPRoute2 gives each outer map the first map with id inner_id as template,
// and puts every map with that id whose inner_idx is not -1 into that slot.
func linkIPRoute2(o *object, mine *dialect) error {
	o.noteAya(mine)
	type named struct {
		id    uint32
		index int
	}
	var byID []named
	for i := range o.maps {
		if id := o.maps[i].Legacy.ID; o.defs[i].dialect == mine && id != 0 {
			byID = append(byID, named{id, i})
		}
	}
	slices.SortStableFunc(byID, func(a, b named) int { return cmp.Compare(a.id, b.id) })
	total := 0
	for i := range o.maps {
		d, m := &o.defs[i], &o.maps[i]
		want := m.Legacy.InnerID
		if d.dialect != mine || !isOuter(m.Type) || want == 0 {
			continue
		}
		j, ok := slices.BinarySearchFunc(byID, want, func(n named, id uint32) int { return cmp.Compare(n.id, id) })
		if !ok {
			return d.fail(uint64(d.layout.at[fieldInnerID].off), elf.Malformed("inner_id is %d, and no map has that id", want))
		}
		if err := o.setInner(i, byID[j].index, fieldInnerID); err != nil {
			return err
		}
		for ; j < len(byID) && byID[j].id == want; j++ {
			if err := o.insert(i, byID[j].index); err != nil {
				return err
			}
			if total++; total > maxSlots {
				return d.fail(0, elf.Unsupported("more than %d slots of maps of maps", maxSlots))
			}
		}
		o.sortSlots(i)
	}
	return nil
}

// noteAya warns where the records could as well be aya's: no ids, and no pinning
// but 1, which is by object here and by name there.
func (o *object) noteAya(mine *dialect) {
	var doubtful *definition
	for i := range o.defs {
		d, l := &o.defs[i], o.maps[i].Legacy
		if d.dialect != mine {
			continue
		}
		named := d.shape != nil && slices.Contains(mine.structs, d.shape.name)
		if o.forced != nil || named || d.place.Size != 28 || l.ID != 0 || l.Pinning > pinObjectNS {
			return
		}
		if doubtful == nil && l.Pinning == pinObjectNS {
			doubtful = d
		}
	}
	if doubtful != nil && len(o.tailCallIDs()) == 0 {
		o.warn("dialect-uncertain", doubtful, uint64(doubtful.layout.at[fieldPinning].off),
			"pinning 1 is taken for iproute2's, by object; aya's records look the same and mean by name: choose with --dialect")
	}
}

// insert puts map inner into the slot of map i that its inner_idx names.
func (o *object) insert(i, inner int) error {
	m, in, d := &o.maps[i], &o.maps[inner], &o.defs[inner]
	index := in.Legacy.InnerIndex
	if index < 0 || in.Legacy.InnerID != 0 {
		return nil
	}
	at := uint64(d.layout.at[fieldInnerIndex].off)
	switch {
	case m.KeySize != 4:
		return d.fail(at, elf.Malformed("inner_idx is %d, and the keys of the outer map %q have %d bytes: slots need 4", index, m.Name, m.KeySize))
	case m.Type == ebpf.ArrayOfMaps && index >= int64(m.MaxEntries):
		return d.fail(at, elf.Malformed("inner_idx is %d, and the outer map %q has %d entries", index, m.Name, m.MaxEntries))
	}
	m.Values = append(m.Values, spec.Slot{Index: uint32(index), Map: in.Name})
	return nil
}

// sortSlots orders the slots of map i. Of two for one slot the later wins, as it
// did when they were written one after the other.
func (o *object) sortSlots(i int) {
	m := &o.maps[i]
	slices.SortStableFunc(m.Values, func(a, b spec.Slot) int { return cmp.Compare(a.Index, b.Index) })
	kept := m.Values[:0]
	for j, s := range m.Values {
		if j+1 < len(m.Values) && m.Values[j+1].Index == s.Index {
			o.warn("slot-replaced", &o.defs[i], 0, fmt.Sprintf("slot %d is given to %q and then to %q", s.Index, s.Map, m.Values[j+1].Map))
			continue
		}
		kept = append(kept, s)
	}
	m.Values = kept
}

func pinIPRoute2(m *spec.Map, roots Roots) (string, error) {
	tc := path.Join(roots.bpffs(), "tc")
	switch m.Pinning {
	case spec.PinObjectNS:
		if roots.ObjectSHA1 == "" {
			return "", fmt.Errorf("map %q: %w: it is pinned by the SHA-1 of the object", m.Name, ErrNeedsObject)
		}
		return roots.join(tc, roots.ObjectSHA1, m.Name)
	case spec.PinGlobalNS, spec.PinReplace:
		return roots.join(tc, "globals", m.Name)
	}
	for _, id := range slices.Backward(roots.PinIDs) {
		if id.ID == m.Legacy.Pinning {
			return roots.join(roots.bpffs(), id.Subpath, m.Name)
		}
	}
	return "", fmt.Errorf("map %q: %w %d: add a line \"%d DIRECTORY\" to the file of pin ids, or pin the map with --map %s=PIN",
		m.Name, ErrUnknownPinID, m.Legacy.Pinning, m.Legacy.Pinning, m.Name)
}
