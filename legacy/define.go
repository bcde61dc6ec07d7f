// SPDX-License-Identifier: MIT

package legacy

import (
	"cmp"
	"slices"
	"strings"

	"github.com/bpfload/bpfload/elf"
	"github.com/bpfload/bpfload/spec"
)

// minRecord is the shortest record: type, key_size, value_size, max_entries.
const minRecord = 16

// define finds the records of one section: those that symbols name.
func (o *object) define(s elf.Section) error {
	suffix := ""
	if s.Name != keytableMaps {
		suffix = strings.TrimPrefix(strings.TrimPrefix(s.Name, "maps"), "/")
	}
	if err := o.checkBCC(s, suffix); err != nil {
		return err
	}
	first := len(o.defs)
	if err := o.name(s); err != nil {
		return err
	}
	defs := o.defs[first:]
	if len(defs) == 0 {
		if s.Size == 0 {
			return nil
		}
		return &elf.Error{Section: s.Name, Err: elf.Malformed("%d bytes of map records without a symbol to name them", s.Size)}
	}
	if err := o.checkUnnamed(s, defs); err != nil {
		return err
	}
	if err := o.checkSizes(defs); err != nil {
		return err
	}
	if d := &defs[0]; len(defs) == 1 && suffix != "" && suffix != d.name {
		// Loaders differed in which of the two they called the map.
		d.name, d.alias = suffix, d.name
	}
	return nil
}

// name makes a definition of each symbol in the section.
func (o *object) name(s elf.Section) error {
	if s.Size > uint64(len(s.Data)) {
		return &elf.Error{Section: s.Name, Err: elf.Malformed("%s records of %d bytes without contents: the variables need initialisers", o.kind, s.Size)}
	}
	first := len(o.defs)
	symbols := o.f.SymbolsIn(s.Index)
	if first == 0 {
		o.defs = make([]definition, 0, min(len(symbols), maxMaps))
	}
	for _, at := range symbols {
		sym := o.f.Symbol(at.Index)
		if sym.Name == "" || sym.Type != elf.STTObject && sym.Type != elf.STTNotype {
			continue
		}
		d := definition{o: o, name: sym.Name, place: spec.Place{Section: s.Name, Index: s.Index, Offset: sym.Value}}
		d.static = sym.Binding == elf.STBLocal
		if n := len(o.defs); n > first && o.defs[n-1].place.Offset == sym.Value {
			o.alias(&o.defs[n-1], d)
			continue
		}
		if len(o.defs) == maxMaps {
			return d.fail(0, elf.Unsupported("more than %d map records", maxMaps))
		}
		size := sym.Size
		d.sized = size != 0
		switch {
		case o.stride != 0:
			if size != 0 && size != o.stride {
				return d.fail(0, elf.Malformed("the symbol has %d bytes, section %q says that records have %d", size, o.strideFrom, o.stride))
			}
			size = o.stride
		case size == 0:
			size = o.f.End(sym) - sym.Value
		}
		if sym.Value > s.Size || size > s.Size-sym.Value {
			return d.fail(0, elf.Malformed("the record of %d bytes ends outside its %d-byte section", size, s.Size))
		}
		if size < minRecord {
			return d.fail(0, elf.Malformed("%d bytes are no map record: the shortest has %d", size, minRecord))
		}
		if size%4 != 0 {
			return d.fail(0, elf.Malformed("a record of %d bytes: all dialects have multiples of 4", size))
		}
		d.place.Size = size
		d.data = s.Data[sym.Value : sym.Value+size : sym.Value+size]
		o.defs = append(o.defs, d)
	}
	return nil
}

// alias notes the second symbol for a record, not further ones. A global name is
// better than a static one.
func (o *object) alias(d *definition, other definition) {
	if d.static && !other.static {
		d.name, d.static, other.name = other.name, false, d.name
	}
	code := o.kind + "-alias"
	if n := len(o.warnings); n > 0 {
		if w := o.warnings[n-1]; w.Code == code && w.Section == d.place.Section && w.Offset == d.place.Offset {
			return
		}
	}
	o.warn(code, d, 0, "the record has a second name, "+quote(other.name)+", which is not used")
}

// checkUnnamed refuses records that overlap and notes bytes between records.
func (o *object) checkUnnamed(s elf.Section, defs []definition) error {
	end, noted := uint64(0), false
	gap := func(from, to uint64) {
		if noted || allZero(s.Data[from:to]) {
			return
		}
		noted = true
		o.warnings = append(o.warnings, spec.Warning{Code: "unnamed-record", Section: s.Name, Offset: from,
			Message: "no symbol names the record here: a linker leaves it where a weak map was overridden"})
	}
	for i := range defs {
		d := &defs[i]
		if d.place.Offset < end {
			return d.fail(0, elf.Malformed("the record begins within that of %q", defs[i-1].name))
		}
		gap(end, d.place.Offset)
		end = d.place.Offset + d.place.Size
	}
	gap(end, s.Size)
	return nil
}

// checkSizes accepts records of unequal size where symbols give the sizes.
// Several definitions under one symbol look like a longer record.
func (o *object) checkSizes(defs []definition) error {
	shortest := slices.MinFunc(defs, func(a, b definition) int { return cmp.Compare(a.place.Size, b.place.Size) })
	stride := shortest.place.Size
	for i := range defs {
		d := &defs[i]
		switch {
		case d.place.Size == stride:
		case d.place.Size%stride == 0:
			return d.failArray(stride)
		case !d.sized:
			return d.fail(0, elf.Malformed("a record of %d bytes beside one of %d (%q), and symbols without sizes: the records of a section must be equal",
				d.place.Size, stride, shortest.name))
		default:
			o.warn("record-size", d, 0, "the record is longer than others in the section: each is decoded by its own size")
		}
	}
	return nil
}

// failArray refuses several records under one symbol.
func (d *definition) failArray(stride uint64) error {
	return d.fail(0, elf.Unsupported("%d records of %d bytes under one symbol: only the first would have a name; define each map as a variable of its own",
		d.place.Size/stride, stride))
}

// failStatic refuses a record whose symbol is local.
func (d *definition) failStatic() error {
	return d.fail(0, elf.Unsupported("the variable is static: loaders of section %q saw global ones only; remove the word static", d.place.Section))
}

// checkNames refuses two maps of one name.
func (o *object) checkNames() error {
	order := make([]int, len(o.defs))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return strings.Compare(o.defs[a].name, o.defs[b].name) })
	for i := 1; i < len(order); i++ {
		a, b := &o.defs[order[i-1]], &o.defs[order[i]]
		if a.name == b.name {
			return b.fail(0, elf.Malformed("a second map of that name: the first is in section %q+%#x", a.place.Section, a.place.Offset))
		}
	}
	return nil
}

func allZero(b []byte) bool {
	for _, c := range b {
		if c != 0 {
			return false
		}
	}
	return true
}
