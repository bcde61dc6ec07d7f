// SPDX-License-Identifier: MIT

// Package disasm writes instructions in the words of the verifier's log, which
// people who read rejections know: "r1 = *(u32 *)(r1 +16)".
//
// It works on the raw 8 bytes of an instruction, in either byte order, and knows
// every instruction of Linux 7.2 (kernel/bpf/disasm.c is the reference for the
// words). What it does not know it says so, with the opcode.
package disasm

import (
	"encoding/binary"
	"fmt"

	"github.com/bpfload/bpfload/spec"
)

// Parts of an opcode, as in linux/bpf_common.h and linux/bpf.h.
const (
	classLd    = 0x00
	classLdx   = 0x01
	classSt    = 0x02
	classStx   = 0x03
	classAlu   = 0x04
	classJmp   = 0x05
	classJmp32 = 0x06
	classAlu64 = 0x07

	modeImm    = 0x00
	modeAbs    = 0x20
	modeInd    = 0x40
	modeMem    = 0x60
	modeMemSX  = 0x80
	modeProbe  = 0xa0 // BPF_NOSPEC of a store: a barrier
	modeAtomic = 0xc0

	sourceReg = 0x08

	opEnd  = 0xd0
	opNeg  = 0x80
	opMov  = 0xb0
	opDiv  = 0x30
	opMod  = 0x90
	opJa   = 0x00
	opCall = 0x80
	opExit = 0x90
	opCond = 0xe0 // BPF_JCOND
)

// An insn is one instruction, its fields in the order of struct bpf_insn.
type insn struct {
	op       byte
	dst, src byte
	off      int16
	imm      int32
	next     int32 // immediate of the second half of a 64-bit load
}

func (i insn) class() byte { return i.op & 0x07 }
func (i insn) mode() byte  { return i.op & 0xe0 }
func (i insn) code() byte  { return i.op & 0xf0 }
func (i insn) reg() bool   { return i.op&sourceReg != 0 }

// Insn returns the text of the instruction at the start of code, and how many slots
// of 8 bytes it takes: one, or two for a 64-bit load. code must hold at least one slot.
func Insn(code []byte, big bool) (text string, slots int) {
	order := binary.ByteOrder(binary.LittleEndian)
	if big {
		order = binary.BigEndian
	}
	i := insn{
		op:  code[0],
		dst: code[1] & 15,
		src: code[1] >> 4,
		off: int16(order.Uint16(code[2:])),
		imm: int32(order.Uint32(code[4:])),
	}
	if big {
		i.dst, i.src = i.src, i.dst
	}
	slots = 1
	if i.class() == classLd && i.mode() == modeImm && len(code) >= 16 {
		i.next, slots = int32(order.Uint32(code[12:])), 2
	}
	if text = i.text(); text == "" {
		text = fmt.Sprintf("unknown opcode %02x", i.op)
	}
	return text, slots
}

// text returns "" for what is no instruction.
func (i insn) text() string {
	switch i.class() {
	case classAlu, classAlu64:
		return i.arithmetic()
	case classJmp, classJmp32:
		return i.jump()
	case classLdx:
		return i.load()
	case classLd:
		return i.loadOther()
	case classSt:
		switch i.mode() {
		case modeMem:
			return fmt.Sprintf("%s = %d", i.memory('u', i.dst), i.imm)
		case modeProbe:
			return "nospec"
		}
	case classStx:
		switch i.mode() {
		case modeMem:
			return fmt.Sprintf("%s = r%d", i.memory('u', i.dst), i.src)
		case modeAtomic:
			return i.atomic()
		}
	}
	return ""
}

// size returns the bits that a load or store moves.
func (i insn) size() int {
	return [...]int{0: 32, 1: 16, 2: 8, 3: 64}[i.op>>3&3]
}

// address is a place in memory with the type of what is there, sign being 'u' or 's'.
func (i insn) address(sign byte, reg byte) string {
	return fmt.Sprintf("(%c%d *)(r%d %+d)", sign, i.size(), reg, i.off)
}

func (i insn) memory(sign byte, reg byte) string { return "*" + i.address(sign, reg) }

func (i insn) load() string {
	switch i.mode() {
	case modeMem:
		return fmt.Sprintf("r%d = %s", i.dst, i.memory('u', i.src))
	case modeMemSX:
		return fmt.Sprintf("r%d = %s", i.dst, i.memory('s', i.src))
	}
	return ""
}

// loadOther is a load of an immediate of 64 bits, or one from a packet as in classic
// BPF.
func (i insn) loadOther() string {
	switch i.mode() {
	case modeImm:
		if i.size() == 64 {
			return fmt.Sprintf("r%d = 0x%x", i.dst, uint64(uint32(i.next))<<32|uint64(uint32(i.imm)))
		}
	case modeAbs:
		return fmt.Sprintf("r0 = *(u%d *)skb[%d]", i.size(), i.imm)
	case modeInd:
		return fmt.Sprintf("r0 = *(u%d *)skb[r%d + %d]", i.size(), i.src, i.imm)
	}
	return ""
}

// Source registers of a call, BPF_PSEUDO_*.
const (
	pseudoCall  = 1
	pseudoKfunc = 2
)

func (i insn) call() string {
	switch i.src {
	case pseudoCall:
		return fmt.Sprintf("call pc%+d", i.imm)
	case pseudoKfunc:
		return "call kernel-function"
	}
	if name := spec.HelperName(i.imm); name != "" {
		return fmt.Sprintf("call %s#%d", name, i.imm)
	}
	return fmt.Sprintf("call unknown#%d", i.imm)
}
