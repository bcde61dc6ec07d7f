// SPDX-License-Identifier: MIT

package loader

import (
	"errors"

	"golang.org/x/sys/unix"

	"github.com/bpfload/bpfload/internal/extern"
	"github.com/bpfload/bpfload/internal/kernel"
	"github.com/bpfload/bpfload/internal/sys"
	"github.com/bpfload/bpfload/spec"
)

// addModule notes a module in which something was found; "" is the kernel itself.
func (r *resolution) addModule(name string) {
	if name != "" && r.module(name) < 0 {
		r.modules = append(r.modules, name)
	}
}

// module returns the place of a module in modules, -1 for one that is not needed.
func (r *resolution) module(name string) int {
	for i, m := range r.modules {
		if m == name {
			return i
		}
	}
	return -1
}

// openModules gets descriptors of the BTF of the modules that something is in.
func (r *resolution) openModules(l *load) error {
	if len(r.modules) == 0 {
		return nil
	}
	fds, err := kernel.OpenModules(btfObjects{l.k}, r.modules)
	if errors.Is(err, unix.EPERM) && r.withoutModules(l) {
		return nil
	}
	if err != nil {
		e := &Error{Class: errnoClassOf(err), Code: "module-btf", Doing: "opening the BTF of modules", Err: err}
		if errors.Is(err, unix.EPERM) {
			l.explainMissing(e, 1<<unix.CAP_SYS_ADMIN)
		}
		return e
	}
	r.fds = fds
	r.fdArray = make([]int32, 1, len(fds)+1)
	for _, fd := range fds {
		r.fdArray = append(r.fdArray, int32(fd))
	}
	return nil
}

// withoutModules takes what modules have for missing, with warnings, and says whether
// the load can go on so. Only CAP_SYS_ADMIN may look for the BTF of modules.
func (r *resolution) withoutModules(l *load) bool {
	for i := range r.symbols {
		if r.symbols[i].Module != "" && !r.needs.externs[i].Weak {
			return false
		}
	}
	for _, t := range r.targets {
		if t.Module != "" {
			return false
		}
	}
	for _, layout := range r.layouts {
		if layout.Module != "" {
			return false
		}
	}
	for i := range r.symbols {
		if s := &r.symbols[i]; s.Module != "" {
			l.warn(spec.Warning{Code: "ksym-unreadable", Section: ".ksyms", Symbol: r.needs.externs[i].Name,
				Message: "taken as missing: module " + s.Module + " has it, and only CAP_SYS_ADMIN may open the types of modules"})
			*s = extern.Symbol{Missing: true}
		}
	}
	r.modules = nil
	return true
}

// moduleFD returns the descriptor of a module's BTF, 0 for the kernel's own.
func (r *resolution) moduleFD(name string) int {
	if i := r.module(name); i >= 0 && i < len(r.fds) {
		return r.fds[i]
	}
	return 0
}

// close gives back the descriptors of modules.
func (r *resolution) close(k sys.Kernel) {
	for _, fd := range r.fds {
		k.Close(fd)
	}
	r.fds = nil
}
