// SPDX-License-Identifier: MIT

package core

import (
	"encoding/binary"
	"math"
)

// PoisonCall is the helper number, 0xbad2310, in the call that replaces an
// instruction whose relocation failed. The verifier names it ("invalid func
// unknown#195896080") if the instruction can be reached.
const PoisonCall = 195896080

// Parts of an opcode.
const (
	classMask = 0x07
	classLD   = 0x00
	classLDX  = 0x01
	classST   = 0x02
	classSTX  = 0x03
	classALU  = 0x04
	classA64  = 0x07
	sourceReg = 0x08 // in the ALU classes
	sizeMask  = 0x18 // in the load and store classes
	loadImm64 = 0x18
	call      = 0x85
)

// A patcher rewrites instructions.
type patcher struct {
	code []byte
	big  bool
}

func (p patcher) order() binary.ByteOrder {
	if p.big {
		return binary.BigEndian
	}
	return binary.LittleEndian
}

// patch writes an answer into the instruction of a relocation.
func (p patcher) patch(rel Relocation, a answer) (Result, error) {
	at := uint64(rel.Insn) * 8
	if at+8 > uint64(len(p.code)) {
		return Result{}, mismatch("the code ends before it, after %d instructions", len(p.code)/8)
	}
	b := p.code[at:]
	switch class := b[0] & classMask; class {
	case classALU, classA64:
		if b[0]&sourceReg != 0 {
			return Result{}, p.unexpected(b)
		}
		return p.patchImm(b[:8], a)
	case classLDX, classST, classSTX:
		return p.patchAccess(b[:8], a)
	case classLD:
		if b[0] != loadImm64 || len(b) < 16 || b[1]&p.sourceNibble() != 0 || b[2]|b[3] != 0 ||
			b[8]|b[9]|b[10]|b[11] != 0 {
			return Result{}, p.unexpected(b)
		}
		return p.patchImm64(b[:16], a)
	}
	return Result{}, p.unexpected(b)
}

func (p patcher) unexpected(b []byte) error {
	return mismatch("opcode %#02x takes no such value", b[0])
}

// sourceNibble masks the source register: the upper half of the byte in a
// little-endian object.
func (p patcher) sourceNibble() byte {
	if p.big {
		return 0x0f
	}
	return 0xf0
}

// patchImm is for dst = imm and the like.
func (p patcher) patchImm(b []byte, a answer) (Result, error) {
	if a.missing {
		return p.poison(b, Missing)
	}
	o := p.order()
	held := int32(o.Uint32(b[4:]))
	if a.check && uint64(int64(held)) != a.was {
		return Result{}, holds(int64(held), a)
	}
	o.PutUint32(b[4:], uint32(a.is))
	return Result{Value: a.is}, nil
}

// patchImm64 is for dst = imm64.
func (p patcher) patchImm64(b []byte, a answer) (Result, error) {
	if a.missing {
		return p.poison(b, Missing)
	}
	o := p.order()
	held := uint64(o.Uint32(b[4:])) | uint64(o.Uint32(b[12:]))<<32
	if a.check && held != a.was {
		// The BTF of an enum below clang 15 does not say whether it is
		// signed, but the instruction does.
		if !a.wasEnum32 || held != uint64(uint32(a.was)) {
			return Result{}, holds(int64(held), a)
		}
		if a.isEnum32 {
			a.is = uint64(uint32(a.is))
		}
	}
	o.PutUint32(b[4:], uint32(a.is))
	o.PutUint32(b[12:], uint32(a.is>>32))
	return Result{Value: a.is}, nil
}

// patchAccess is for a load or store at an offset, and changes its width to that
// of the kernel's field.
func (p patcher) patchAccess(b []byte, a answer) (Result, error) {
	if a.missing {
		return p.poison(b, Missing)
	}
	o := p.order()
	held := int16(o.Uint16(b[2:]))
	if a.check && uint64(int64(held)) != a.was {
		return Result{}, holds(int64(held), a)
	}
	if a.is > math.MaxInt16 {
		return Result{}, outOfRange("the kernel has it at byte %d, a load or store reaches up to %d", a.is, math.MaxInt16)
	}
	if a.badWidth {
		return p.poison(b, Width)
	}
	if a.wasSize != a.isSize {
		if width := widths[b[0]&sizeMask>>3]; uint32(width) != a.wasSize {
			return Result{}, mismatch("it takes %d bytes of a field of %d", width, a.wasSize)
		}
		size, ok := sizeBits(a.isSize)
		if !ok {
			return Result{}, mismatch("the kernel's field takes %d bytes", a.isSize)
		}
		b[0] = b[0]&^sizeMask | size
	}
	o.PutUint16(b[2:], uint16(a.is))
	return Result{Value: a.is}, nil
}

func holds(held int64, a answer) error {
	return mismatch("it holds %d, the object's types say %d", held, int64(a.was))
}

// poison makes an instruction one that must not be reached, and both halves of a
// 64-bit load, as else the verifier would complain of the second.
func (p patcher) poison(b []byte, why Failure) (Result, error) {
	for ; len(b) >= 8; b = b[8:] {
		clear(b[:8])
		b[0] = call
		p.order().PutUint32(b[4:], PoisonCall)
	}
	return Result{Failure: why}, nil
}

// widths are the bytes that a load or store takes, by BPF_SIZE.
var widths = [4]uint8{4, 2, 1, 8}

func sizeBits(bytes uint32) (byte, bool) {
	for i, w := range widths {
		if uint32(w) == bytes {
			return byte(i) << 3, true
		}
	}
	return 0, false
}
