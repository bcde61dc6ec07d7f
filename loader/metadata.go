// SPDX-License-Identifier: MIT

package loader

import (
	"context"
	"strings"

	"github.com/bpfload/bpfload/internal/sys"
	"github.com/bpfload/bpfload/spec"
)

// metadataPrefix begins the names of variables that are for people, and that
// bpftool shows with a program. No instruction refers to them.
const metadataPrefix = "bpf_metadata_"

// bindMetadata ties a map of such variables to the programs, which keep it alive and
// lead tools to it.
type bindMetadata struct{ to *createMap }

func (op *bindMetadata) step() Step {
	return Step{Op: "bind-map", Map: op.to.spec.Name, Detail: "it holds metadata of the programs"}
}

func (op *bindMetadata) run(_ context.Context, l *load) error {
	m := &l.maps[op.to.index]
	for i := range l.programs {
		p := &l.programs[i]
		if !p.held || !m.held {
			continue
		}
		if _, err := l.k.BPF(&sys.ProgBindMap{ProgFD: uint32(p.fd), MapFD: uint32(m.fd)}); err != nil {
			// Kernels before 5.10 cannot; the programs run as well without.
			l.warn(spec.Warning{Code: "metadata-not-bound", Section: op.to.spec.Place.Section, Symbol: l.o.Programs[i].Name,
				Message: "tools do not find the program's metadata: " + err.Error()})
		}
	}
	return nil
}

// bindings plans the maps of metadata.
func (b *planner) bindings(maps []*createMap) {
	holds := map[*spec.Map]bool{}
	for i := range b.o.Variables {
		if v := &b.o.Variables[i]; strings.HasPrefix(v.Name, metadataPrefix) {
			holds[v.Map] = true
		}
	}
	for _, m := range maps {
		if holds[m.spec] && strings.HasPrefix(m.spec.Name, ".rodata") {
			b.plan.add(&bindMetadata{m})
		}
	}
}
