// SPDX-License-Identifier: MIT

package elftest

// An Insn is one 8-byte slot of BPF code; a 64-bit load takes two.
type Insn struct {
	Op       uint8
	Dst, Src uint8
	Off      int16
	Imm      int32
}

// Frequent instructions.
var (
	Exit = Insn{Op: 0x95}
	Ret0 = Insn{Op: 0xb7} // r0 = 0
	Nop  = Insn{Op: 0x05} // goto +0
)

// LoadImm64 returns the two slots of dst = imm64, which a relocation may change.
func LoadImm64(dst, src uint8, imm, imm2 int32) []Insn {
	return []Insn{{Op: 0x18, Dst: dst, Src: src, Imm: imm}, {Imm: imm2}}
}

// CallLocal returns a call of a function in the object: imm is the distance in
// slots from the next instruction, -1 where a relocation gives the target.
func CallLocal(imm int32) Insn { return Insn{Op: 0x85, Src: 1, Imm: imm} }

// CallHelper returns a call of a kernel helper.
func CallHelper(id int32) Insn { return Insn{Op: 0x85, Imm: id} }

// Insns encodes instructions in the byte order of the object.
func (o *Object) Insns(insns ...Insn) []byte {
	order := o.Order()
	code := make([]byte, 0, 8*len(insns))
	for _, in := range insns {
		regs := in.Src<<4 | in.Dst&15
		if o.BigEndian {
			regs = in.Dst<<4 | in.Src&15
		}
		code = append(code, in.Op, regs)
		code = order.AppendUint16(code, uint16(in.Off))
		code = order.AppendUint32(code, uint32(in.Imm))
	}
	return code
}
