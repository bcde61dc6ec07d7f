// SPDX-License-Identifier: MIT

package loader

import (
	"fmt"
	"math"

	"github.com/bpfload/bpfload/spec"
)

// gated says whether an Android object has a map or program for other kernels or
// machines only, with a warning if so. Versions of Android's own loader and API are
// not for us to judge: readConditions remarks on them.
func (l *load) gated(g *spec.Gates, at spec.Place, name string) bool {
	if why, ok := l.otherMachine(g); ok {
		l.warn(spec.Warning{Code: "other-machine", Section: at.Section, Offset: at.Offset, Symbol: name, Message: why})
		return true
	}
	if g.MinKernel == 0 && g.MaxKernel == 0 {
		return false
	}
	v, err := l.facts.Version()
	if err != nil {
		return false
	}
	// Android counts versions in other units than the kernel.
	kernel := v>>16<<24 | v>>8&0xff<<16 | v&0xff
	if kernel >= g.MinKernel && (g.MaxKernel == 0 || kernel < g.MaxKernel) {
		return false
	}
	l.warn(spec.Warning{Code: "other-kernel", Section: at.Section, Offset: at.Offset, Symbol: name,
		Message: "left out: it is for kernels" + androidWindow(g)})
	return true
}

// androidWindow says which kernels a map or program is for.
func androidWindow(g *spec.Gates) string {
	version := func(v uint32) string { return fmt.Sprintf("%d.%d.%d", v>>24, v>>16&0xff, v&0xffff) }
	text := ""
	if g.MinKernel != 0 {
		text = " from " + version(g.MinKernel)
	}
	switch {
	case g.MaxKernel == 0 || g.MaxKernel == math.MaxUint32:
	case text == "":
		text = " before " + version(g.MaxKernel)
	default:
		text += " to before " + version(g.MaxKernel)
	}
	return text
}

// admitted leaves out programs for other kernels.
func (l *load) admitted(batch []*loadProgram) []*loadProgram {
	admitted := batch[:0:0]
	for _, op := range batch {
		if g := op.spec.Gates; g == nil || !l.gated(g, op.spec.Place, op.spec.Name) {
			admitted = append(admitted, op)
		}
	}
	return admitted
}
