// SPDX-License-Identifier: MIT

package legacy

import (
	"fmt"

	"github.com/bpfload/bpfload/elf"
	"github.com/bpfload/bpfload/secdef"
	"github.com/bpfload/bpfload/spec"
)

// gobpfCustomNS is gobpf's mode of pinning at a path that its caller gives.
const gobpfCustomNS = 3

// gobpf is bpf_map_def of github.com/iovisor/gobpf, one map to a section.
var gobpf = dialect{
	name:        "gobpf",
	about:       "iovisor/gobpf, oxidebpf",
	sizes:       []uint32{280},
	layouts:     []layout{sequence(libbpfFields, u32(fieldPinning), bytesOf(fieldNamespace, 256))},
	decode:      decodeGobpf,
	pin:         pinGobpf,
	conventions: []secdef.Convention{secdef.GoBPF, secdef.Libbpf0},
}

func decodeGobpf(r record, m *spec.Map) error {
	l := m.Legacy
	l.Pinning = r.u32(fieldPinning)
	l.Namespace = r.text(fieldNamespace)
	switch l.Pinning {
	case pinNone:
	case pinObjectNS:
		m.Pinning = spec.PinObjectNS
	case pinGlobalNS:
		if l.Namespace == "" {
			return r.failField(fieldNamespace, elf.Malformed("the namespace is empty, and the map is to be pinned in it"))
		}
		m.Pinning = spec.PinNamespace
	case gobpfCustomNS:
		m.Pinning = spec.PinCustom
	default:
		r.o.warn("pinning-unused", r.definition, uint64(r.layout.at[fieldPinning].off),
			fmt.Sprintf("pinning is %d, which gobpf does not know: the map is not pinned", l.Pinning))
	}
	return nil
}

func pinGobpf(m *spec.Map, roots Roots) (string, error) {
	switch m.Pinning {
	case spec.PinNamespace:
		return roots.join(roots.bpffs(), m.Legacy.Namespace, "globals", m.Name)
	case spec.PinCustom:
		return "", fmt.Errorf("map %q: %w: gobpf's callers gave the path; give it with --map %s=PIN", m.Name, ErrNeedsPath, m.Name)
	}
	return "", fmt.Errorf("map %q: %w: gobpf never implemented pinning by object (1); give a path with --map %s=PIN", m.Name, ErrNeedsPath, m.Name)
}
