// SPDX-License-Identifier: MIT

package reloc

import (
	"math"
	"slices"
	"sort"
	"strings"
	"sync"

	"github.com/bpfload/bpfload/elf"
	"github.com/bpfload/bpfload/rawbtf"
)

// A codeSection is an ELF section that holds instructions.
type codeSection struct {
	name        string
	index       int // argument of elf.File.Section
	data        []byte
	first, last int32 // its functions
	text        bool  // functions here are subprograms

	relsOnce sync.Once
	rels     *relTable
	relsErr  error

	ext [extKinds]*rawbtf.ExtSection // what .BTF.ext has for it; set by findExt
}

// A function is a stretch of code with a name. Several symbols at one offset are
// one function.
type function struct {
	start, end uint32 // bytes from the start of the section
	section    int32  // index in Linker.sections
	symbol     int32  // the first global one, else the first; 0: the section's name
	at         int32  // its first symbol in File.SymbolsIn
	names      uint16 // symbols from at on, at most
	local      bool   // no symbol of it is visible outside the object
	fault      fault
}

func (fn *function) len() uint32 { return (fn.end - fn.start) / insnSize }

// A fault is what keeps a function from being linked.
type fault uint8

const (
	sound fault = iota
	empty
	uneven
	overlapping
	outside
)

// isText says whether a section holds subprograms. With -ffunction-sections, or
// compiled for size, functions without SEC() are in sections of their own.
func isText(name string) bool { return name == ".text" || strings.HasPrefix(name, ".text.") }

// maxCodeSymbols is more functions and labels than any object has.
const maxCodeSymbols = 1 << 18

// findFunctions fills in the sections with code and their functions.
func (l *Linker) findFunctions() error {
	l.bySection = make([]int32, l.f.NumSections())
	sections, symbols := 0, 0
	for i := range l.bySection {
		l.bySection[i] = -1
		s := l.f.Section(i)
		if !s.Code() || s.Size == 0 {
			continue
		}
		if s.Size > math.MaxUint32 {
			return &elf.Error{Section: s.Name, Err: elf.Unsupported("%d bytes of code: at most 4 GiB are read", s.Size)}
		}
		l.bySection[i] = int32(sections)
		sections++
		if symbols += max(1, len(l.f.SymbolsIn(i))); symbols > maxCodeSymbols {
			return &elf.Error{Section: s.Name, Err: elf.Unsupported("more than %d symbols of code", maxCodeSymbols)}
		}
	}
	l.sections = make([]codeSection, 0, sections)
	l.functions = make([]function, 0, symbols)
	for i, at := range l.bySection {
		if at < 0 {
			continue
		}
		elfSection := l.f.Section(i)
		l.sections = append(l.sections, codeSection{name: elfSection.Name, index: i, data: elfSection.Data,
			text: isText(elfSection.Name), first: int32(len(l.functions))})
		s := &l.sections[at]
		l.findIn(at)
		s.last = int32(len(l.functions))
		l.setEnds(s)
	}
	return nil
}

// findIn appends the functions of section number at of those with code.
//
// Compilers before clang 8 give functions no type and no size, and newer ones give
// no type to labels in inline assembly. So symbols without a type are functions
// only in a section where none has the type of a function; without a symbol, a
// section that is not .text is one function.
func (l *Linker) findIn(at int32) {
	s := &l.sections[at]
	size := uint64(len(s.data))
	symbols := l.f.SymbolsIn(s.index)
	isFunction := func(sym elf.Symbol) bool { return sym.Type == elf.STTFunc }
	if !slices.ContainsFunc(symbols, func(a elf.SymbolAt) bool { return l.f.Symbol(a.Index).Type == elf.STTFunc }) {
		labels := labels{code: insns{s.data, l.f.BigEndian()}}
		isFunction = func(sym elf.Symbol) bool {
			return sym.Type == elf.STTNotype && sym.Value < size &&
				(sym.Binding != elf.STBLocal || !labels.contain(sym.Value))
		}
	}
	for i, a := range symbols {
		sym := l.f.Symbol(a.Index)
		if !isFunction(sym) || sym.Value > size {
			continue
		}
		if n := len(l.functions); n > int(s.first) && uint64(l.functions[n-1].start) == sym.Value {
			l.functions[n-1].alias(sym, int32(i))
			continue
		}
		l.functions = append(l.functions, function{start: uint32(sym.Value), end: end(sym), section: at,
			symbol: int32(sym.Index), at: int32(i), names: 1, local: sym.Binding == elf.STBLocal})
	}
	if int(s.first) == len(l.functions) && !s.text {
		l.functions = append(l.functions, function{end: uint32(size), section: at})
	}
}

// alias adds another name of fn.
func (fn *function) alias(sym elf.Symbol, at int32) {
	if fn.local && sym.Binding != elf.STBLocal {
		fn.local, fn.symbol = false, int32(sym.Index)
	}
	fn.end = max(fn.end, end(sym))
	fn.names = uint16(min(at-fn.at+1, math.MaxUint16))
}

// end is where a symbol of known size ends, at most at 4 GiB.
func end(sym elf.Symbol) uint32 {
	return uint32(min(sym.Value+min(sym.Size, math.MaxUint32), math.MaxUint32))
}

// setEnds gives functions without a size the room up to the next one, and notes
// what keeps a function from being linked. Afterwards no two functions overlap.
func (l *Linker) setEnds(s *codeSection) {
	size := uint32(len(s.data))
	for i := s.first; i < s.last; i++ {
		fn := &l.functions[i]
		next := size
		if i+1 < s.last {
			next = l.functions[i+1].start
		}
		if fn.end == fn.start {
			fn.end = next
		}
		switch {
		case fn.start == fn.end:
			fn.fault = empty
		case fn.end > size:
			fn.fault = outside
		case fn.end > next:
			fn.fault = overlapping
		case fn.start%insnSize != 0 || fn.end%insnSize != 0:
			fn.fault = uneven
		}
		fn.end = min(fn.end, next)
	}
}

// faultOf returns what keeps function i from being linked, nil if nothing does.
func (l *Linker) faultOf(i int32) error {
	fn := &l.functions[i]
	var err error
	switch fn.fault {
	case sound:
		return nil
	case empty:
		err = elf.Malformed("the function has no instructions")
	case uneven:
		err = elf.Malformed("the function's %d bytes at %#x are not a whole number of instructions", fn.end-fn.start, fn.start)
	case overlapping:
		err = elf.Malformed("the function overlaps %q, which begins at %#x", l.name(i+1), fn.end)
	case outside:
		err = elf.Malformed("the function ends outside the section of %d bytes", len(l.sections[fn.section].data))
	}
	return l.fail(i, uint64(fn.start), err)
}

// name returns the name of function i: its symbol's, or, for want of one, that of
// the section.
func (l *Linker) name(i int32) string {
	fn := &l.functions[i]
	if fn.symbol != 0 {
		if name := l.f.Symbol(int(fn.symbol)).Name; name != "" {
			return name
		}
	}
	if name := strings.TrimPrefix(l.sections[fn.section].name, "?"); name != "" {
		return name
	}
	return "unnamed"
}

// fail locates an error at a byte of function i's section.
func (l *Linker) fail(i int32, off uint64, err error) error {
	return &elf.Error{Section: l.sections[l.functions[i].section].name, Offset: off, Kind: "function", Symbol: l.name(i), Err: err}
}

// functionAt returns the function that covers an offset of an ELF section, whether
// it begins there, and false where there is none.
func (l *Linker) functionAt(section int, off uint64) (i int32, begins, ok bool) {
	if section < 0 || section >= len(l.bySection) || l.bySection[section] < 0 || off > math.MaxUint32 {
		return 0, false, false
	}
	s := &l.sections[l.bySection[section]]
	i = s.first + int32(sort.Search(int(s.last-s.first), func(n int) bool { return l.functions[s.first+int32(n)].start > uint32(off) })) - 1
	if i < s.first {
		return 0, false, false
	}
	fn := &l.functions[i]
	begins = uint64(fn.start) == off
	return i, begins, begins || off < uint64(fn.end)
}
