// SPDX-License-Identifier: MIT

package reloc

import (
	"hash/maphash"
	"math/bits"
	"strconv"
	"strings"

	"github.com/bpfload/bpfload/elf"
	"github.com/bpfload/bpfload/secdef"
	"github.com/bpfload/bpfload/spec"
)

// maxPrograms is more than any object has; a description takes a few hundred bytes.
const maxPrograms = 1 << 14

// maxDuplicates bounds the warnings about programs of one name.
const maxDuplicates = 100

// findPrograms makes programs of the functions that are entry points: in sections
// other than .text every function but those that are local and called.
func (l *Linker) findPrograms() error {
	l.programs = make([]program, 0, l.entryPoints())
	var called []bool
	for at := range l.sections {
		s := &l.sections[at]
		name, optional := strings.CutPrefix(s.name, "?")
		_, wanted := l.opts.Sections[name]
		if s.text && !wanted {
			continue
		}
		proto := l.classify(name)
		proto.Section, proto.Autoload = name, !optional
		proto.Place = spec.Place{Section: s.name, Index: s.index}
		for i := s.first; i < s.last; i++ {
			fn := &l.functions[i]
			if fn.local && fn.symbol != 0 || s.text {
				if called == nil {
					called = l.findCalled()
				}
				if called[i] {
					continue
				}
			}
			l.addPrograms(proto, i)
			if len(l.programs) > maxPrograms {
				return &elf.Error{Section: s.name, Err: elf.Unsupported("the object has more than %d programs", maxPrograms)}
			}
		}
	}
	l.distinguish()
	if len(l.programs) == 0 && len(l.functions) > 0 {
		l.warnNoProgram()
	}
	return nil
}

// entryPoints returns about how many programs there will be.
func (l *Linker) entryPoints() int {
	n := 0
	for i := range l.functions {
		if fn := &l.functions[i]; !l.sections[fn.section].text {
			n += max(1, int(fn.names))
		}
	}
	return min(n, maxPrograms)
}

// addPrograms adds a program for each name of function i that is visible outside
// the object, or for its only one.
func (l *Linker) addPrograms(proto spec.Program, i int32) {
	fn := &l.functions[i]
	proto.Place.Offset, proto.Place.Size = uint64(fn.start), uint64(fn.end-fn.start)
	if t := l.tailCall(i); t != nil {
		proto.TailCall = t
	}
	if fn.names <= 1 {
		proto.Name = l.name(i)
		l.programs = append(l.programs, program{proto, i, fn.symbol})
		return
	}
	for _, a := range l.f.SymbolsIn(l.sections[fn.section].index)[fn.at:][:fn.names] {
		sym := l.f.Symbol(a.Index)
		if sym.Index != int(fn.symbol) && (sym.Binding == elf.STBLocal || sym.Type != l.f.Symbol(int(fn.symbol)).Type) {
			continue
		}
		if proto.Name = sym.Name; proto.Name == "" {
			proto.Name = l.name(i)
		}
		l.programs = append(l.programs, program{proto, i, int32(sym.Index)})
	}
}

// classify says what the name of a section, without a leading "?", makes of the
// programs in it.
func (l *Linker) classify(name string) spec.Program {
	def, from := l.match(name)
	return spec.Program{Type: def.Type, AttachType: def.AttachType, AttachTo: def.Extra, Flags: def.Flags, NeedsTarget: def.NeedsTarget,
		AttachTypeOptional: def.AttachTypeOptional, USDT: def.USDT, TypeFrom: from}
}

// match finds the meaning of a section name and which rule gave it.
func (l *Linker) match(name string) (def secdef.Def, from string) {
	known, ok := secdef.Match(name)
	if def, overridden := l.opts.Sections[name]; overridden {
		if def.Extra == "" && strings.HasSuffix(def.Pattern, "+") {
			def.Extra = known.Extra
		}
		return def, "option"
	}
	if ok {
		return known, "libbpf"
	}
	for _, conventions := range [2][]secdef.Convention{l.opts.Conventions, secdef.Conventions()} {
		for _, c := range conventions {
			if def, ok := secdef.MatchLegacy(name, c); ok {
				return def, string(c)
			}
		}
	}
	return secdef.Def{}, ""
}

// distinguish gives programs of the same name different ones. Only static
// functions, of objects that were linked together, can have the same.
func (l *Linker) distinguish() {
	if !l.repeated() {
		return
	}
	seen := make(map[string]bool, len(l.programs))
	for i := range l.programs {
		seen[l.programs[i].spec.Name] = true
	}
	next := make(map[string]int) // the number to try next, once a name was met
	count := 0
	for i := range l.programs {
		p := &l.programs[i].spec
		n, again := next[p.Name]
		if !again {
			next[p.Name] = 2
			continue
		}
		name := p.Name
		for ; seen[name]; n++ {
			name = p.Name + "_" + strconv.Itoa(n)
		}
		next[p.Name], seen[name] = n, true
		if count++; count <= maxDuplicates {
			l.warnings = append(l.warnings, spec.Warning{Code: "duplicate-program", Section: p.Place.Section, Offset: p.Place.Offset, Symbol: p.Name,
				Message: "another program has the same name; this one is called " + printable(name)})
		}
		p.Name = name
	}
	if count > maxDuplicates {
		l.warnings = append(l.warnings, spec.Warning{Code: "duplicate-program",
			Message: strconv.Itoa(count-maxDuplicates) + " more programs have the name of another and are numbered, too"})
	}
}

// repeated says whether two programs have one name, without the memory that a map
// of the names would take.
func (l *Linker) repeated() bool {
	mask := uint64(1)<<bits.Len(uint(2*len(l.programs))) - 1
	table := make([]int32, mask+1) // places in programs, counted from 1
	seed := maphash.MakeSeed()
	for i := range l.programs {
		name := l.programs[i].spec.Name
		at := maphash.String(seed, name) & mask
		for ; table[at] != 0; at = (at + 1) & mask {
			if l.programs[table[at]-1].spec.Name == name {
				return true
			}
		}
		table[at] = int32(i + 1)
	}
	return false
}

// warnNoProgram tells why an object with functions has no program.
func (l *Linker) warnNoProgram() {
	section, text := "", true
	names := make([]string, 0, 2)
	for i := range l.functions {
		s := &l.sections[l.functions[i].section]
		section, text = s.name, text && s.text
		if len(names) <= maxNames {
			names = append(names, l.name(int32(i)))
		}
	}
	w := spec.Warning{Code: "no-program", Section: section, Message: "the object has no program: its functions " + quoted(names) + " are static, and others call them"}
	if text {
		w.Code = "text-only"
		w.Message = "the object has no program: its functions " + quoted(names) + " are subprograms, being in no section of their own; give them SEC(\"TYPE\"), or load with --type " + section + "=TYPE"
	}
	l.warnings = append(l.warnings, w)
}
