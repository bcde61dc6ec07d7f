// SPDX-License-Identifier: MIT

package reloc

import (
	"encoding/binary"
	"slices"
)

// insnSize is the size of an instruction, and of each half of a 64-bit load.
const insnSize = 8

// Opcodes.
const (
	opCall   = 0x85 // BPF_JMP | BPF_CALL
	opExit   = 0x95 // BPF_JMP | BPF_EXIT
	opJump   = 0x05 // BPF_JMP | BPF_JA
	opLoad64 = 0x18 // BPF_LD | BPF_DW | BPF_IMM, which takes two instructions

	classJump   = 0x05
	classJump32 = 0x06
)

// Source registers that say what an instruction refers to, BPF_PSEUDO_*.
const (
	pseudoMapFD    = 1 // of a load: a map
	pseudoMapValue = 2 // of a load: a place in the first value of a map
	pseudoBTFID    = 3 // of a load: a kernel variable
	pseudoFunc     = 4 // of a load: a function of this program
	pseudoCall     = 1 // of a call: a function of this program
	pseudoKfunc    = 2 // of a call: a kernel function
)

// insns is a stretch of instructions in one byte order.
type insns struct {
	data []byte
	big  bool
}

func (c insns) order() binary.ByteOrder {
	if c.big {
		return binary.BigEndian
	}
	return binary.LittleEndian
}

// imm returns the immediate of the instruction at a byte offset.
func (c insns) imm(off uint64) int32 {
	b := c.data[off+4:][:4]
	if c.big {
		return int32(binary.BigEndian.Uint32(b))
	}
	return int32(binary.LittleEndian.Uint32(b))
}

func (c insns) off(at uint64) int16 { return int16(c.order().Uint16(c.data[at+2:])) }

func (c insns) setImm(off uint64, v uint32) { c.order().PutUint32(c.data[off+4:], v) }

func (c insns) setOff(off uint64, v int16) { c.order().PutUint16(c.data[off+2:], uint16(v)) }

// src returns the source register. The two registers of the second byte are C
// bit-fields, which change places with the byte order.
func (c insns) src(off uint64) byte {
	if c.big {
		return c.data[off+1] & 15
	}
	return c.data[off+1] >> 4
}

func (c insns) setSrc(off uint64, reg byte) {
	if c.big {
		c.data[off+1] = c.data[off+1]&0xf0 | reg
	} else {
		c.data[off+1] = c.data[off+1]&15 | reg<<4
	}
}

// setLoad makes the 64-bit load at off one of the given kind.
func (c insns) setLoad(off uint64, kind byte, lo, hi uint32) {
	c.setSrc(off, kind)
	c.setOff(off, 0)
	c.setImm(off, lo)
	c.setImm(off+insnSize, hi)
}

// setPoison turns the instruction at off into a call of a helper that no kernel
// has: harmless where the verifier proves that it is never reached, and otherwise
// refused with a message that carries the number.
func (c insns) setPoison(off uint64, number uint32) {
	c.data[off], c.data[off+1] = opCall, 0
	c.setOff(off, 0)
	c.setImm(off, number)
}

// swap converts every instruction to the other byte order.
func (c insns) swap() {
	for b := c.data; len(b) >= insnSize; b = b[insnSize:] {
		b[1] = b[1]<<4 | b[1]>>4
		slices.Reverse(b[2:4])
		slices.Reverse(b[4:8])
	}
}
