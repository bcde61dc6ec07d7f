// SPDX-License-Identifier: MIT

package legacy

import (
	"fmt"

	"github.com/bpfload/bpfload/elf"
)

// A weight says how strong the evidence for a dialect is.
type weight int

// The weights. The heaviest vote decides; two of equal weight are a
// contradiction, and the object is ambiguous.
const (
	no       weight = iota
	possible        // nothing speaks against the dialect
	likely          // values that make sense in this dialect
	sure            // values that only this dialect has
	certain         // evidence outside the records
)

// A vote is a dialect's claim to the records of one size.
type vote struct {
	weight weight
	why    string // a sentence without a full stop
}

// maxGroups bounds how often dialects vote on one object.
const maxGroups = 64

// A group is the records of one size and one struct, from all sections: they
// were written for one loader.
type group struct {
	size  uint64
	shape *shape
	defs  []*definition
}

// elect chooses the dialect of each definition.
func (o *object) elect() error {
	groups := o.groups()
	if len(groups) > maxGroups {
		return groups[maxGroups].defs[0].fail(0, elf.Unsupported("more than %d kinds of map records", maxGroups))
	}
	for _, g := range groups {
		d, evidence, err := o.choose(g)
		if err != nil {
			return err
		}
		if d.refusal != "" {
			return g.defs[0].fail(0, refused(d))
		}
		l := d.layoutFor(g.size)
		if g.shape != nil && g.shape.fields&^d.vocabulary() == 0 {
			l = &g.shape.layout
		}
		for _, def := range g.defs {
			if def.static && !d.statics {
				return def.failStatic()
			}
			def.dialect, def.evidence, def.layout = d, evidence, l
		}
	}
	return nil
}

// refused is the cause of an error for a dialect that is not for Linux.
func refused(d *dialect) error {
	return elf.Unsupported("the records are those of %s: %s", d.about, d.refusal)
}

// groups collects records by size and struct, in the order of their first.
func (o *object) groups() []*group {
	type key struct {
		size  uint64
		shape *shape
	}
	index := map[key]*group{}
	var list []*group
	for i := range o.defs {
		d := &o.defs[i]
		k := key{d.place.Size, d.shape}
		g := index[k]
		if g == nil {
			g = &group{size: k.size, shape: k.shape}
			index[k] = g
			list = append(list, g)
		}
		g.defs = append(g.defs, d)
	}
	return list
}

// choose finds the dialect of a group and says why.
func (o *object) choose(g *group) (*dialect, []string, error) {
	size := fmt.Sprintf("records of %d bytes", g.size)
	if o.forced != nil {
		return o.forced, []string{"the caller chose the dialect"}, nil
	}
	for _, d := range registry {
		if d.claim == nil || g.shape != nil && g.shape.fields&^d.vocabulary() != 0 {
			continue
		}
		if why := d.claim(o, g); why != "" {
			return d, []string{why}, nil
		}
	}
	if g.shape != nil {
		return o.chooseByShape(g)
	}
	winners, best := o.poll(g, registry)
	switch {
	case len(winners) == 0:
		if err := g.checkArrays(); err != nil {
			return nil, nil, err
		}
		var fitting []*dialect
		for _, d := range registry {
			if d.has(g.size) {
				fitting = append(fitting, d)
			}
		}
		if len(fitting) > 1 {
			return nil, nil, g.ambiguous(fitting, size+" that fit no dialect of this size well")
		}
		if err := g.unexplained(); err != nil {
			return nil, nil, err
		}
		return &libbpf, []string{size, "no dialect has this size, but nothing beyond map_flags is set"}, nil
	case len(winners) > 1:
		return nil, nil, g.ambiguous(winners, size+" whose values speak for several dialects")
	}
	return winners[0], []string{size, best.why}, nil
}

// poll lets dialects vote on the values of a group and returns the heaviest vote
// and who cast it.
func (o *object) poll(g *group, dialects []*dialect) ([]*dialect, vote) {
	var best vote
	var winners []*dialect
	for _, d := range dialects {
		v := d.cast(o, g)
		switch {
		case v.weight == no || v.weight < best.weight:
		case v.weight > best.weight:
			best, winners = v, append(winners[:0], d)
		default:
			winners = append(winners, d)
		}
	}
	return winners, best
}

// cast returns the dialect's vote on a group.
func (d *dialect) cast(o *object, g *group) vote {
	switch {
	case d.sharesRecord:
	case d.vote != nil:
		return d.vote(o, g)
	case d.has(g.size):
		return vote{possible, onlyOne}
	}
	return vote{}
}

const onlyOne = "no other dialect has this size"

func (g *group) ambiguous(candidates []*dialect, reason string) error {
	names := make([]string, len(candidates))
	for i, d := range candidates {
		names[i] = d.name
	}
	return g.defs[0].fail(0, &AmbiguousError{names, reason})
}

// unexplained names the first word beyond map_flags that is set; a record of
// unknown size without any is padded.
func (g *group) unexplained() error {
	for _, d := range g.defs {
		if off, ok := firstNonZero(d.data, libbpf.layouts[0].size); ok {
			return d.failByte(off, fmt.Sprintf("no dialect explains it in a record of %d bytes", g.size))
		}
	}
	return nil
}

// checkArrays refuses a group in which a record is several.
func (g *group) checkArrays() error {
	for _, d := range g.defs {
		if stride := d.arrayStride(); stride != 0 {
			return d.failArray(stride)
		}
	}
	return nil
}

// arrayStride returns the size of the records of which d holds several, and 0
// where it looks like one: each part begins with a map type and two sizes.
func (d *definition) arrayStride() uint64 {
	for _, stride := range []uint64{20, 28, 36, 16} {
		if d.place.Size%stride != 0 || d.place.Size == stride {
			continue
		}
		parts := true
		for off := uint64(0); off < d.place.Size; off += stride {
			typ := d.word(off)
			parts = parts && typ != 0 && typ < 64 && d.word(off+4) != 0 && d.word(off+8) != 0
		}
		if parts {
			return stride
		}
	}
	return 0
}
