// SPDX-License-Identifier: MIT

package loader

import (
	"maps"
	"slices"
	"strings"

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

// A nameIndex finds things by name; of several with one name the first.
type nameIndex map[string]int

// find looks a name up among n things, making the index when first asked.
func (x *nameIndex) find(n int, name func(int) string, want string) (int, bool) {
	if *x == nil {
		*x = make(nameIndex, n)
		for i := n - 1; i >= 0; i-- {
			(*x)[name(i)] = i
		}
	}
	i, ok := (*x)[want]
	return i, ok
}

// baseName is the object's name up to the first dot.
func (o *Object) baseName() string {
	base, _, _ := strings.Cut(o.Name, ".")
	return base
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
