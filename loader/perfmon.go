// SPDX-License-Identifier: MIT

package loader

import (
	"encoding/binary"

	"github.com/cilium/ebpf"

	"github.com/bpfload/bpfload/reloc"
	"github.com/bpfload/bpfload/spec"
)

// likelyPerfmon says whether a program does something that the verifier allows only
// with CAP_PERFMON: without it pointers may not be compared, subtracted or seen by
// others, structs of the kernel not read, and some helpers not be called. What is
// known of the instructions without running the verifier is too little to be sure,
// so that nothing is refused on account of this.
func (o *Object) likelyPerfmon(p *spec.Program) bool {
	if p.Type == ebpf.Netfilter {
		return true // its context is a struct of the kernel's
	}
	code, err := o.linker.Link(p)
	if err != nil {
		return false
	}
	if len(code.Parts) > 1 {
		return true // a function may test its pointers for NULL
	}
	for i := range code.Fixups {
		f := &code.Fixups[i]
		if f.Weak {
			return true // what stands for a missing extern is looked at, guarded or not
		}
		switch f.Kind {
		case reloc.KsymTyped, reloc.KfuncCall:
			return true
		case reloc.MapFD, reloc.MapValue:
			if f.Map != nil && f.Map.Type == ebpf.Arena {
				return true
			}
		}
	}
	return comparesPointers(code)
}

const (
	opSubReg      = 0x1f // dst -= src, 64 bits
	opJumpEqReg   = 0x1d // if dst == src
	opJumpNeReg   = 0x5d
	opJump32EqReg = 0x1e
	opJump32NeReg = 0x5e
	opCall        = 0x85
)

// comparesPointers looks for instructions that are forbidden for pointers, without
// knowing whether they are about pointers, and for helpers.
func comparesPointers(code *reloc.Code) bool {
	for insn := code.Insns; len(insn) >= 8; insn = insn[8:] {
		switch insn[0] {
		case opSubReg, opJumpEqReg, opJumpNeReg, opJump32EqReg, opJump32NeReg:
			return true
		}
		if id, ok := helperOf(insn, code.Big); ok && (perfmonHelper(id) || id >= reloc.PoisonedMap) {
			return true
		}
	}
	return false
}

// helperOf returns the number of the helper that an instruction calls; false where it
// is something else.
func helperOf(insn []byte, big bool) (id uint32, ok bool) {
	src := insn[1] >> 4
	if big {
		src = insn[1] & 15
	}
	if insn[0] != opCall || src != 0 {
		return 0, false
	}
	return byteOrder(big).Uint32(insn[4:]), true
}

func byteOrder(big bool) binary.ByteOrder {
	if big {
		return binary.BigEndian
	}
	return binary.LittleEndian
}

// Helpers, from include/uapi/linux/bpf.h.
const (
	helperProbeRead          = 4
	helperProbeReadStr       = 45
	helperProbeReadUser      = 112
	helperProbeReadKernel    = 113
	helperProbeReadUserStr   = 114
	helperProbeReadKernelStr = 115
)

// perfmonHelper says whether a helper is one of those that look into the kernel.
func perfmonHelper(id uint32) bool {
	switch id {
	case 6, 177, // trace_printk, trace_vprintk
		35, 158, 175, // get_current_task, get_current_task_btf, task_pt_regs
		helperProbeReadUser, helperProbeReadKernel, helperProbeReadUserStr, helperProbeReadKernelStr,
		149, 165, // snprintf_btf, snprintf
		166: // sys_bpf
		return true
	}
	return false
}
