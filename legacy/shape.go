// SPDX-License-Identifier: MIT

package legacy

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/bpfload/bpfload/elf"
	"github.com/bpfload/bpfload/rawbtf"
)

// maxMembers bounds the members of a record's struct. Android's has 26.
const maxMembers = 64

// A shape is the layout of a record as BTF describes it.
type shape struct {
	layout
	id      rawbtf.ID
	name    string // of the struct, or of the typedef where it has none
	unknown []unknownMember
	signed  bool // max_entries is signed
	err     error
	errAt   uint64
}

type unknownMember struct {
	name string
	span
}

// A variable is an entry of a DATASEC for a maps section.
type variable struct {
	section, name string
	typ           rawbtf.ID
}

func (v variable) compare(w variable) int {
	return cmp.Or(strings.Compare(v.section, w.section), strings.Compare(v.name, w.name))
}

// describe finds the struct that BTF gives for each record, by the name of the
// variable: DATASEC offsets are zero before linking. Records that BTF does not
// describe are left to their size.
func (o *object) describe() error {
	vars := o.variables()
	if len(vars) == 0 {
		return nil
	}
	shapes := map[rawbtf.ID]*shape{}
	for i := range o.defs {
		d := &o.defs[i]
		symbol := d.name
		if d.alias != "" {
			symbol = d.alias
		}
		j, ok := slices.BinarySearchFunc(vars, variable{section: d.place.Section, name: symbol}, variable.compare)
		if !ok {
			continue
		}
		t := o.types.Underlying(vars[j].typ)
		switch t.Kind {
		case rawbtf.KindStruct:
		case rawbtf.KindArray:
			elem, _, _ := t.Array()
			if size, ok := o.types.Size(elem); ok && size >= minRecord && d.place.Size >= size {
				return d.failArray(size)
			}
			fallthrough
		default:
			return d.fail(0, elf.Malformed("BTF says that the variable is of kind %s: want a struct of map attributes", t.Kind))
		}
		sh := shapes[t.ID]
		if sh == nil {
			sh = o.shape(t, vars[j].typ)
			shapes[t.ID] = sh
		}
		if sh.err != nil {
			return d.fail(sh.errAt, sh.err)
		}
		if uint64(sh.size) > d.place.Size {
			return d.fail(0, elf.Malformed("BTF says that the record has %d bytes, the symbol %d", sh.size, d.place.Size))
		}
		d.shape = sh
	}
	return nil
}

// variables collects the DATASEC entries of all maps sections, sorted.
func (o *object) variables() []variable {
	if o.types == nil {
		return nil
	}
	var vars []variable
	o.types.All(func(t rawbtf.Type) bool {
		if t.Kind != rawbtf.KindDatasec || !isMaps(t.Name()) {
			return true
		}
		for i := range t.Vlen {
			if v := o.types.Type(t.VarSecinfo(i).Type); v.Kind == rawbtf.KindVar {
				vars = append(vars, variable{t.Name(), v.Name(), v.SizeOrType})
			}
		}
		return true
	})
	slices.SortStableFunc(vars, variable.compare)
	return vars
}

// shape reads the members of a record's struct; declared is the type of the
// variable, which may be a typedef.
func (o *object) shape(t rawbtf.Type, declared rawbtf.ID) *shape {
	sh := &shape{id: t.ID, name: t.Name()}
	if sh.name == "" {
		sh.name = o.types.SkipModifiers(declared).Name()
	}
	sh.size = t.SizeOrType
	var covered []span
	sh.members(o.types, t, 0, &covered)
	if sh.err == nil {
		for _, f := range []field{fieldType, fieldKeySize, fieldValueSize, fieldMaxEntries} {
			if sh.fields&(1<<f) == 0 {
				sh.fail(0, "BTF describes it as %s, which has no member for %s: this is no map record", sh.title(), f)
				break
			}
		}
	}
	slices.SortFunc(covered, func(a, b span) int { return cmp.Compare(a.off, b.off) })
	end := uint32(0)
	for _, c := range covered {
		if c.off > end {
			sh.gaps = append(sh.gaps, span{end, c.off - end})
		}
		end = max(end, c.off+c.size)
	}
	if end < sh.size {
		sh.gaps = append(sh.gaps, span{end, sh.size - end})
	}
	return sh
}

// members adds the members of t, which stands base bytes into the record.
func (sh *shape) members(types *rawbtf.Spec, t rawbtf.Type, base uint32, covered *[]span) {
	if t.Vlen > maxMembers {
		sh.fail(base, "BTF describes it as a struct of %d members: this is no map record", t.Vlen)
		return
	}
	for i := range t.Vlen {
		m := t.Member(i)
		name, off := types.Name(m.NameOff), base+m.BitOffset/8
		u := types.Underlying(m.Type)
		f, known := fieldOf(name)
		size, sized := types.Size(m.Type)
		switch {
		case sh.err != nil:
			return
		case !sized || uint64(off)+size > uint64(sh.size):
			sh.fail(off, "BTF says that member %s ends outside its struct of %d bytes", quote(name), sh.size)
		case !known && u.Kind == rawbtf.KindStruct && base == 0 && t.ID == sh.id:
			sh.members(types, u, off, covered)
		case u.Kind == rawbtf.KindPtr && f != fieldInnerDef && f != fieldPath:
			sh.fail(off, "member %s is a pointer: a definition made of types belongs in SEC(\".maps\")", quote(name))
		case !known:
			sh.unknown = append(sh.unknown, unknownMember{name, span{off, uint32(size)}})
		case f == fieldNone:
			*covered = append(*covered, span{off, uint32(size)})
		case f == fieldIgnore:
			sh.add(f, span{off, 1}, covered)
		default:
			if why := unfit(types, f, u); why != "" {
				sh.fail(off, "member %s: %s", quote(name), why)
				return
			}
			if sh.fields&(1<<f) != 0 {
				sh.fail(off, "member %s gives %s a second time", quote(name), f)
				return
			}
			sh.add(f, span{off, uint32(size)}, covered)
			if f == fieldMaxEntries && u.Kind == rawbtf.KindInt {
				encoding, _, _ := u.Int()
				sh.signed = encoding&rawbtf.IntSigned != 0
			}
		}
	}
}

func (sh *shape) add(f field, s span, covered *[]span) {
	sh.at[f] = s
	sh.fields |= 1 << f
	*covered = append(*covered, s)
}

func (sh *shape) fail(off uint32, format string, args ...any) {
	sh.err, sh.errAt = elf.Malformed(format, args...), uint64(off)
}

// title names the struct in a sentence.
func (sh *shape) title() string {
	if sh.name == "" {
		return "a struct without a name"
	}
	return "struct " + quote(sh.name)
}

// unfit says why a type cannot hold a field, "" if it can.
func unfit(types *rawbtf.Spec, f field, t rawbtf.Type) string {
	switch f {
	case fieldNamespace, fieldSELinux, fieldSubdir:
		if t.Kind == rawbtf.KindArray {
			elem, _, _ := t.Array()
			if size, _ := types.Size(elem); size == 1 {
				return ""
			}
		}
		return fmt.Sprintf("want an array of characters, got %s", t.Kind)
	case fieldInnerDef, fieldPath:
		if t.Kind == rawbtf.KindPtr {
			return ""
		}
		return fmt.Sprintf("want a pointer, got %s", t.Kind)
	}
	if t.Kind != rawbtf.KindInt && t.Kind != rawbtf.KindEnum {
		return fmt.Sprintf("want an integer, got %s", t.Kind)
	}
	if t.SizeOrType > 4 {
		return fmt.Sprintf("want an integer of at most 4 bytes, got %d", t.SizeOrType)
	}
	return ""
}

// quote marks a name taken from the file.
func quote(s string) string { return fmt.Sprintf("%q", s) }
