// SPDX-License-Identifier: MIT

package extern

import (
	"strings"

	"github.com/cilium/ebpf"

	"github.com/bpfload/bpfload/internal/kernel"
	"github.com/bpfload/bpfload/rawbtf"
)

// A Target is what a program attaches to.
type Target struct {
	ID     rawbtf.ID // attach_btf_id
	Module string    // whose BTF has it, "" for the kernel itself
}

// A hook says how the kernel's BTF names the targets of an attach type.
type hook struct {
	kind   rawbtf.Kind
	prefix string
	what   string // for people
}

func hookOf(attach ebpf.AttachType) hook {
	switch attach {
	case ebpf.AttachTraceRawTp:
		return hook{rawbtf.KindTypedef, "btf_trace_", "tracepoint"}
	case ebpf.AttachLSMMac, ebpf.AttachLSMCgroup:
		return hook{rawbtf.KindFunc, "bpf_lsm_", "LSM hook"}
	case ebpf.AttachTraceIter:
		return hook{rawbtf.KindFunc, "bpf_iter_", "iterator"}
	}
	return hook{rawbtf.KindFunc, "", "function"}
}

// WantTarget announces a FindTarget.
func WantTarget(attach ebpf.AttachType, name string, types *kernel.Types) {
	h := hookOf(attach)
	if module, fn, ok := strings.Cut(name, ":"); !ok {
		types.Want(rawbtf.Kinds(h.kind), h.prefix+name)
	} else if module == "vmlinux" {
		types.Want(rawbtf.Kinds(h.kind), h.prefix+fn)
	}
}

// FindTarget finds what a program of the given attach type attaches to: by fentry,
// fexit, fsession or fmod_ret a function, by tp_btf a tracepoint, or an LSM hook or
// iterator. The name may begin with that of a module, or with "vmlinux", and a
// colon; without, the kernel itself comes first. An [ErrMissing] proposes a name.
func FindTarget(attach ebpf.AttachType, name string, types *kernel.Types) (Target, error) {
	h := hookOf(attach)
	module, fn, chosen := strings.Cut(name, ":")
	if !chosen {
		if t, module, ok := types.Exact(h.kind, h.prefix+name); ok {
			return Target{t.ID, module}, nil
		}
		return Target{}, because(ErrMissing, "the kernel has no %s %q%s", h.what, name, h.proposal(name, types.Names))
	}
	if !types.HasModule(module) {
		return Target{}, because(ErrMissing, "no module %q is loaded, or it has no BTF%s", module, proposal(module, types.ModuleNames))
	}
	t, ok := types.ExactIn(module, h.kind, h.prefix+fn)
	if !ok {
		names := func(kinds rawbtf.KindSet, yield func(string) bool) { types.NamesIn(module, kinds, yield) }
		return Target{}, because(ErrMissing, "%s has no %s %q%s", module, h.what, fn, h.proposal(fn, names))
	}
	if module == "vmlinux" {
		module = ""
	}
	return Target{t.ID, module}, nil
}

// FindFunction finds a function in the BTF of a loaded program: the target of
// freplace, or of fentry and fexit on programs.
func FindFunction(name string, program *rawbtf.Spec) (rawbtf.ID, error) {
	if t, ok := program.Find(rawbtf.KindFunc, name); ok {
		return t.ID, nil
	}
	names := func(yield func(string) bool) { program.Names(rawbtf.Kinds(rawbtf.KindFunc), yield) }
	return 0, because(ErrMissing, "the target program has no function %q%s", name, proposal(name, names))
}

// proposal looks for the name among those of the hook's kind.
func (h hook) proposal(name string, names func(rawbtf.KindSet, func(string) bool)) string {
	return proposal(name, func(yield func(string) bool) {
		names(rawbtf.Kinds(h.kind), func(n string) bool {
			n, ok := strings.CutPrefix(n, h.prefix)
			return !ok || yield(n)
		})
	})
}
