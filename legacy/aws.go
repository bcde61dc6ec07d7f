// SPDX-License-Identifier: MIT

package legacy

import (
	"fmt"

	"github.com/bpfload/bpfload/secdef"
	"github.com/bpfload/bpfload/spec"
)

// aws is struct bpf_map_def_pvt of the objects that aws-ebpf-sdk-go loads: the
// VPC CNI and the network policy agent.
var aws = dialect{
	name:        "aws",
	about:       "the AWS VPC CNI and network policy agent",
	sizes:       []uint32{28},
	layouts:     []layout{sequence(libbpfFields, u32(fieldPinning, fieldInnerMapFD))},
	structs:     []string{"bpf_map_def_pvt"},
	vote:        voteAWS,
	decode:      decodeAWS,
	link:        noteIPRoute2,
	pin:         pinAWS,
	conventions: []secdef.Convention{secdef.AWS, secdef.Libbpf0},
}

func voteAWS(o *object, g *group) vote {
	ids := g.ids()
	if g.size != 28 || len(ids) == 0 || ids[len(ids)-1] > 3 || g.any(func(d *definition) bool { return d.word(24) != 0 }) != nil {
		return vote{}
	}
	if name := o.awsSection(); name != "" {
		return vote{sure, fmt.Sprintf("section %q, and the word after map_flags is a mode of pinning (1 to 3) where it is set", name)}
	}
	return vote{likely, "the word after map_flags is a mode of pinning (1 to 3) where it is set, and the last word is 0"}
}

// awsSection returns a section name that aws-ebpf-sdk-go looks for and tc does not,
// or "".
func (o *object) awsSection() string {
	for i := 1; i < o.f.NumSections(); i++ {
		if name := o.f.SectionName(i); name == "tc_cls" || name == "tc_act" {
			return name
		}
	}
	return ""
}

// noteIPRoute2 warns where the mode of pinning could as well be an id of iproute2's,
// with which the map would not be pinned.
func noteIPRoute2(o *object, mine *dialect) error {
	if o.forced != nil || o.awsSection() != "" {
		return nil
	}
	for i := range o.defs {
		d, pinning := &o.defs[i], o.maps[i].Legacy.Pinning
		if d.dialect != mine || d.shape != nil || pinning == pinNone {
			continue
		}
		o.warn("dialect-uncertain", d, uint64(d.layout.at[fieldPinning].off), fmt.Sprintf(
			"%d after map_flags is taken for aws's mode of pinning; an id of iproute2's looks the same: choose with --dialect", pinning))
		return nil
	}
	return nil
}

func decodeAWS(r record, m *spec.Map) error {
	m.Legacy.Pinning = r.u32(fieldPinning)
	switch m.Legacy.Pinning {
	case pinNone:
	case pinGlobalNS:
		m.Pinning = spec.PinGlobalNS
	default:
		r.o.warn("pinning-unused", r.definition, uint64(r.layout.at[fieldPinning].off),
			fmt.Sprintf("pinning is %d: aws-ebpf-sdk-go pins only maps with 2", m.Legacy.Pinning))
	}
	return nil
}

func pinAWS(m *spec.Map, roots Roots) (string, error) {
	name := m.Name
	if roots.Custom != "" {
		name = roots.Custom + "_" + name
	}
	return roots.join(roots.bpffs(), "globals/aws/maps", name)
}

// Replaces says whether the loader that the object was written for removed an
// existing pin of the map and made a new one, instead of using the pinned map.
func Replaces(m *spec.Map) bool {
	return m.Pinning == spec.PinReplace || m.Pinning == spec.PinGlobalNS && m.Legacy != nil && m.Legacy.Dialect == aws.name
}
