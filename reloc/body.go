// SPDX-License-Identifier: MIT

package reloc

import (
	"sync/atomic"

	"github.com/bpfload/bpfload/elf"
	"github.com/bpfload/bpfload/spec"
)

// A body is what the instructions of a function refer to. It does not depend on
// the program that the function is linked into.
type body struct {
	calls   []call      // by instruction
	callees []int32     // the functions that calls name, each once, by instruction
	maps    []*spec.Map // to which fixups refer, each once, by instruction
	fixups  []Fixup     // Insn counts from the function's start
	missing []Fixup     // weak externs that exist nowhere
	// tables are the targets of indirect jumps, in instructions from the
	// function's start. The Index of an InsnArray is its table's.
	tables [][]uint32
	err    error // the first fault
}

// A call is an instruction that names another function: a call, or a load of its
// address.
type call struct {
	insn   uint32 // from the start of the function
	callee int32
}

// body returns what function i refers to. It is found out when first asked for.
func (l *Linker) body(i int32) *body {
	l.bodiesOnce.Do(func() {
		l.bodies = make([]atomic.Pointer[body], len(l.functions))
		l.tooMany = make([]atomic.Bool, len(l.functions))
	})
	if b := l.bodies[i].Load(); b != nil {
		return b
	}
	b := &body{err: l.faultOf(i)}
	if b.err == nil {
		r := reader{l: l, fn: i, code: insns{l.sections[l.functions[i].section].data, l.f.BigEndian()}, body: b}
		if b.err = r.read(); b.err == nil {
			b.summarise()
		}
	}
	if !l.bodies[i].CompareAndSwap(nil, b) {
		return l.bodies[i].Load()
	}
	return b
}

// summarise notes what is the same for all programs that a function is part of: many
// may share one with a million calls.
func (b *body) summarise() {
	calls := make(map[int32]bool)
	for _, c := range b.calls {
		if !calls[c.callee] {
			calls[c.callee] = true
			b.callees = append(b.callees, c.callee)
		}
	}
	maps := make(map[*spec.Map]bool)
	for i := range b.fixups {
		if m := b.fixups[i].Map; m != nil && !maps[m] {
			maps[m] = true
			b.maps = append(b.maps, m)
		}
	}
}

// A reader goes through the instructions of one function.
type reader struct {
	l    *Linker
	fn   int32
	code insns // of the section
	body *body

	tableAt   map[uint64]uint32 // jump tables by offset
	tableSize uint64            // bytes of all of them
}

func (r *reader) read() error {
	fn := &r.l.functions[r.fn]
	rels, err := r.l.relsOf(fn.section)
	if err != nil {
		return err
	}
	data, end := r.code.data, uint64(fn.end)
	next, nextOff := rels.from(uint64(fn.start)), uint64(0)
	advance := func() {
		nextOff = end
		if next < rels.len() {
			nextOff = rels.at(next).Offset
		}
	}
	advance()
	for off := uint64(fn.start); off < end; {
		op, after := data[off], off+insnSize
		if op == opLoad64 {
			if after += insnSize; after > end {
				return r.l.fail(r.fn, off, elf.Malformed("the function ends within a 64-bit load"))
			}
		}
		switch {
		case nextOff < after:
			rel := rels.at(next)
			next++
			advance()
			if rel.Offset != off {
				return r.l.fail(r.fn, rel.Offset, elf.Malformed("relocation against %q in the middle of an instruction", r.l.f.Symbol(rel.Symbol).Name))
			}
			if nextOff < after {
				return r.l.fail(r.fn, off, elf.Malformed("two relocations of one instruction"))
			}
			err = r.relocation(off, rel)
		case op == opCall && r.code.src(off) == pseudoCall:
			err = r.relative(off)
		case op == opLoad64 && r.code.src(off) == pseudoFunc:
			err = elf.Malformed("the address of a function without a relocation that names it")
		}
		if err != nil {
			return r.l.fail(r.fn, off, err)
		}
		off = after
	}
	return nil
}

// relocation notes what the instruction at off refers to.
func (r *reader) relocation(off uint64, rel elf.Rel) error {
	sym := r.l.f.Symbol(rel.Symbol)
	isCall := r.code.data[off] == opCall
	if !isCall && r.code.data[off] != opLoad64 {
		return elf.Malformed("relocation against %q of instruction %#02x, which is neither a call nor a 64-bit load", sym.Name, r.code.data[off])
	}
	switch {
	case sym.Undefined():
		fixup, settled, err := r.l.externFixup(r.fn, off, sym, isCall)
		if err != nil {
			return err
		}
		fixup.Insn = r.insn(off)
		if settled {
			r.body.missing = append(r.body.missing, fixup)
		} else {
			r.body.fixups = append(r.body.fixups, fixup)
		}
		return nil
	case !sym.Defined():
		return undefinable(sym)
	case r.l.bySection[sym.Section] >= 0:
		// A call counts instructions from the one after it, so that -1 stands
		// for the symbol itself; a load has an addend in bytes.
		target := sym.Value + uint64(int64(r.code.imm(off)))
		if isCall {
			target = sym.Value + uint64((int64(r.code.imm(off))+1)*insnSize)
		}
		return r.call(off, sym, target)
	case isCall:
		return elf.Malformed("call of %q in section %q, which holds no code", sym.Name, r.l.f.SectionName(sym.Section))
	}
	fixup, err := r.l.load(sym, r.code.imm(off))
	if err != nil {
		return err
	}
	fixup.Insn = r.insn(off)
	if fixup.Kind == InsnArray {
		if fixup.Index, err = r.jumpTable(fixup.TableOffset, sym.Section); err != nil {
			return err
		}
	}
	r.body.fixups = append(r.body.fixups, fixup)
	return nil
}

func (r *reader) insn(off uint64) uint32 {
	return (uint32(off) - r.l.functions[r.fn].start) / insnSize
}

// call notes that the instruction at off refers to the function at target.
func (r *reader) call(off uint64, sym elf.Symbol, target uint64) error {
	callee, begins, ok := r.l.functionAt(sym.Section, target)
	if !ok {
		return elf.Malformed("reference to section %q at %#x, where no function is", r.l.f.SectionName(sym.Section), target)
	}
	if !begins {
		return elf.Malformed("reference to the middle of function %q, %d bytes from its start", r.l.name(callee), target-uint64(r.l.functions[callee].start))
	}
	r.body.calls = append(r.body.calls, call{r.insn(off), callee})
	return nil
}

// relative notes a call that the compiler resolved within the section. One that
// stays within a function without symbols is right as it is.
func (r *reader) relative(off uint64) error {
	fn := &r.l.functions[r.fn]
	target := off + uint64((int64(r.code.imm(off))+1)*insnSize)
	if fn.symbol == 0 && target < uint64(fn.end) {
		return nil
	}
	return r.call(off, elf.Symbol{Section: r.l.sections[fn.section].index}, target)
}
