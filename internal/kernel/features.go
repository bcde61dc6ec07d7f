// SPDX-License-Identifier: MIT

package kernel

import (
	"errors"
	"strings"

	"github.com/bpfload/bpfload/internal/rawbtf"
)

// HasBPFCookie says whether programs can ask for the number given to them when they
// were attached, bpf_get_attach_cookie. It came with Linux 5.15; the kernel's types
// tell of kernels to which it was brought back.
func (k *Kernel) HasBPFCookie() (bool, error) {
	if types, err := k.Types(); err == nil {
		ids, _, ok := types.Exact(rawbtf.KindEnum, "bpf_func_id")
		if ok {
			for i := range ids.Vlen {
				name, _ := ids.Enumerator(i)
				if ids.Spec().HasName(name, "BPF_FUNC_get_attach_cookie") {
					return true, nil
				}
			}
			return false, nil
		}
	}
	v, err := k.Version()
	return v >= 5<<16|15<<8, err
}

// HasSyscallWrapper says whether system calls are functions such as
// __x64_sys_bpf, which take their arguments in a pt_regs.
func (k *Kernel) HasSyscallWrapper() (bool, error) {
	u, err := k.uname()
	if err != nil {
		return false, err
	}
	prefix := syscallPrefix(u.Machine)
	if prefix == "" {
		return false, nil
	}
	name := "__" + prefix + "_sys_bpf"
	types, typesErr := k.Types()
	if typesErr == nil {
		if _, _, ok := types.Exact(rawbtf.KindFunc, name); ok {
			return true, nil
		}
	}
	// Types given for a kernel without BTF may leave functions out.
	found, err := k.Symbols([]string{name})
	if err != nil && !errors.Is(err, ErrHidden) {
		if typesErr == nil {
			return false, nil
		}
		return false, err
	}
	return found[0].Found, nil
}

// syscallPrefix is the name by which an architecture tells its wrappers.
func syscallPrefix(machine string) string {
	switch {
	case machine == "x86_64":
		return "x64"
	case machine == "s390x":
		return "s390x"
	case machine == "aarch64":
		return "arm64"
	case strings.HasPrefix(machine, "riscv"):
		return "riscv"
	}
	return ""
}
