// SPDX-License-Identifier: MIT

package reloc

import (
	"encoding/binary"
	"math/bits"
	"slices"

	"github.com/bpfload/bpfload/elf"
	"github.com/bpfload/bpfload/rawbtf"
	"github.com/bpfload/bpfload/reloc/core"
	"github.com/bpfload/bpfload/spec"
)

// The kinds of records in .BTF.ext.
const (
	funcInfos = iota
	lineInfos
	coreRelos
	extKinds
)

var noRecords rawbtf.ExtSection

// findExt finds the records of each section. They name a section; of several with
// one name the first is meant.
func (l *Linker) findExt() {
	byName := make(map[string]*codeSection, len(l.sections))
	for i := range l.sections {
		s := &l.sections[i]
		s.ext = [extKinds]*rawbtf.ExtSection{&noRecords, &noRecords, &noRecords}
		if byName[s.name] == nil {
			byName[s.name] = s
		}
	}
	for kind, all := range [extKinds][]rawbtf.ExtSection{l.ext.Funcs, l.ext.Lines, l.ext.Relos} {
		for i := range all {
			if s := byName[all[i].Section]; s != nil && s.ext[kind].Len == 0 {
				s.ext[kind] = &all[i]
			}
		}
	}
}

// records returns those of one kind that lie within function i: e's [first, last).
func (l *Linker) records(kind int, i int32) (e *rawbtf.ExtSection, first, last int) {
	l.extOnce.Do(l.findExt)
	fn := &l.functions[i]
	e = l.sections[fn.section].ext[kind]
	first, last = e.Range(uint64(fn.start), uint64(fn.end))
	return e, first, last
}

// funcType returns the BTF function that begins where function i does, 0 for none.
func (l *Linker) funcType(i int32) rawbtf.ID {
	e, first, last := l.records(funcInfos, i)
	if first == last || e.Offset(first) != l.functions[i].start {
		return 0
	}
	id := e.Word(first, 1)
	if l.types.Type(id).Kind != rawbtf.KindFunc {
		return 0
	}
	return id
}

// source returns the source line of the instruction at an offset of function i's
// section, "" where it is not known: code that the compiler made up has line 0.
func (l *Linker) source(i int32, off uint64) (file string, line int) {
	e, first, last := l.records(lineInfos, i)
	for last > first && (uint64(e.Offset(last-1)) > off || e.Word(last-1, 3)>>10 == 0) {
		last--
	}
	if first == last {
		return "", 0
	}
	return l.types.Name(e.Word(last-1, 1)), int(e.Word(last-1, 3) >> 10)
}

// describe adds what .BTF.ext says of the parts.
func (l *Linker) describe(c *Code, parts []part) error {
	l.addFuncs(c, parts)
	l.addLines(c, parts)
	for _, p := range parts {
		e, first, last := l.records(coreRelos, p.function)
		c.Relos = slices.Grow(c.Relos, last-first)
		for i := first; i < last; i++ {
			off := e.Offset(i) - l.functions[p.function].start
			if off%insnSize != 0 {
				return l.fail(p.function, uint64(e.Offset(i)), elf.Malformed("CO-RE relocation in the middle of an instruction"))
			}
			c.Relos = append(c.Relos, core.Relocation{
				Insn:   p.insn + off/insnSize,
				Type:   e.Word(i, 1),
				Access: l.types.Name(e.Word(i, 2)),
				Kind:   core.Kind(e.Word(i, 3)),
			})
		}
	}
	return nil
}

// addFuncs adds the BTF function of every part. The kernel wants all or none.
func (l *Linker) addFuncs(c *Code, parts []part) {
	funcs := make([]FuncInfo, len(parts))
	for i, p := range parts {
		id := l.funcType(p.function)
		if id == 0 {
			if i > 0 {
				l.warn(c, "func-info", p, "the function has no BTF, so that the program is loaded without information about any of its functions")
			}
			return
		}
		funcs[i] = FuncInfo{p.insn, id}
	}
	c.Funcs = funcs
}

// addLines adds the source lines of every part. The kernel wants none if one of
// the parts does not begin with a line, and each instruction at most once.
func (l *Linker) addLines(c *Code, parts []part) {
	n := 0
	for _, p := range parts {
		e, first, last := l.records(lineInfos, p.function)
		if first == last || e.Offset(first) != l.functions[p.function].start {
			if p.insn > 0 {
				l.warn(c, "line-info", p, "the function has no line information at its start, so that the program is loaded without any")
			}
			return
		}
		n += last - first
	}
	c.Lines = make([]LineInfo, 0, n)
	for _, p := range parts {
		c.Lines = l.appendLines(c.Lines, p)
	}
}

// appendLines adds the source lines of one part. There may be one for every
// instruction, so the words are read in the machine's own byte order and turned
// round where that is not the object's.
func (l *Linker) appendLines(lines []LineInfo, p part) []LineInfo {
	swap := l.f.BigEndian() != (binary.NativeEndian.Uint16([]byte{0, 1}) == 1)
	word := func(b []byte) uint32 {
		v := binary.NativeEndian.Uint32(b)
		if swap {
			v = bits.ReverseBytes32(v)
		}
		return v
	}
	e, first, last := l.records(lineInfos, p.function)
	start, size := l.functions[p.function].start, e.RecordSize
	next := p.insn // the first instruction that has no line yet
	for rec := e.Records(first, last); len(rec) >= rawbtf.LineInfoSize; rec = rec[size:] {
		off := word(rec) - start
		insn := p.insn + off/insnSize
		if off%insnSize != 0 || insn < next {
			continue
		}
		lines = append(lines, LineInfo{insn, word(rec[4:]), word(rec[8:]), word(rec[12:])})
		next = insn + 1
	}
	return lines
}

func (l *Linker) warn(c *Code, code string, p part, message string) {
	fn := &l.functions[p.function]
	c.Warnings = append(c.Warnings, spec.Warning{Code: code, Section: l.sections[fn.section].name, Offset: uint64(fn.start), Symbol: l.name(p.function), Message: message})
}
