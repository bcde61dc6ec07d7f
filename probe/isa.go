// SPDX-License-Identifier: MIT

package probe

import (
	"errors"

	"github.com/cilium/ebpf"
	"github.com/cilium/ebpf/asm"
	"github.com/cilium/ebpf/features"
	"golang.org/x/sys/unix"
)

// haveV4 tries every kind of instruction that version 4 of the instruction set added:
// kernels of long-term series were given its long jump alone, which is all that
// features.HaveV4ISA looks at.
func haveV4() error {
	if err := features.HaveV4ISA(); err != nil {
		return err
	}
	p, err := ebpf.NewProgramWithOptions(&ebpf.ProgramSpec{
		Type: ebpf.SocketFilter,
		Instructions: asm.Instructions{
			asm.StoreImm(asm.RFP, -8, -1, asm.Word),
			asm.LoadMemSX(asm.R0, asm.RFP, -8, asm.Byte),
			asm.MovSX8.Reg(asm.R0, asm.R0),
			asm.SDiv.Imm(asm.R0, 3),
			asm.BSwap(asm.R0, asm.Word),
			asm.Return(),
		},
	}, ebpf.ProgramOptions{LogDisabled: true})
	if errors.Is(err, unix.EINVAL) {
		return ebpf.ErrNotSupported
	}
	if err != nil {
		return err
	}
	return p.Close()
}
