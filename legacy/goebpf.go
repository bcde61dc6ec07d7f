// SPDX-License-Identifier: MIT

package legacy

import (
	"bytes"
	"fmt"
	"path"

	"github.com/bpfload/bpfload/elf"
	"github.com/bpfload/bpfload/secdef"
	"github.com/bpfload/bpfload/spec"
)

// goebpf is bpf_map_def of github.com/dropbox/goebpf. Its last two fields are
// pointers, which relocations fill in.
var goebpf = dialect{
	name:        "goebpf",
	about:       "dropbox/goebpf",
	sizes:       []uint32{40},
	layouts:     []layout{sequence(libbpfFields, pad(4), bytesOf(fieldInnerDef, 8), bytesOf(fieldPath, 8))},
	statics:     true,
	vote:        voteGoebpf,
	relocate:    relocateGoebpf,
	link:        checkGoebpf,
	conventions: []secdef.Convention{secdef.GoEBPF, secdef.Libbpf0},
}

func voteGoebpf(o *object, g *group) vote {
	if g.size != 40 {
		return vote{}
	}
	for _, d := range g.defs {
		rels, err := o.f.Rels(d.place.Index)
		if err == nil && rels.Len() > 0 {
			return vote{sure, fmt.Sprintf("relocations within section %q, for the two pointers of the record", d.place.Section)}
		}
	}
	if g.any(func(d *definition) bool { return !allZero(d.data[20:]) }) == nil {
		return vote{possible, "nothing beyond map_flags is set, not even by a relocation"}
	}
	return vote{}
}

// relocateGoebpf follows a pointer of record i: to another record or to a path.
// What the compiler adds to the symbol stands in the record itself.
func relocateGoebpf(o *object, i int, rel elf.Rel) error {
	d, m := &o.defs[i], &o.maps[i]
	at := rel.Offset - d.place.Offset
	sym := o.f.Symbol(rel.Symbol)
	if at+8 > uint64(len(d.data)) {
		return d.fail(at, elf.Malformed("a relocation of 8 bytes at the end of the record"))
	}
	target := sym.Value + o.order.Uint64(d.data[at:])
	switch at {
	case uint64(d.layout.at[fieldInnerDef].off):
		inner, ok := o.at(sym.Section, target)
		if !ok || o.defs[inner].place.Offset != target {
			return d.fail(at, elf.Malformed("inner_map_def points at %q+%#x, where no map record begins", sym.Name, target-sym.Value))
		}
		if inner == i {
			return d.fail(at, elf.Malformed("inner_map_def points at its own record"))
		}
		return o.setInner(i, inner, fieldInnerDef)
	case uint64(d.layout.at[fieldPath].off):
		s := o.f.Section(sym.Section)
		if !sym.Defined() || target >= uint64(len(s.Data)) {
			return d.fail(at, elf.Malformed("persistent_path points outside section %q", s.Name))
		}
		text := s.Data[target:]
		n := bytes.IndexByte(text, 0)
		if n < 0 {
			return d.fail(at, elf.Malformed("persistent_path points at a string without an end in section %q+%#x", s.Name, target))
		}
		p := string(text[:n])
		if !path.IsAbs(p) || path.Clean(p) != p {
			return d.fail(at, elf.Malformed("persistent_path %q: want an absolute path without detours", p))
		}
		m.Pinning, m.PinPath = spec.PinExplicit, p
		return nil
	}
	return d.fail(at, elf.Malformed("a relocation against %q where the record has no pointer", sym.Name))
}

// checkGoebpf refuses pointers that are set without a relocation: they point at
// nothing that the file has.
func checkGoebpf(o *object, mine *dialect) error {
	for i := range o.defs {
		d, m := &o.defs[i], &o.maps[i]
		if d.dialect != mine {
			continue
		}
		for _, p := range [2]struct {
			field field
			done  bool
		}{{fieldInnerDef, m.Inner != nil}, {fieldPath, m.PinPath != ""}} {
			at := d.layout.at[p.field]
			if p.done || at.size == 0 || uint64(at.off+at.size) > uint64(len(d.data)) {
				continue
			}
			if v := o.order.Uint64(d.data[at.off:]); v != 0 {
				return d.fail(uint64(at.off), elf.Malformed("%s is %#x and has no relocation: it points at nothing", p.field, v))
			}
		}
	}
	return nil
}
