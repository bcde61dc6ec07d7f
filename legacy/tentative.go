// SPDX-License-Identifier: MIT

package legacy

import (
	"slices"

	"github.com/bpfload/bpfload/elf"
	"github.com/bpfload/bpfload/rawbtf"
)

// checkTentative looks for maps in .bss. A record without an initialiser and
// without a section is a tentative definition: a variable of zeros, which a
// program would then pass to the kernel as a map. aws-ebpf-sdk-go looked such a
// map up by its name among the pins of other objects.
func (o *object) checkTentative() error {
	for _, i := range o.bss {
		s := o.f.Section(i)
		var types []variable
		var arguments []uint64
		for _, at := range o.f.SymbolsIn(i) {
			sym := o.f.Symbol(at.Index)
			if sym.Type != elf.STTObject && sym.Type != elf.STTNotype || !isRecordSize(sym.Size) {
				continue
			}
			if types == nil {
				types = o.datasec(s.Name)
			}
			record, known := o.recordVariable(types, sym.Name)
			if !known {
				if arguments == nil {
					arguments = o.mapArguments(i)
				}
				_, record = slices.BinarySearch(arguments, sym.Value)
			}
			if !record {
				continue
			}
			return &elf.Error{Section: s.Name, Offset: sym.Value, Kind: "map", Symbol: sym.Name, Err: elf.Unsupported(
				"a map record of %d bytes without initialiser and section: define it in SEC(\"maps\") with its attributes; "+
					"a map of another object cannot be declared this way", sym.Size)}
		}
	}
	return nil
}

// isRecordSize says whether some dialect has records of that size.
func isRecordSize(size uint64) bool {
	return slices.ContainsFunc(registry, func(d *dialect) bool { return d.has(size) })
}

// datasec returns the variables that BTF describes in a section, sorted.
func (o *object) datasec(section string) []variable {
	vars := []variable{}
	if o.types == nil {
		return vars
	}
	t, ok := o.types.Datasec(section)
	if !ok {
		return vars
	}
	for i := range t.Vlen {
		if v := o.types.Type(t.VarSecinfo(i).Type); v.Kind == rawbtf.KindVar {
			vars = append(vars, variable{section, v.Name(), v.SizeOrType})
		}
	}
	slices.SortStableFunc(vars, variable.compare)
	return vars
}

// recordVariable says whether BTF describes a variable, and as a map record.
func (o *object) recordVariable(vars []variable, name string) (record, known bool) {
	if len(vars) == 0 {
		return false, false
	}
	j, ok := slices.BinarySearchFunc(vars, variable{section: vars[0].section, name: name}, variable.compare)
	if !ok {
		return false, false
	}
	t := o.types.Underlying(vars[j].typ)
	if t.Kind != rawbtf.KindStruct {
		return false, true
	}
	sh := o.shape(t, vars[j].typ)
	return sh.err == nil, true
}
