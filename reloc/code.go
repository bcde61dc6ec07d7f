// SPDX-License-Identifier: MIT

package reloc

import (
	"sort"

	"github.com/bpfload/bpfload/elf"
	"github.com/bpfload/bpfload/rawbtf"
	"github.com/bpfload/bpfload/reloc/core"
	"github.com/bpfload/bpfload/spec"
)

// Code is a linked program: the instructions of its entry point, followed by those
// of every function that it reaches, and what is left to fill in. It belongs to
// the caller.
type Code struct {
	// Insns are 8 bytes each, in the byte order that Big names.
	Insns []byte
	Big   bool

	// Fixups are the instructions whose immediates only a loader knows, by
	// instruction.
	Fixups []Fixup
	// Parts says which function of the object each stretch of Insns is, by
	// instruction. The first is the entry point.
	Parts []Part

	// Funcs and Lines are laid out like the kernel's bpf_func_info and
	// bpf_line_info. Either is empty where the object does not describe every
	// function, since kernels refuse less.
	Funcs []FuncInfo
	Lines []LineInfo
	// Relos are the CO-RE relocations, by instruction.
	Relos []core.Relocation

	// Warnings tell what was left out.
	Warnings []spec.Warning
}

// A Part is a function within linked code.
type Part struct {
	Insn     uint32 // where it begins
	Len      uint32 // instructions
	Function string
	Section  string // ELF section that it comes from
	Offset   uint64 // bytes from the start of that section
}

// A FuncInfo is a bpf_func_info: the BTF function that begins at an instruction.
type FuncInfo struct {
	Insn uint32
	Type rawbtf.ID
}

// A LineInfo is a bpf_line_info: the source line that begins at an instruction.
// File and Text are offsets of BTF strings, LineCol is line<<10 | column.
type LineInfo struct {
	Insn, File, Text, LineCol uint32
}

// Len returns the number of instructions.
func (c *Code) Len() int { return len(c.Insns) / insnSize }

// Part returns the function that instruction insn belongs to; the zero Part where
// there is no such instruction.
func (c *Code) Part(insn uint32) Part {
	i := sort.Search(len(c.Parts), func(i int) bool { return c.Parts[i].Insn+c.Parts[i].Len > insn })
	if i == len(c.Parts) {
		return Part{}
	}
	return c.Parts[i]
}

// Locate wraps an error with the place in the object from which instruction insn
// comes.
func (c *Code) Locate(insn uint32, err error) error {
	p := c.Part(insn)
	return &elf.Error{Section: p.Section, Offset: p.Offset + uint64(insn-p.Insn)*insnSize, Kind: "function", Symbol: p.Function, Err: err}
}

// SetByteOrder converts the instructions to big-endian, or to little-endian, for a
// kernel of that order or for a disassembler. Finish may follow or precede it.
func (c *Code) SetByteOrder(big bool) {
	if c.Big != big {
		insns{c.Insns, c.Big}.swap()
		c.Big = big
	}
}
