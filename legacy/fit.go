// SPDX-License-Identifier: MIT

package legacy

import (
	"fmt"
	"slices"
	"strings"

	"github.com/bpfload/bpfload/elf"
)

// chooseByShape finds the dialect by the members that BTF names: the dialect must
// have them all.
func (o *object) chooseByShape(g *group) (*dialect, []string, error) {
	why := fmt.Sprintf("BTF describes the record as %s with %s", g.shape.title(), g.shape.describe())
	var best weight
	var winners []*dialect
	for _, d := range registry {
		w := d.fit(g.shape)
		switch {
		case w == no || w < best:
		case w > best:
			best, winners = w, append(winners[:0], d)
		default:
			winners = append(winners, d)
		}
	}
	switch {
	case len(winners) == 1:
		return winners[0], []string{why}, nil
	case !g.usesMore():
		if len(winners) == 0 {
			winners = []*dialect{&libbpf}
		}
		return winners[0], []string{why, "no member beyond map_flags is set"}, nil
	case len(winners) == 0:
		return nil, nil, g.defs[0].fail(0, elf.Unsupported("BTF describes the record as %s with %s: no dialect has them together", g.shape.title(), g.shape.describe()))
	}
	tied := winners
	winners, vote := o.poll(g, tied)
	if len(winners) != 1 {
		return nil, nil, g.ambiguous(tied, fmt.Sprintf("records with %s, which several dialects have", g.shape.describe()))
	}
	return winners[0], []string{why, vote.why}, nil
}

// fit says how well a dialect explains the members of a struct.
func (d *dialect) fit(sh *shape) weight {
	switch {
	case len(d.layouts) == 0 || d.sharesRecord || sh.fields&^d.vocabulary() != 0:
		return no
	case slices.Contains(d.structs, sh.name):
		return certain
	}
	for _, size := range d.sizes {
		if sh.fields == d.layoutFor(uint64(size)).prefix(size) {
			return sure
		}
	}
	return possible
}

// prefix returns the fields that lie within the first size bytes.
func (l *layout) prefix(size uint32) fieldSet {
	var s fieldSet
	for f := range l.at {
		if at := l.at[f]; at.size > 0 && at.off+at.size <= size {
			s |= 1 << f
		}
	}
	return s
}

// usesMore says whether any record of the group sets a field beyond the common
// ones.
func (g *group) usesMore() bool {
	for _, d := range g.defs {
		for f := range g.shape.at {
			if at := g.shape.at[f]; at.size > 0 && common&(1<<f) == 0 && !allZero(d.data[at.off:at.off+at.size]) {
				return true
			}
		}
	}
	return false
}

// describe lists the members beyond the common ones, in the order of the record.
func (sh *shape) describe() string {
	var names []string
	for f := field(1); f < numFields; f++ {
		if sh.fields&(1<<f)&^common != 0 {
			names = append(names, f.String())
		}
	}
	switch {
	case sh.fields == common:
		return "the members of libbpf's bpf_map_def"
	case len(names) == 0:
		return "type, key_size, value_size and max_entries alone"
	}
	return strings.Join(names, ", ")
}
