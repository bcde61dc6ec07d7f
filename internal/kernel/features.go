// SPDX-License-Identifier: MIT

package kernel

import (
	"errors"
	"strings"

	"github.com/bpfload/bpfload/rawbtf"
)

// HasBPFCookie says whether programs can ask for the number given to them when they
// were attached, bpf_get_attach_cookie. It came with Linux 5.15; the kernel's types
// tell of kernels to which it was brought back.
func (k *Kernel) HasBPFCookie() (bool, error) {
	if types, err := k.Types(); err == nil {
		if has, ok := enumerates(types, "bpf_func_id", "BPF_FUNC_get_attach_cookie"); ok {
			return has, nil
		}
	}
	v, err := k.Version()
	return v >= 5<<16|15<<8, err
}

// HasUprobeMulti says whether one link can be to many probes of user programs,
// BPF_TRACE_UPROBE_MULTI. It came with Linux 6.6; the types of an older kernel are
// asked whether it was brought back.
func (k *Kernel) HasUprobeMulti() (bool, error) {
	v, err := k.Version()
	if err != nil || v >= 6<<16|6<<8 {
		return err == nil, err
	}
	types, err := k.Types()
	if err != nil {
		return false, nil
	}
	has, _ := enumerates(types, "bpf_attach_type", "BPF_TRACE_UPROBE_MULTI")
	return has, nil
}

// enumerates says whether an enum has a value of that name; ok is false if there is
// no such enum.
func enumerates(types *Types, enum, name string) (has, ok bool) {
	t, _, ok := types.Exact(rawbtf.KindEnum, enum)
	if !ok {
		return false, false
	}
	for i := range t.Vlen {
		if n, _ := t.Enumerator(i); t.Spec().HasName(n, name) {
			return true, true
		}
	}
	return false, true
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
