// SPDX-License-Identifier: MIT

package loader

import (
	"maps"
	"slices"

	"github.com/bpfload/bpfload/internal/near"
)

func (o *Object) mapNames() []string {
	names := make([]string, len(o.Maps))
	for i, m := range o.Maps {
		names[i] = m.Name
	}
	return names
}

func (o *Object) programNames() []string {
	names := make([]string, len(o.Programs))
	for i, p := range o.Programs {
		names[i] = p.Name
	}
	return names
}

func (o *Object) variableNames() []string {
	names := make([]string, len(o.Variables))
	for i, v := range o.Variables {
		names[i] = v.Name
	}
	return names
}

// noSuch is the error for a name that the object does not have. It proposes the
// nearest one.
func noSuch(what, name string, have []string) *Error {
	e := usage("the object has no %s %q", what, name)
	e.Code = "no-such-" + what
	if best := near.Best(name, have); best != "" {
		e.Advice = "did you mean " + best
	}
	return e
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
