// SPDX-License-Identifier: MIT

package legacy

import (
	"fmt"

	"github.com/bpfload/bpfload/secdef"
	"github.com/bpfload/bpfload/spec"
)

// keytableMaps is the section of the records in objects for ir-keytable from
// v4l-utils 1.22 on; those before had "maps".
const keytableMaps = "lirc_mode2/maps"

// keytable is struct bpf_map_def of v4l-utils' ir-keytable, whose loader was made
// out of the kernel samples': the record is theirs. Programs decode infrared
// signals, and global variables are parameters of theirs: see [Immediates].
var keytable = dialect{
	name:         "keytable",
	about:        "ir-keytable of v4l-utils",
	sizes:        []uint32{28},
	layouts:      samples.layouts,
	claim:        claimKeytable,
	sharesRecord: true,
	decode:       decodeSamples,
	link:         linkSamples,
	conventions:  []secdef.Convention{secdef.Keytable},
}

func claimKeytable(o *object, g *group) string {
	if g.any(func(d *definition) bool { return d.place.Section != keytableMaps }) == nil {
		return fmt.Sprintf("section %q, which only ir-keytable's objects have", keytableMaps)
	}
	if g.size != 28 {
		return ""
	}
	if section, helper := o.infrared(); section != "" {
		return fmt.Sprintf("the code in section %q calls %s, as only decoders of infrared signals may, and of their loaders only ir-keytable knows a section of that name", section, helper)
	}
	return ""
}

// infrared finds code that calls a helper which the kernel offers to programs of
// type lirc_mode2 only, in a section whose name gives no type.
func (o *object) infrared() (section, helper string) {
	for i := 1; i < o.f.NumSections(); i++ {
		s := o.f.Section(i)
		if !s.Code() {
			continue
		}
		if _, known := secdef.Match(s.Name); known {
			continue
		}
		for insn := s.Data; len(insn) >= 8; insn = insn[8:] {
			if insn[0] != opCall || insn[1] != 0 {
				continue
			}
			switch o.order.Uint32(insn[4:]) {
			case 77:
				return s.Name, "bpf_rc_repeat"
			case 78:
				return s.Name, "bpf_rc_keydown"
			case 92:
				return s.Name, "bpf_rc_pointer_rel"
			}
		}
	}
	return "", ""
}

// Immediates says whether the address of a variable in .data or .bss stands for
// its value in an object with these maps. Decoders for ir-keytable take the
// address of an int and use it as a number: the loader writes the int's value,
// which its user may have changed, into the instruction.
func Immediates(maps []*spec.Map) bool {
	for _, m := range maps {
		if uses(m, keytable.name) {
			return true
		}
	}
	return false
}
