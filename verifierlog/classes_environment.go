// SPDX-License-Identifier: MIT

package verifierlog

// environmentClasses are about what the program is attached to, what the loading
// process may do, and the kernel itself.
func environmentClasses() []class {
	return []class{{
		Class: Class{
			Code:  "verifier/attach-target",
			Title: "what the program is to be attached to does not exist or does not fit",
			Help:  "name a function, tracepoint or hook of this kernel in the section, and check its spelling and its module",
		},
		rules: says(
			"Tracing programs must provide btf_id",
			"attach_btf_id %s",
			"attach to %s member %s of struct %s",
			"attach to invalid member %s",
			"struct_ops module %s is not found",
			"The address of function %s cannot be found",
			"The function %s has %d arguments. Too many.",
			"The function %s return type %s is unsupported.",
			"The function %s",
			"Subprog %s doesn't exist",
			"%s can only be attached to another program annotated with BTF",
			"Target program bound device mismatch",
			"Cannot replace %s",
			"Cannot extend %s",
			"Cannot recursively attach",
			"Cannot nest tracing program attach more than once",
			"Can attach to only JITed progs",
			"Extension program%s",
			"Only %s progs are attachable to another BPF prog",
			"Program extension requires BTF",
			"Attach to function %s with a >8 byte return value %s",
			"Attaching %s is rejected.",
			"Cannot find btf of tracepoint template, %s",
			"%s() is not modifiable",
			"ret type %s not allowed for fmod_ret",
			"can't modify return codes of BPF programs",
			"%s() is not a global function",
			"%s() has %d args while %s() has %d args",
			"Return type %s of %s() doesn't match type %s of %s()",
			"arg%d in %s() %s",
			"arg%d %s(struct %s",
			"%s programs cannot attach to exception callback",
		),
		nowhere: true,
	}, {
		Class: Class{
			Code:  "verifier/capability",
			Title: "the loading process lacks a capability",
			Help:  "load with the capabilities that the message names: CAP_BPF, CAP_PERFMON, CAP_NET_ADMIN or CAP_SYS_ADMIN",
		},
		rules: says(
			"%s allowed for CAP_BPF and CAP_SYS_ADMIN",
			"%s allowed only to CAP_PERFMON and CAP_SYS_ADMIN",
			"%s calls require CAP_SYS_BOOT capability",
			"CAP_BPF and CAP_PERFMON are required to use arena",
			"%s prohibited for !root%s",
		),
	}, {
		Class: Class{
			Code:  "verifier/kernel-btf",
			Title: "the kernel's own BTF is missing or does not fit",
			Help:  "the kernel needs CONFIG_DEBUG_INFO_BTF=y, and its modules must be built for it",
		},
		rules: append([]rule{{
			pattern: "ldimm64 failed to find the address for kernel symbol %s",
			help:    "the kernel keeps no addresses of its variables: it needs CONFIG_KALLSYMS_ALL=y",
		}}, says(
			"in-kernel BTF is malformed",
			"btf_vmlinux is malformed",
			"kernel is missing BTF, %s",
			"ldimm64 %s",
			"pseudo btf_id %d in ldimm64 isn't %s",
			"invalid module BTF object FD specified.",
			"map_ptr access not supported without CONFIG_DEBUG_INFO_BTF",
		)...),
		nowhere: true,
	}, {
		Class: Class{
			Code:  "verifier/debug-info",
			Title: "the object's function or line information does not fit its code",
			Help:  "compile the object again with one compiler and link it with a linker for BPF; do not change its sections afterwards",
		},
		rules: append(says(
			"invalid func info rec size %d",
			"nonzero tailing record in %s",
			"nonzero insn_off %d for the first func info record",
			"same or smaller insn offset (%d) than previous func info record (%d)",
			"invalid type id %d in func info",
			"invalid btf id for main subprog in func_info",
			"func_info BTF section doesn't match subprog layout in BPF program",
			"Invalid line_info[%d].%s",
			"Invalid insn code at line_info[%d].insn_off",
			"missing bpf_line_info for %s",
			"Invalid core_relo[%d].%s",
			"BTF of func#%d doesn't point to KIND_FUNC",
			"Invalid type of function %s",
		), rule{
			pattern: "number of funcs in func_info doesn't match number of subprogs",
			help:    "before Linux 5.13 functions cannot be arguments (callbacks); on newer kernels the object's function records are damaged",
		}),
		nowhere: true,
	}, {
		Class: Class{
			Code:  "verifier/kernel-limit",
			Title: "a limit of this kernel or its JIT is reached",
			Help:  "split the program, or use a newer kernel with the JIT enabled",
		},
		rules: says(
			"too many subprograms",
			"too many different %s",
			"The total number of %s per program has reached the limit of %d",
			"max struct nesting depth exceeded",
			"JIT doesn't support %s",
			"JIT does not support %s",
			"callbacks are not allowed in non-JITed programs",
			"program requires BPF JIT compiler but it is not available",
			"stack args are not supported in non-JITed programs",
		),
	}, {
		Class: Class{
			Code:  "verifier/kernel-bug",
			Title: "the verifier contradicts itself",
			Help:  "this is a bug of the kernel, not of the program; report it with the whole log to bpf@vger.kernel.org",
		},
		rules: says(
			"verifier bug%s",
			"verifier BUG %s",
			"Verifier bug%s",
			"verifier internal error%s",
			"bpf verifier is misconfigured",
			"bpf verifier %s misconfigured",
			"kernel subsystem misconfigured %s",
			"BUG %s",
			"REG INVARIANTS VIOLATION %s",
		),
	}}
}
