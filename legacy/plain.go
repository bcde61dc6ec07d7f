// SPDX-License-Identifier: MIT

package legacy

import (
	"github.com/bpfload/bpfload/secdef"
	"github.com/bpfload/bpfload/spec"
)

var (
	minimalFields = u32(fieldType, fieldKeySize, fieldValueSize, fieldMaxEntries)
	libbpfFields  = append(minimalFields[:4:4], u32(fieldFlags)...)
)

// plainConventions are those of records that say nothing of their loader.
var plainConventions = []secdef.Convention{secdef.Libbpf0, secdef.KernelSamples, secdef.GoBPF, secdef.GoEBPF, secdef.IPRoute2}

// minimal is the record of the first kernels with BPF maps (Linux 4.1 and before),
// and of github.com/safchain/goebpf.
var minimal = dialect{
	name:        "min",
	about:       "the samples of Linux 4.1, safchain/goebpf",
	sizes:       []uint32{16},
	layouts:     []layout{sequence(minimalFields)},
	conventions: plainConventions,
}

// libbpf is struct bpf_map_def of libbpf before 1.0 and whoever followed it.
var libbpf = dialect{
	name:        "libbpf",
	about:       "libbpf before 1.0, cilium/ebpf, redbpf",
	sizes:       []uint32{20},
	layouts:     []layout{sequence(libbpfFields)},
	conventions: plainConventions,
}

// calico is struct bpf_map_def_extended as Calico compiled it for bpftool.
var calico = dialect{
	name:    "calico",
	about:   "Calico's objects for bpftool",
	sizes:   []uint32{24},
	layouts: []layout{sequence(libbpfFields, u32(fieldMapID))},
	vote: func(o *object, g *group) vote {
		if g.size != 24 || g.any(outer) != nil {
			return vote{}
		}
		return vote{possible, "one word after map_flags, and no map of maps that would need it"}
	},
	decode: func(r record, m *spec.Map) error {
		m.Legacy.MapID = r.u32(fieldMapID)
		return nil
	},
	conventions: plainConventions,
}
