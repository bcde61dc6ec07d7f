// SPDX-License-Identifier: MIT

package loader

import (
	"fmt"
	"strings"
)

// setNames are the names that programs and maps have in a set of pins, by index.
type setNames struct {
	programs, maps []string
}

// setNames names everything that the object could pin, so that names do not depend
// on what is loaded this time.
func (o *Object) setNames() setNames {
	taken := pinNames{}
	var n setNames
	for _, p := range o.Programs {
		n.programs = append(n.programs, taken.pick(p.Name))
	}
	for _, m := range o.Maps {
		n.maps = append(n.maps, taken.pick(m.Name))
	}
	return n
}

// pinNames gives everything in a set a name of its own that a bpffs accepts.
type pinNames map[string]bool

// pick derives the name of a pin: without leading dots, other dots as underscores,
// and with a number where another has the name already.
func (n pinNames) pick(name string) string {
	name = strings.ReplaceAll(strings.TrimLeft(name, "."), ".", "_")
	name = strings.ReplaceAll(name, "/", "_")
	if name == "" {
		name = "unnamed"
	}
	pick := name
	for i := 2; n[pick]; i++ {
		pick = fmt.Sprintf("%s_%d", name, i)
	}
	n[pick] = true
	return pick
}
