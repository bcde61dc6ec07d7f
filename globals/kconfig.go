// SPDX-License-Identifier: MIT

package globals

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/cilium/ebpf"

	"github.com/bpfload/bpfload/elf"
	"github.com/bpfload/bpfload/internal/plain"
	"github.com/bpfload/bpfload/rawbtf"
	"github.com/bpfload/bpfload/spec"
)

// KconfigSection is the virtual section of configuration externs.
const KconfigSection = ".kconfig"

// A KconfigKind says which values of the kernel's configuration a variable takes.
type KconfigKind uint8

// The kinds of configuration variables.
const (
	KconfigBool     KconfigKind = iota // bool: y or n
	KconfigChar                        // an integer of one byte: a number, or 'y', 'n', 'm'
	KconfigInt                         // an integer of 2, 4 or 8 bytes
	KconfigTristate                    // enum libbpf_tristate: y, n or m
	KconfigString                      // an array of char
)

// A KconfigVar is an extern that the kernel's configuration, or a fact about the
// kernel, gives a value.
type KconfigVar struct {
	Name   string // such as CONFIG_HZ or LINUX_KERNEL_VERSION
	Kind   KconfigKind
	Signed bool
	Weak   bool   // may be absent, and is 0 then
	Offset uint32 // bytes from the start of the map's value
	Size   uint32 // bytes
	Align  uint32 // bytes
	Symbol int    // argument of elf.File.Symbol
	Var    rawbtf.ID
	Type   rawbtf.ID // of the variable
}

// Kconfig returns the map that holds an object's configuration externs, and these
// in the order of their offsets; a nil map where there are none. The layout is
// libbpf's: the largest alignment first, then the smallest size, then by name.
func Kconfig(f *elf.File, types *rawbtf.Spec) (*spec.Map, []KconfigVar, error) {
	if types == nil {
		return nil, nil, nil
	}
	sec, ok := types.Datasec(KconfigSection)
	if !ok {
		return nil, nil, nil
	}
	vars, err := kconfigVars(f, types, sec)
	if err != nil || len(vars) == 0 {
		return nil, nil, err
	}
	slices.SortStableFunc(vars, func(a, b KconfigVar) int {
		return cmp.Or(cmp.Compare(b.Align, a.Align), cmp.Compare(a.Size, b.Size), strings.Compare(a.Name, b.Name))
	})
	end := uint64(0)
	for i := range vars {
		align := uint64(vars[i].Align)
		end = (end + align - 1) / align * align
		vars[i].Offset = uint32(end)
		if end += uint64(vars[i].Size); end > math.MaxUint32 {
			return nil, nil, kconfigError(vars[i].Name, elf.Unsupported("the values before it leave no room in 4 GiB"))
		}
	}
	return &spec.Map{
		Name:       KconfigSection,
		Type:       ebpf.Array,
		KeySize:    4,
		ValueSize:  uint32(end),
		MaxEntries: 1,
		Flags:      flagReadOnlyProgram | flagMmapable,
		ValueType:  sec.ID,
		Origin:     spec.OriginKconfig,
		Place:      spec.Place{Section: KconfigSection, Size: end},
		Frozen:     true,
	}, vars, nil
}

func kconfigError(name string, err error) error {
	return &elf.Error{Section: KconfigSection, Kind: "extern", Symbol: name, Err: err}
}

// kconfigVars pairs the undefined symbols with the variables of datasec sec.
func kconfigVars(f *elf.File, types *rawbtf.Spec, sec rawbtf.Type) ([]KconfigVar, error) {
	declared := make([]rawbtf.ID, sec.Vlen)
	for i := range declared {
		declared[i] = sec.VarSecinfo(i).Type
	}
	name := func(id rawbtf.ID) string { return types.Type(id).Name() }
	slices.SortStableFunc(declared, func(a, b rawbtf.ID) int { return strings.Compare(name(a), name(b)) })
	var vars []KconfigVar
	for i := 1; i < f.NumSymbols(); i++ {
		s := f.Symbol(i)
		if !s.Undefined() || s.Name == "" || s.Binding == elf.STBLocal {
			continue
		}
		at, ok := slices.BinarySearchFunc(declared, s.Name, func(id rawbtf.ID, want string) int { return strings.Compare(name(id), want) })
		if !ok {
			continue
		}
		t := types.Type(declared[at])
		if t.Kind != rawbtf.KindVar {
			return nil, kconfigError(s.Name, elf.Unsupported("a %s cannot be a configuration value", t.Kind))
		}
		v := KconfigVar{Name: s.Name, Weak: s.Binding == elf.STBWeak, Symbol: i, Var: t.ID, Type: t.SizeOrType}
		if err := v.classify(types); err != nil {
			return nil, kconfigError(s.Name, err)
		}
		vars = append(vars, v)
	}
	return vars, nil
}

// classify finds out kind, size and alignment from the type.
func (v *KconfigVar) classify(types *rawbtf.Spec) error {
	t := types.Underlying(v.Type)
	n := uint64(1)
	if t.Kind == rawbtf.KindArray {
		elem, _, count := t.Array()
		t, n = types.Underlying(elem), uint64(count)
		if t.Kind != rawbtf.KindInt || t.SizeOrType != 1 || n == 0 || isBool(t) {
			return elf.Unsupported("want an array of char with a length, got %d elements of %s", n, describe(t))
		}
		v.Kind, v.Size, v.Align = KconfigString, count, 1
		return nil
	}
	v.Size, v.Align = t.SizeOrType, min(t.SizeOrType, 8)
	switch {
	case t.Kind == rawbtf.KindInt && isBool(t) && v.Size == 1:
		v.Kind = KconfigBool
	case t.Kind == rawbtf.KindInt && !isBool(t) && v.Size == 1:
		v.Kind = KconfigChar
	case t.Kind == rawbtf.KindInt && !isBool(t) && (v.Size == 2 || v.Size == 4 || v.Size == 8):
		v.Kind = KconfigInt
	case t.Kind == rawbtf.KindEnum && t.Name() == "libbpf_tristate" && v.Size == 4,
		t.Kind == rawbtf.KindEnum64 && t.Name() == "libbpf_tristate" && v.Size == 8:
		v.Kind = KconfigTristate
	default:
		return elf.Unsupported("want bool, char, an integer, enum libbpf_tristate or an array of char, got %s", describe(t))
	}
	if t.Kind == rawbtf.KindInt {
		encoding, _, _ := t.Int()
		v.Signed = encoding&rawbtf.IntSigned != 0
	}
	return nil
}

func isBool(t rawbtf.Type) bool {
	encoding, _, _ := t.Int()
	return encoding&rawbtf.IntBool != 0
}

func describe(t rawbtf.Type) string {
	if t.Kind == rawbtf.KindInt || t.Kind == rawbtf.KindEnum || t.Kind == rawbtf.KindStruct {
		return fmt.Sprintf("%s %q of %s", t.Kind, t.Name(), plain.Count(int(t.SizeOrType), "byte"))
	}
	return t.Kind.String()
}
