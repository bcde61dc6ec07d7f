// SPDX-License-Identifier: MIT

package reloc

import (
	"slices"

	"github.com/bpfload/bpfload/spec"
)

// InsnCount returns the number of instructions of a linked program, without
// linking it. Its errors are those of [Linker.Link].
func (l *Linker) InsnCount(p *spec.Program) (int, error) {
	y, err := l.layout(p)
	if err != nil {
		return 0, err
	}
	return int(y.next), nil
}

// Maps returns the maps to which a linked program refers, each once, by instruction,
// without linking it. Its errors are those of [Linker.Link].
func (l *Linker) Maps(p *spec.Program) ([]*spec.Map, error) {
	y, err := l.layout(p)
	if err != nil {
		return nil, err
	}
	var maps []*spec.Map
	seen := make(map[*spec.Map]bool)
	for _, part := range y.parts {
		for _, m := range l.body(part.function).maps {
			if !seen[m] {
				seen[m] = true
				maps = append(maps, m)
			}
		}
	}
	return maps, nil
}

// Link returns a fresh copy of a program's instructions with those of all the
// functions that it reaches. The error is an *[elf.Error] with the place in the
// object; it wraps an *[UndefinedError] where a symbol is missing.
func (l *Linker) Link(p *spec.Program) (*Code, error) {
	y, err := l.layout(p)
	if err != nil {
		return nil, err
	}
	c := &Code{
		Insns: make([]byte, 0, uint64(y.next)*insnSize),
		Big:   l.f.BigEndian(),
		Parts: make([]Part, 0, len(y.parts)),
	}
	fixups := 0
	for _, part := range y.parts {
		fn := &l.functions[part.function]
		s := &l.sections[fn.section]
		c.Insns = append(c.Insns, s.data[fn.start:fn.end]...)
		c.Parts = append(c.Parts, Part{Insn: part.insn, Len: fn.len(), Function: l.name(part.function), Section: s.name, Offset: uint64(fn.start)})
		fixups += len(l.body(part.function).fixups)
	}
	c.Parts[0].Function = p.Name
	c.Fixups = make([]Fixup, 0, fixups)
	for _, part := range y.parts {
		c.connect(l.body(part.function), part, y)
	}
	if err := l.describe(c, y.parts); err != nil {
		return nil, err
	}
	return c, nil
}

// connect writes the calls of one part, and adds its fixups.
func (c *Code) connect(b *body, part part, y *layout) {
	code := insns{c.Insns, c.Big}
	for _, call := range b.calls {
		insn := part.insn + call.insn
		off := uint64(insn) * insnSize
		begin, _ := y.find(call.callee)
		if code.data[off] == opCall {
			code.setSrc(off, pseudoCall)
			code.setImm(off, begin-insn-1)
		} else {
			code.setLoad(off, pseudoFunc, begin-insn-1, 0)
		}
	}
	tables := make([][]uint32, len(b.tables))
	for i, t := range b.tables {
		tables[i] = slices.Clone(t)
		for j := range tables[i] {
			tables[i][j] += part.insn
		}
	}
	for _, f := range b.fixups {
		f.Insn += part.insn
		if f.Kind == InsnArray {
			f.Table, f.Index = tables[f.Index], 0
		}
		c.Fixups = append(c.Fixups, f)
	}
	for _, f := range b.missing {
		f.Insn += part.insn
		f.write(code, Value{Missing: true})
	}
}
