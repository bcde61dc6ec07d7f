// SPDX-License-Identifier: MIT

package reloc

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/bpfload/bpfload/elf"
	"github.com/bpfload/bpfload/globals"
	"github.com/bpfload/bpfload/rawbtf"
)

// ksymsSection is the virtual section of externs that are kernel symbols.
const ksymsSection = ".ksyms"

// An ExternKind says where an undefined symbol is looked for.
type ExternKind uint8

// The kinds of externs.
const (
	ExternUnknown  ExternKind = iota // nowhere: it should have been linked in
	ExternKconfig                    // in the kernel's configuration
	ExternTypeless                   // among the kernel's symbols
	ExternTyped                      // among the variables in the kernel's BTF
	ExternFunction                   // among the functions in the kernel's BTF
)

// An Extern is an undefined symbol.
type Extern struct {
	Name string
	Kind ExternKind
	Weak bool
	ID   rawbtf.ID // its declaration in the object's BTF, 0 for none
}

// Externs returns the undefined symbols of the object, in the order of the symbol
// table, whether or not a program refers to them. The slice is shared and must not
// be written.
func (l *Linker) Externs() []Extern {
	l.externsOnce.Do(l.findExterns)
	return l.externs
}

// A declaration is an entry of a virtual section in BTF.
type declaration struct {
	name string
	kind ExternKind
	id   rawbtf.ID
}

func (l *Linker) findExterns() {
	declared := l.declarations()
	for i := 1; i < l.f.NumSymbols(); i++ {
		sym := l.f.Symbol(i)
		if !sym.Undefined() || sym.Name == "" || sym.Binding == elf.STBLocal {
			continue
		}
		e := Extern{Name: sym.Name, Weak: sym.Binding == elf.STBWeak}
		if at, ok := slices.BinarySearchFunc(declared, sym.Name, func(d declaration, name string) int { return strings.Compare(d.name, name) }); ok {
			e.Kind, e.ID = declared[at].kind, declared[at].id
		}
		l.externs = append(l.externs, e)
		l.externSyms = append(l.externSyms, int32(i))
	}
}

// declarations returns what BTF says of externs, ordered by name.
func (l *Linker) declarations() []declaration {
	if l.types == nil {
		return nil
	}
	var out []declaration
	for _, section := range [2]string{globals.KconfigSection, ksymsSection} {
		sec, _ := l.types.Datasec(section)
		if sec.Kind != rawbtf.KindDatasec {
			continue
		}
		for i := range sec.Vlen {
			t := l.types.Type(sec.VarSecinfo(i).Type)
			d := declaration{t.Name(), ExternTyped, t.ID}
			switch {
			case t.Kind == rawbtf.KindFunc && section == ksymsSection:
				d.kind = ExternFunction
			case t.Kind != rawbtf.KindVar:
				continue
			case section == globals.KconfigSection:
				d.kind = ExternKconfig
			case l.types.Underlying(t.SizeOrType).Kind == rawbtf.KindVoid:
				d.kind = ExternTypeless
			}
			out = append(out, d)
		}
	}
	slices.SortStableFunc(out, func(a, b declaration) int { return strings.Compare(a.name, b.name) })
	return out
}

// extern returns the undefined symbol number sym and its place among all.
func (l *Linker) extern(sym int) (e Extern, index int, ok bool) {
	l.externsOnce.Do(l.findExterns)
	index, ok = slices.BinarySearchFunc(l.externSyms, int32(sym), cmp.Compare)
	if !ok {
		return Extern{}, 0, false
	}
	return l.externs[index], index, true
}

// externFixup says what the instruction at off of function i becomes, which refers
// to the undefined symbol sym. A weak extern that is looked for nowhere is missing
// for certain: that is written down at once, and settled is true.
func (l *Linker) externFixup(i int32, off uint64, sym elf.Symbol, call bool) (fixup Fixup, settled bool, err error) {
	e, index, ok := l.extern(sym.Index)
	if !ok {
		return Fixup{}, false, elf.Malformed("relocation against symbol %d, which is undefined and has no name", sym.Index)
	}
	fixup = Fixup{Weak: e.Weak, Index: uint32(index), Name: e.Name, ID: e.ID}
	switch {
	case e.Kind == ExternUnknown && e.Weak:
		fixup.Kind = KsymTypeless
		if call {
			fixup.Kind = KfuncCall
		}
		return fixup, true, nil
	case e.Kind == ExternUnknown:
		file, line := l.source(i, off)
		return Fixup{}, false, &UndefinedError{Name: e.Name, Call: call, Function: l.name(i), File: file, Line: line}
	case call && e.Kind != ExternFunction:
		return Fixup{}, false, elf.Malformed("call of %q, which is declared as a variable", e.Name)
	case call:
		fixup.Kind = KfuncCall
	case e.Kind == ExternFunction:
		fixup.Kind = KfuncAddr
	case e.Kind == ExternTyped:
		fixup.Kind = KsymTyped
	case e.Kind == ExternTypeless:
		fixup.Kind = KsymTypeless
	case e.Kind == ExternKconfig:
		fixup.Kind = KconfigValue
		l.mapsOnce.Do(l.findMaps)
		if l.kconfig >= 0 {
			fixup.Map = l.maps[l.kconfig]
		}
	}
	return fixup, false, nil
}

// An UndefinedError says that a program needs a symbol that no object provides.
// It is an [elf.ErrUnsupported].
type UndefinedError struct {
	Name     string
	Call     bool   // it is called, not only referred to
	Function string // that needs it
	File     string // where it does, if known
	Line     int
}

func (e *UndefinedError) Error() string {
	var b strings.Builder
	what := "reference to"
	if e.Call {
		what = "call of"
	}
	fmt.Fprintf(&b, "%s %q", what, e.Name)
	if e.File != "" {
		fmt.Fprintf(&b, " at %s:%d", fileName(e.File), e.Line)
	}
	b.WriteString(", which is neither defined in the object nor declared with __ksym or __kconfig")
	switch e.Name {
	case "memcpy", "memset", "memmove", "memcmp":
		fmt.Fprintf(&b, ": use __builtin_%s with a small constant size, which needs no function", e.Name)
	default:
		b.WriteString(": link the object that defines it with bpftool gen object")
	}
	return b.String()
}

func (e *UndefinedError) Unwrap() error { return elf.ErrUnsupported }
