// SPDX-License-Identifier: MIT

package disasm

import "fmt"

// operators are those of arithmetic, by the upper four bits of the opcode.
var operators = [16]string{
	0x0: "+=", 0x1: "-=", 0x2: "*=", 0x3: "/=", 0x4: "|=", 0x5: "&=", 0x6: "<<=", 0x7: ">>=",
	0x9: "%=", 0xa: "^=", 0xb: "=", 0xc: "s>>=",
}

// letter is that of the registers: w for their lower halves.
func (i insn) letter() byte {
	if i.class() == classAlu || i.class() == classJmp32 {
		return 'w'
	}
	return 'r'
}

func (i insn) arithmetic() string {
	switch i.code() {
	case opEnd:
		return i.swap()
	case opNeg:
		return fmt.Sprintf("%c%d = -%[1]c%[2]d", i.letter(), i.dst)
	}
	operator := operators[i.op>>4]
	if operator == "" {
		return ""
	}
	if (i.code() == opDiv || i.code() == opMod) && i.off == 1 {
		operator = "s" + operator
	}
	if !i.reg() {
		return fmt.Sprintf("%c%d %s %d", i.letter(), i.dst, operator, i.imm)
	}
	if i.code() == opMov {
		switch {
		case i.off == 1 && i.class() == classAlu64 && i.imm != 0: // BPF_ADDR_SPACE_CAST
			return fmt.Sprintf("r%d = addr_space_cast(r%d, %d, %d)", i.dst, i.src, uint32(i.imm)>>16, uint16(i.imm))
		case i.off == 8 || i.off == 16 || i.off == 32:
			return fmt.Sprintf("%c%d = (s%d)%[1]c%[4]d", i.letter(), i.dst, i.off, i.src)
		}
	}
	return fmt.Sprintf("%c%d %s %[1]c%[4]d", i.letter(), i.dst, operator, i.src)
}

// swap is a change of the byte order: to a given one, or whatever it is.
func (i insn) swap() string {
	order := "le"
	switch {
	case i.class() == classAlu64:
		order = "bswap"
	case i.reg():
		order = "be"
	}
	return fmt.Sprintf("r%d = %s%d r%[1]d", i.dst, order, i.imm)
}

// Operations of an atomic instruction, in its immediate.
const (
	atomicFetch        = 0x01
	atomicExchange     = 0xe1
	atomicCompare      = 0xf1
	atomicLoadAcquire  = 0x100
	atomicStoreRelease = 0x110
)

func (i insn) atomic() string {
	var name, operator string
	switch i.imm &^ atomicFetch {
	case 0x00:
		name, operator = "add", "+="
	case 0x40:
		name, operator = "or", "|="
	case 0x50:
		name, operator = "and", "&="
	case 0xa0:
		name, operator = "xor", "^="
	}
	prefix := "atomic"
	if i.size() == 64 {
		prefix = "atomic64"
	}
	switch {
	case i.imm == atomicExchange:
		return fmt.Sprintf("r%d = %s_xchg(%s, r%[1]d)", i.src, prefix, i.address('u', i.dst))
	case i.imm == atomicCompare:
		return fmt.Sprintf("r0 = %s_cmpxchg(%s, r0, r%d)", prefix, i.address('u', i.dst), i.src)
	case i.imm == atomicLoadAcquire:
		return fmt.Sprintf("r%d = load_acquire(%s)", i.dst, i.address('u', i.src))
	case i.imm == atomicStoreRelease:
		return fmt.Sprintf("store_release(%s, r%d)", i.address('u', i.dst), i.src)
	case name == "":
		return ""
	case i.imm&atomicFetch != 0:
		return fmt.Sprintf("r%d = %s_fetch_%s(%s, r%[1]d)", i.src, prefix, name, i.address('u', i.dst))
	}
	return fmt.Sprintf("lock %s %s r%d", i.memory('u', i.dst), operator, i.src)
}
