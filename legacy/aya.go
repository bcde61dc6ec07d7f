// SPDX-License-Identifier: MIT

package legacy

import (
	"bytes"
	"strings"

	"github.com/bpfload/bpfload/elf"
	"github.com/bpfload/bpfload/secdef"
	"github.com/bpfload/bpfload/spec"
)

// aya is what the macro #[map] of aya-ebpf writes: iproute2's first seven words
// with another meaning of pinning.
var aya = dialect{
	name:        "aya",
	about:       "aya's #[map] in Rust",
	sizes:       []uint32{28},
	layouts:     []layout{sequence(libbpfFields, u32(fieldID, fieldPinning))},
	vote:        voteAya,
	decode:      decodeAya,
	pin:         pinAya,
	conventions: []secdef.Convention{secdef.Libbpf0},
}

func voteAya(o *object, g *group) vote {
	if g.size != 28 || g.any(func(d *definition) bool { return d.word(20) != 0 || d.word(24) > 1 }) != nil {
		return vote{}
	}
	if len(o.tailCallIDs()) > 0 {
		return vote{}
	}
	const rest = ", no record has an id, and pinning is at most 1"
	switch {
	case o.fromRust():
		return vote{certain, "the object was compiled by rustc" + rest}
	case g.shape != nil && g.shape.name == "bpf_map_def":
		return vote{certain, "aya calls the struct so, iproute2 does not" + rest}
	}
	return vote{}
}

// A tristate is an answer that may not have been sought yet.
type tristate uint8

const (
	unasked tristate = iota
	isFalse
	isTrue
)

// fromRust says whether rustc compiled the object: it signs the debug strings,
// and what is left without them has mangled names.
func (o *object) fromRust() bool {
	if o.rust == unasked {
		o.rust = isFalse
		for _, name := range []string{".debug_str", ".comment"} {
			if s, ok := o.f.SectionNamed(name); ok && bytes.Contains(s.Data, []byte("rustc version")) {
				o.rust = isTrue
			}
		}
		for i := 1; o.rust == isFalse && i < o.f.NumSymbols(); i++ {
			name := o.f.Symbol(i).Name
			if strings.HasPrefix(name, "_RNv") || strings.HasPrefix(name, "_ZN") && strings.Contains(name, "17h") {
				o.rust = isTrue
			}
		}
	}
	return o.rust == isTrue
}

func decodeAya(r record, m *spec.Map) error {
	m.Legacy.ID = r.u32(fieldID)
	m.Legacy.Pinning = r.u32(fieldPinning)
	switch m.Legacy.Pinning {
	case 0:
	case 1:
		m.Pinning = spec.PinByName
	default:
		return r.failField(fieldPinning, elf.Malformed("pinning is %d: aya knows 0 (none) and 1 (by name)", m.Legacy.Pinning))
	}
	return nil
}

func pinAya(m *spec.Map, roots Roots) (string, error) {
	return roots.join(roots.byName(), m.Name)
}
