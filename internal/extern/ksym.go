// SPDX-License-Identifier: MIT

package extern

import (
	"errors"

	"github.com/bpfload/bpfload/internal/kernel"
	"github.com/bpfload/bpfload/rawbtf"
	"github.com/bpfload/bpfload/reloc"
	"github.com/bpfload/bpfload/reloc/core"
	"github.com/bpfload/bpfload/spec"
)

const ksymsSection = ".ksyms"

// A Symbol is what an extern of .ksyms turned out to be.
type Symbol struct {
	Missing bool      // a weak extern that the kernel lacks
	Address uint64    // of a typeless one
	ID      rawbtf.ID // of a typed variable or a function, in the BTF of Module
	Module  string    // "" for the kernel itself
}

// Want announces to the kernel's types what Ksyms will look for, so that one search
// serves that and other needs.
func Want(externs []reloc.Extern, types *kernel.Types) {
	for _, e := range externs {
		switch e.Kind {
		case reloc.ExternTyped:
			types.Want(rawbtf.Kinds(rawbtf.KindVar), e.Name)
		case reloc.ExternFunction:
			types.Want(rawbtf.Kinds(rawbtf.KindFunc), e.Name)
		}
	}
}

// Ksyms resolves the externs that are kernel symbols, declared in local, an
// object's BTF. It returns one Symbol for each extern; those of other kinds are
// passed over. Errors are *[elf.Error] values, the first in the order of externs.
//
// A typeless extern is an address of /proc/kallsyms. A typed variable or a function
// is found by its BTF in the kernel or, if that has none of the name, in a module;
// for a function the flavour (___x) does not count. Their types must agree by the
// rule of [core.Compatible]: a weak function that does not is missing.
func Ksyms(local *rawbtf.Spec, externs []reloc.Extern, k *kernel.Kernel) ([]Symbol, []spec.Warning, error) {
	r := ksymResolver{local: local, k: k, found: make([]Symbol, len(externs))}
	if err := r.addresses(externs); err != nil {
		return nil, nil, err
	}
	types, typesErr := (*kernel.Types)(nil), error(nil)
	for i := range externs {
		e := &externs[i]
		if e.Kind != reloc.ExternTyped && e.Kind != reloc.ExternFunction {
			continue
		}
		if types == nil && typesErr == nil {
			if types, typesErr = k.Types(); typesErr == nil {
				Want(externs, types)
			}
		}
		err := typesErr
		switch {
		case errors.Is(err, kernel.ErrNoBTF) && e.Weak:
			r.found[i] = Symbol{Missing: true}
			continue
		case err != nil:
		case e.Kind == reloc.ExternTyped:
			r.found[i], err = r.variable(e, types)
		default:
			r.found[i], err = r.function(e, types)
		}
		if err != nil {
			return nil, nil, at(ksymsSection, 0, e.Name, err)
		}
	}
	return r.found, r.warnings, nil
}

type ksymResolver struct {
	local    *rawbtf.Spec
	k        *kernel.Kernel
	found    []Symbol
	warnings []spec.Warning
}

// addresses resolves all typeless externs at once.
func (r *ksymResolver) addresses(externs []reloc.Extern) error {
	var names []string
	var places []int
	for i, e := range externs {
		if e.Kind == reloc.ExternTypeless {
			names, places = append(names, e.Name), append(places, i)
		}
	}
	if names == nil {
		return nil
	}
	symbols, unusable := r.k.Symbols(names)
	for j, i := range places {
		e := &externs[i]
		switch {
		case unusable != nil && e.Weak:
			r.warnings = append(r.warnings, spec.Warning{Code: "ksym-unreadable", Section: ksymsSection, Symbol: e.Name,
				Message: "taken as missing: " + unusable.Error()})
			r.found[i].Missing = true
		case unusable != nil:
			return at(ksymsSection, 0, e.Name, unusable)
		case symbols[j].Other != 0:
			return at(ksymsSection, 0, e.Name, because(ErrAmbiguous, "the kernel has symbols of this name at %#x and %#x",
				symbols[j].Address, symbols[j].Other))
		case symbols[j].Found:
			r.found[i].Address = symbols[j].Address
		case e.Weak:
			r.found[i].Missing = true
		default:
			return at(ksymsSection, 0, e.Name, because(ErrMissing, "the kernel has no symbol of this name%s: declare it __weak if it may be absent",
				proposal(e.Name, r.k.SymbolNames)))
		}
	}
	return nil
}

func (r *ksymResolver) variable(e *reloc.Extern, types *kernel.Types) (Symbol, error) {
	t, module, ok := types.Exact(rawbtf.KindVar, e.Name)
	if !ok {
		return missing(e, "variable", e.Name, rawbtf.KindVar, types)
	}
	local := r.local.Underlying(r.local.Type(e.ID).SizeOrType)
	target := t.Spec().Underlying(t.SizeOrType)
	if ok, err := core.Compatible(r.local, local.ID, t.Spec(), target.ID); err != nil || !ok {
		return Symbol{}, because(ErrIncompatible, "the object declares %s %q, the kernel has %s %q",
			local.Kind, local.Name(), target.Kind, target.Name())
	}
	return Symbol{ID: t.ID, Module: module}, nil
}

func (r *ksymResolver) function(e *reloc.Extern, types *kernel.Types) (Symbol, error) {
	name := rawbtf.EssentialName(e.Name)
	t, module, ok := types.Exact(rawbtf.KindFunc, name)
	if !ok {
		return missing(e, "function", name, rawbtf.KindFunc, types)
	}
	ok, err := core.Compatible(r.local, r.local.Type(e.ID).SizeOrType, t.Spec(), t.SizeOrType)
	if err == nil && ok {
		return Symbol{ID: t.ID, Module: module}, nil
	}
	err = because(ErrIncompatible, "the kernel's function takes or returns other types: %s, the object declares %s",
		signature(t.Spec(), t.SizeOrType), signature(r.local, r.local.Type(e.ID).SizeOrType))
	if !e.Weak {
		return Symbol{}, err
	}
	r.warnings = append(r.warnings, spec.Warning{Code: "ksym-incompatible", Section: ksymsSection, Symbol: e.Name, Message: "taken as missing: " + err.Error()})
	return Symbol{Missing: true}, nil
}

func missing(e *reloc.Extern, what, name string, kind rawbtf.Kind, types *kernel.Types) (Symbol, error) {
	if e.Weak {
		return Symbol{Missing: true}, nil
	}
	names := func(yield func(string) bool) { types.Names(rawbtf.Kinds(kind), yield) }
	return Symbol{}, because(ErrMissing, "neither the kernel nor a module has a %s of this name%s: declare it __weak if it may be absent",
		what, proposal(name, names))
}
