// SPDX-License-Identifier: MIT

package attach

import (
	"cmp"
	"debug/elf"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/bpfload/bpfload/internal/near"
)

// A function is one that a program or library has.
type function struct {
	name     string
	version  string // such as GLIBC_2.3.4, "" if it has none
	standard bool   // what the name stands for without a version
	weak     bool
	offset   uint64 // bytes from the start of the file
	size     uint64 // bytes, 0 where the file does not say
}

func (f *function) String() string {
	switch {
	case f.version == "":
		return fmt.Sprintf("%s at %#x", f.name, f.offset)
	case f.standard:
		return f.name + "@@" + f.version
	}
	return f.name + "@" + f.version
}

// functionsOf returns the functions of a symbol table whose names, without versions,
// match.
func functionsOf(f *elf.File, table func() ([]elf.Symbol, error), matches func(string) bool) ([]function, error) {
	symbols, err := table()
	if err != nil && !errors.Is(err, elf.ErrNoSymbols) {
		return nil, err
	}
	var list []function
	for i := range symbols {
		s := &symbols[i]
		if elf.ST_TYPE(s.Info) != elf.STT_FUNC || s.Section == elf.SHN_UNDEF {
			continue
		}
		// The symbols that a linker leaves for debuggers carry versions in their names.
		name, version, _ := strings.Cut(s.Name, "@")
		if !matches(name) {
			continue
		}
		fn := function{name: name, weak: elf.ST_BIND(s.Info) == elf.STB_WEAK, size: s.Size}
		fn.version, fn.standard = strings.CutPrefix(version, "@")
		if s.HasVersion && s.Version != "" {
			fn.version, fn.standard = s.Version, !s.VersionIndex.IsHidden()
		}
		var ok bool
		if fn.offset, ok = fileOffset(f, s.Value); ok {
			list = append(list, fn)
		}
	}
	return list, nil
}

// fileOffset says where in the file an address is that is executed.
func fileOffset(f *elf.File, address uint64) (uint64, bool) {
	for _, seg := range f.Progs {
		if seg.Type == elf.PT_LOAD && seg.Flags&elf.PF_X != 0 && address >= seg.Vaddr && address-seg.Vaddr < seg.Memsz {
			return address - seg.Vaddr + seg.Off, true
		}
	}
	return 0, false
}

// findFunction returns the function that a name, NAME or NAME@VERSION, stands for. As
// for libbpf, a function that others can call goes before one that is in the symbols
// for debuggers only, and one that is not weak before weak ones; of several versions a
// name without one means the standard one. A name that still says too little is an
// error.
func findFunction(path, name string) (*function, error) {
	f, err := elf.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	base, version, _ := strings.Cut(name, "@")
	version = strings.TrimPrefix(version, "@")
	for _, table := range []func() ([]elf.Symbol, error){f.DynamicSymbols, f.Symbols} {
		list, err := functionsOf(f, table, func(s string) bool { return s == base })
		if err != nil {
			return nil, err
		}
		list = slices.DeleteFunc(list, func(fn function) bool { return version != "" && fn.version != version })
		if len(list) == 0 {
			continue
		}
		return choose(path, name, list)
	}
	return nil, noFunction(f, path, name, base)
}

// choose returns the function that is meant among some of one name.
func choose(path, name string, list []function) (*function, error) {
	for _, better := range []func(*function) bool{
		func(fn *function) bool { return fn.version == "" || fn.standard },
		func(fn *function) bool { return !fn.weak },
	} {
		if some := keep(list, better); len(some) > 0 {
			list = some
		}
	}
	list = onceEach(list)
	if len(list) == 1 {
		return &list[0], nil
	}
	var names []string
	for i := range list {
		names = append(names, list[i].String())
	}
	e := notFound("%s has %d functions %q: %s", path, len(list), name, strings.Join(names, ", "))
	e.Advice = fmt.Sprintf("name the place in the file, such as uprobe:%s:%#x", path, list[0].offset)
	if list[0].version != "" {
		e.Advice = fmt.Sprintf("name the version, such as uprobe:%s:%s@%s", path, list[0].name, list[0].version)
	}
	return nil, e
}

func keep(list []function, want func(*function) bool) (some []function) {
	for i := range list {
		if want(&list[i]) {
			some = append(some, list[i])
		}
	}
	return some
}

// onceEach sorts functions by their places and leaves out second names of a place.
func onceEach(list []function) []function {
	slices.SortStableFunc(list, func(a, b function) int { return cmp.Compare(a.offset, b.offset) })
	return slices.CompactFunc(list, func(a, b function) bool { return a.offset == b.offset })
}

// noFunction says why a file has no function of a name, if that can be seen.
func noFunction(f *elf.File, path, name, base string) error {
	const enough = 100_000 // names to compare
	var names []string
	for _, table := range []func() ([]elf.Symbol, error){f.DynamicSymbols, f.Symbols} {
		symbols, _ := table()
		for i := range symbols {
			s := &symbols[i]
			other, _, _ := strings.Cut(s.Name, "@")
			typ := elf.ST_TYPE(s.Info)
			switch {
			case other == base && s.Section == elf.SHN_UNDEF:
				e := notFound("%s calls %q, but another file has it", path, base)
				e.Advice = "name the library that has it: ldd " + path
				return e
			case other == base && typ == elf.STT_GNU_IFUNC:
				e := notFound("%s has several variants of %q, one of which a program chooses when it starts", path, base)
				e.Advice = "name the variant"
				return e
			case typ == elf.STT_FUNC && s.Section != elf.SHN_UNDEF && len(names) < enough:
				names = append(names, other)
			}
		}
	}
	e := notFound("%s has no function %q", path, name)
	if len(names) == 0 {
		e.Advice = "the file has no symbols of functions: name a place in it, such as uprobe:" + path + ":0x1234"
	} else if best := near.Best(base, names); best != "" && best != base {
		e.Advice = "did you mean " + best
	}
	return e
}

// findFunctions returns where the functions of a file are that match a pattern, each
// place once.
func findFunctions(path, pattern string) ([]uint64, error) {
	f, err := elf.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	var list []function
	for _, table := range []func() ([]elf.Symbol, error){f.DynamicSymbols, f.Symbols} {
		more, err := functionsOf(f, table, func(s string) bool { return match(pattern, s) })
		if err != nil {
			return nil, err
		}
		list = append(list, more...)
	}
	if len(list) == 0 {
		if !isPattern(pattern) {
			return nil, noFunction(f, path, pattern, pattern)
		}
		return nil, notFound("no function of %s matches %q", path, pattern)
	}
	list = onceEach(list)
	places := make([]uint64, len(list))
	for i := range list {
		places[i] = list[i].offset
	}
	return places, nil
}
