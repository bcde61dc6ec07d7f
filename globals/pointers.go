// SPDX-License-Identifier: MIT

package globals

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/bpfload/bpfload/elf"
	"github.com/bpfload/bpfload/spec"
)

// maxPointerWarnings bounds the warnings for one section; a last one counts the
// rest.
const maxPointerWarnings = 100

// pointers warns about every relocation of section s. A pointer to a map's value
// has no address that user space could know, so programs read what the compiler
// left in its place. vars are the variables of s.
func (d *decoder) pointers(s elf.Section, vars []spec.Variable) error {
	rels, err := d.f.Rels(s.Index)
	if err != nil {
		return err
	}
	for i := range rels.Len() {
		if i == maxPointerWarnings {
			d.warnings = append(d.warnings, spec.Warning{Code: "pointer-in-data", Section: s.Name, Offset: rels.At(i).Offset,
				Message: fmt.Sprintf("%d more pointers from here on are lost, too", rels.Len()-i)})
			break
		}
		r := rels.At(i)
		in, at := enclosing(vars, r.Offset)
		target, left := d.target(s, r)
		d.warnings = append(d.warnings, spec.Warning{Code: "pointer-in-data", Section: s.Name, Offset: r.Offset, Symbol: in,
			Message: fmt.Sprintf("the pointer%s to %s is lost: the kernel cannot relocate data, and programs read %s", at, target, left)})
	}
	return nil
}

// enclosing names the variable at an offset, and where in it that is.
func enclosing(vars []spec.Variable, offset uint64) (name, at string) {
	i, _ := slices.BinarySearchFunc(vars, offset, func(v spec.Variable, offset uint64) int {
		if v.Offset <= offset {
			return -1
		}
		return 1
	})
	if i == 0 || offset-vars[i-1].Offset >= vars[i-1].Size {
		return "", ""
	}
	if v := vars[i-1]; offset > v.Offset {
		return v.Name, fmt.Sprintf(" at byte %d", offset-v.Offset)
	}
	return vars[i-1].Name, ""
}

// target describes what relocation r of section s points at, and what stands in
// the pointer's place: the distance from the symbol, NULL for none.
func (d *decoder) target(s elf.Section, r elf.Rel) (target, left string) {
	var addend uint64
	switch order, n := d.f.ByteOrder(), uint64(len(s.Data)); {
	case r.Type == relABS32 && n >= 4 && r.Offset <= n-4:
		addend = uint64(order.Uint32(s.Data[r.Offset:]))
	case r.Type != relABS32 && n >= 8 && r.Offset <= n-8:
		addend = order.Uint64(s.Data[r.Offset:])
	}
	left = "NULL"
	if addend != 0 {
		left = fmt.Sprintf("%#x", addend)
	}
	sym := d.f.Symbol(r.Symbol)
	if sym.Type == elf.STTSection {
		if named, ok := d.at(sym.Section, sym.Value+addend); ok {
			addend += sym.Value - named.Value
			sym = named
		}
	}
	target = fmt.Sprintf("%q", sym.Name)
	if addend != 0 {
		target += fmt.Sprintf("+%d", addend)
	}
	return target, left
}

// relABS32 is R_BPF_64_ABS32, the one relocation of data that is 4 bytes wide.
const relABS32 = 3

// at returns the last symbol of a section that does not lie behind offset.
func (d *decoder) at(section int, offset uint64) (elf.Symbol, bool) {
	symbols := d.f.SymbolsIn(section)
	i, ok := slices.BinarySearchFunc(symbols, offset, func(s elf.SymbolAt, offset uint64) int { return cmp.Compare(s.Value, offset) })
	if !ok {
		i--
	}
	if i < 0 || i >= len(symbols) {
		return elf.Symbol{}, false
	}
	s := d.f.Symbol(symbols[i].Index)
	return s, offset == s.Value || offset < d.f.End(s)
}
