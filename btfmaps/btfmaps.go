// SPDX-License-Identifier: MIT

// Package btfmaps decodes map definitions from the .maps section: variables of a
// struct type whose members' types, not their values, say what the map is.
//
// [Decode] finds each definition by its ELF symbol and its type through BTF, and
// describes inner maps and the shape of "values" on the way. Sections named
// .maps.NAME hold either such definitions, too, or the key and value types of a
// map of the old maps section, for which see [Annotations]. The package never
// touches the kernel, so that numbers which depend on one, such as the size of a
// ring buffer in pages, are those of the object.
//
// The fields and their rules are libbpf's (parse_btf_map_def and its callers), and
// what libbpf refuses without need is accepted: static, weak and hidden maps,
// typedefs and qualifiers around members, numbers in either encoding.
package btfmaps

import (
	"math"
	"strings"

	"github.com/bpfload/bpfload/elf"
	"github.com/bpfload/bpfload/internal/datasec"
	"github.com/bpfload/bpfload/rawbtf"
	"github.com/bpfload/bpfload/spec"
)

// Options change what [Decode] accepts.
type Options struct {
	// Relaxed turns fields that no loader knows from errors into warnings.
	Relaxed bool
}

// A Definition is a map and what is needed to fill its slots.
type Definition struct {
	Map *spec.Map
	// Symbol is the argument of elf.File.Symbol; 0 for a static map whose
	// symbol was stripped.
	Symbol int
	// Values says what the slots hold. Slots begin ValuesOffset bytes after the
	// start of the definition and take 8 bytes each.
	Values       Values
	ValuesOffset uint32

	extent uint32 // slots that the initialiser covers, gaps included; 0 if unknown
}

// Decode returns the definitions of .maps and of .maps.NAME sections, in the order
// of the sections and, within one, of their offsets. Types may be nil only for an
// object without such sections. Errors are *[elf.Error] values that name section,
// offset and map.
func Decode(f *elf.File, types *rawbtf.Spec, opts Options) ([]Definition, []spec.Warning, error) {
	d := decoder{f: f, types: types, opts: opts}
	for i := 1; i < f.NumSections(); i++ {
		name := f.SectionName(i)
		if name != ".maps" && !strings.HasPrefix(name, ".maps.") {
			continue
		}
		s := f.Section(i)
		if s.Type != elf.SHTProgbits && s.Type != elf.SHTNobits {
			continue
		}
		if err := d.section(s); err != nil {
			return nil, nil, err
		}
	}
	return d.defs, d.warnings, nil
}

type decoder struct {
	f        *elf.File
	types    *rawbtf.Spec
	opts     Options
	defs     []Definition
	warnings []spec.Warning

	place spec.Place // of the definition at hand
	name  string     // of the map at hand
}

// fail locates an error at the definition at hand.
func (d *decoder) fail(err error) error {
	return &elf.Error{Section: d.place.Section, Offset: d.place.Offset, Kind: "map", Symbol: d.name, Err: err}
}

func (d *decoder) warn(code, message string) {
	d.warnings = append(d.warnings, spec.Warning{Code: code, Section: d.place.Section, Offset: d.place.Offset, Symbol: d.name, Message: message})
}

func (d *decoder) section(s elf.Section) error {
	vars := datasec.Variables(d.f, d.types, s)
	if d.types == nil {
		return d.undescribed(s, vars)
	}
	if s.Size > 0 && len(vars) == 0 {
		return errNoSymbol(s)
	}
	described := 0 // symbols alone are no reason to make room
	for _, v := range vars {
		if v.Var != 0 {
			described++
		}
	}
	maps := make([]spec.Map, 0, described)
	if d.defs == nil {
		d.defs = make([]Definition, 0, described)
	}
	end := uint64(0) // of the definitions before
	for i, v := range vars {
		sym := d.f.Symbol(v.Symbol)
		d.place = spec.Place{Section: s.Name, Index: s.Index, Offset: v.Offset, Size: v.Size}
		d.name = sym.Name
		if v.Symbol == 0 {
			d.name = d.types.Type(v.Var).Name()
		}
		if v.Var == 0 && (v.Size == 0 || i > 0 && vars[i-1].Offset == v.Offset || i+1 < len(vars) && vars[i+1].Offset == v.Offset) {
			continue // a mark at the section's end, or another name of a neighbour
		}
		if s.Name != ".maps" && isAnnotation(d.name) {
			continue
		}
		if sym.Type == elf.STTFunc {
			return d.fail(elf.Malformed("a function among map definitions"))
		}
		if v.Offset < end {
			return d.fail(elf.Malformed("the definition begins within the one before, which ends at %#x", end))
		}
		end = v.Offset + v.Size
		if v.Var == 0 {
			return d.fail(elf.Malformed("no BTF variable describes the map: compile with -g, and link objects with bpftool gen object"))
		}
		maps = append(maps, spec.Map{Name: d.name, Origin: spec.OriginBTF, Place: d.place})
		def := Definition{Map: &maps[len(maps)-1], Symbol: v.Symbol}
		if err := d.definition(&def, v.Var); err != nil {
			return err
		}
		if sym.Size > 0 && def.Values != NoValues {
			def.extent = uint32(min((sym.Size-uint64(def.ValuesOffset))/slotSize, math.MaxUint32))
		}
		d.checkImage(s, &def)
		d.defs = append(d.defs, def)
	}
	return nil
}

// undescribed is the error for a section with definitions in an object without BTF.
// What was only to give types to a map of the old maps section is no loss.
func (d *decoder) undescribed(s elf.Section, vars []datasec.Variable) error {
	for _, v := range vars {
		name := d.f.Symbol(v.Symbol).Name
		if s.Name != ".maps" && isAnnotation(name) {
			continue
		}
		return &elf.Error{Section: s.Name, Offset: v.Offset, Kind: "map", Symbol: name,
			Err: elf.Unsupported("maps in this section are described by BTF, and the object has none: compile with -g")}
	}
	if s.Size > 0 && len(vars) == 0 {
		return errNoSymbol(s)
	}
	return nil
}

func errNoSymbol(s elf.Section) error {
	return &elf.Error{Section: s.Name, Err: elf.Malformed("%d bytes without a symbol: nothing says which maps they define", s.Size)}
}

// checkImage warns about a member that the source gives a value, which nobody
// reads: only the types of the members count.
func (d *decoder) checkImage(s elf.Section, def *Definition) {
	if s.Data == nil {
		return
	}
	image := s.Data[d.place.Offset:][:d.place.Size]
	if def.Values != NoValues {
		image = image[:def.ValuesOffset]
	}
	for i, b := range image {
		if b != 0 {
			d.place.Offset += uint64(i)
			d.warn("map-initialised", "a member of the definition is given a value, which has no effect: the members' types define the map")
			return
		}
	}
}
