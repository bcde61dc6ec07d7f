// SPDX-License-Identifier: MIT

package disasm

import "fmt"

// comparisons are those of conditional jumps, by the upper four bits of the opcode.
var comparisons = [16]string{
	0x1: "==", 0x2: ">", 0x3: ">=", 0x4: "&", 0x5: "!=", 0x6: "s>", 0x7: "s>=",
	0xa: "<", 0xb: "<=", 0xc: "s<", 0xd: "s<=",
}

// jump writes distances as the instruction has them: in slots, from the next one.
func (i insn) jump() string {
	switch i.op {
	case classJmp | opCall:
		return i.call()
	case classJmp | opExit:
		return "exit"
	case classJmp | opJa:
		return fmt.Sprintf("goto pc%+d", i.off)
	case classJmp32 | opJa:
		return fmt.Sprintf("gotol pc%+d", i.imm)
	case classJmp | opJa | sourceReg:
		return fmt.Sprintf("gotox r%d", i.dst)
	case classJmp | opCond:
		return fmt.Sprintf("may_goto pc%+d", i.off)
	}
	comparison := comparisons[i.op>>4]
	switch {
	case comparison == "":
		return ""
	case i.reg():
		return fmt.Sprintf("if %c%d %s %[1]c%[4]d goto pc%+[5]d", i.letter(), i.dst, comparison, i.src, i.off)
	}
	return fmt.Sprintf("if %c%d %s 0x%x goto pc%+d", i.letter(), i.dst, comparison, uint32(i.imm), i.off)
}
