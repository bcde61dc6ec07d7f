// SPDX-License-Identifier: MIT

package verifierlog

// callClasses are about calls of helpers and kernel functions.
func callClasses() []class {
	return []class{{
		Class: Class{
			Code:  "verifier/gpl-only",
			Title: "only programs under a GPL-compatible licence may do this",
			Help:  `declare the licence: char _license[] SEC("license") = "GPL"; or do without what needs it`,
		},
		rules: says(
			"cannot call GPL-restricted function from non-GPL compatible program",
			"cannot call kernel function from non-GPL compatible program",
			"struct ops programs must have a GPL compatible license",
			"Cannot access kernel 'struct %s' from non-GPL compatible program",
		),
	}, {
		Class: Class{
			Code:  "verifier/sleepable",
			Title: "something that may sleep is done where sleeping is not allowed",
			Help:  `make the program sleepable (SEC("fentry.s/..."), SEC("lsm.s/..."), SEC("uprobe.s/...")), or use what does not sleep`,
		},
		rules: []rule{
			{pattern: "helper call might sleep in a non-sleepable prog"},
			{pattern: "program must be sleepable to call sleepable kfunc %s"},
			{pattern: "sleepable helper %s#%d in non-sleepable prog"},
			{pattern: "sleepable helper %s in %s", help: sectionHelp},
			{pattern: "kernel func %s is sleepable within %s", help: sectionHelp},
			{pattern: "sleepable global function %s called in %s", help: sectionHelp},
			{pattern: "Sleepable programs can only use %s", help: "use one of the map types that the message names, or a program that does not sleep"},
			{pattern: "Syscall programs can only be sleepable", help: "load the program with BPF_F_SLEEPABLE"},
			{pattern: "Only %s programs can be sleepable", help: "take the .s from the section name: this program type cannot sleep"},
			{pattern: "Program of this type cannot be sleepable", help: "take the .s from the section name: this program type cannot sleep"},
			{pattern: "%s is not sleepable", help: "the function that the program attaches to cannot sleep; take the .s from the section name"},
			{pattern: "Sleepable program cannot attach to %s", help: "take the .s from the section name"},
		},
	}, {
		Class: Class{
			Code:  "verifier/helper-not-allowed",
			Title: "this program type may not call this helper",
			Help:  "use a helper of this program type, or move the work to another program type; older kernels allow fewer helpers",
		},
		rules: says(
			"program of this type cannot use helper %s",
			"unknown func %s",
			"func %s#%d not supported for program type %d",
			"func %s#%d supported only for %s programs",
			"helper call is not allowed in probe",
			"cannot update sockmap in this context",
		),
	}, {
		Class: Class{
			Code:  "verifier/kfunc-not-allowed",
			Title: "this program type may not call this kernel function",
			Help:  "kernel functions are opened to named program types; use one of those, or another function",
		},
		rules: says("calling kernel function %s is not allowed"),
	}, {
		Class: Class{
			Code:  "verifier/kfunc-unavailable",
			Title: "kernel functions cannot be called here",
			Help:  "the kernel needs BTF (CONFIG_DEBUG_INFO_BTF), the JIT and the function itself",
		},
		rules: says(
			"calling kernel function is not supported without CONFIG_DEBUG_INFO_BTF",
			"JIT is required for calling kernel function",
			"JIT does not support calling k%s",
			"calling kernel functions are not allowed in non-JITed programs",
			"failed to find BTF for kernel function",
			"kernel btf_id %d is not a function",
			"invalid kernel function btf_id %d",
			"kernel function btf_id %d does not have a valid func_proto",
			"cannot find address for kernel function %s",
			"invalid module BTF fd specified",
			"BTF fd for kfunc is not a module BTF",
			"kfunc offset > 0 without fd_array is invalid",
			"negative offset disallowed for kernel module function call",
			"BPF_CALL uses reserved fields",
		),
	}, {
		Class: Class{
			Code:  "verifier/map-type",
			Title: "this map type does not fit what is done with it",
			Help:  "use a map of the type that the helper or the program type is made for",
		},
		rules: []rule{
			{pattern: "cannot pass map_type %d into func %s#%d"},
			{pattern: "map_ptr access not supported for map type %d"},
			{pattern: "no direct value access support for this map type"},
			{pattern: "callback function not allowed for map"},
			{pattern: "expected prog array map for tail call"},
			{pattern: "perf_event programs can only use preallocated hash map", help: preallocHelp},
			{pattern: "trace type programs with run-time allocated hash maps are unsafe%s", help: preallocHelp},
			{pattern: "bpf_struct_ops map cannot be used in prog"},
			{pattern: "only one cgroup storage of each type is allowed"},
			{pattern: "offload device mismatch between prog and map"},
			{pattern: "fd %d is not pointing to valid bpf_map%s"},
			{pattern: "program's hash doesn't match map's excl_prog_hash"},
		},
	}, {
		Class: Class{
			Code:  "verifier/map-needs-btf",
			Title: "the map's value must be described by BTF",
			Help:  "define the map in SEC(\".maps\") with __type(key, ...) and __type(value, struct ...), and compile with -g",
		},
		rules: says(
			"map '%s' has to have BTF in order to use %s",
			"map '%s' has no valid %s",
			"map '%s' doesn't have 'struct %s'",
			"map '%s' has more than one 'struct %s'",
			"map '%s' is not a struct type or %s is mangled",
			"off %d doesn't point to 'struct %s",
			"%s doesn't have constant offset. %s has to be at the constant offset",
		),
	}, {
		Class: Class{
			Code:  "verifier/dynptr",
			Title: "a dynptr is used before it was made, or made twice",
			Help:  "make the dynptr once, check that it worked, pass its address unchanged, and release it on every path",
		},
		rules: says(
			"Expected an initialized dynptr as %s",
			"Expected a dynptr of type %s",
			"Dynptr has to be an uninitialized dynptr",
			"cannot overwrite referenced dynptr",
			"cannot pass pointer to const bpf_dynptr, %s",
			"%s expected pointer to stack or const struct bpf_dynptr",
			"potential write to dynptr at off=%d disallowed",
			"Unsupported reg type %s for bpf_dynptr_from_mem data",
			"CONST_PTR_TO_DYNPTR cannot be released",
			"cannot release unowned const bpf_dynptr",
			"cannot pass in dynptr at an offset=%d",
			"dynptr has to be at a constant offset",
		),
	}, {
		Class: Class{
			Code:  "verifier/iterator",
			Title: "an iterator is not made, used and destroyed in that order",
			Help:  "call new, then next until it returns NULL, then destroy, on every path; bpf_for and bpf_for_each do it all",
		},
		rules: says(
			"expected an initialized iter_%s",
			"expected uninitialized iter_%s",
			"expected valid iter pointer as %s",
			"%s expected pointer to an iterator on stack",
			"iter has to be at a constant offset",
			"css_task_iter is only allowed in %s",
		),
	}, {
		Class: Class{
			Code:  "verifier/callback",
			Title: "the callback given to a helper does not fit",
			Help:  "make the callback a static function with the helper's prototype that returns what the helper allows",
		},
		rules: []rule{
			{pattern: "callback function not static", help: "make the callback a static function"},
			{pattern: "missing btf func_info", help: "compile with -g: callbacks need BTF"},
			{pattern: "callback function cannot be the main program"},
			{pattern: "%s expected pointer to func"},
			{pattern: "arg%d expected pointer to func"},
			{pattern: "At callback return %s", help: "return only the values in the range that the message gives: for most helpers 0 to go on, 1 to stop"},
			{pattern: "At async callback return %s", help: "return 0 from the callback of a timer or work queue"},
			{pattern: "kfunc %s#%d failed callback verification"},
			{pattern: "cannot use BPF_LD_[ABS|IND] within callback"},
			{pattern: "cannot tail call within %s"},
			{pattern: "exception c%s", help: exceptionHelp},
			{pattern: "multiple exception callback tags for main subprog", help: exceptionHelp},
			{pattern: "invalid exception callback insn_off in func_info: 0", help: exceptionHelp},
			{pattern: "bpf_throw kfunc (insn %d) cannot be called from callback subprog %d", help: "do not throw from a callback; return a value that ends the loop"},
			{pattern: "insn %d cannot call exception cb directly", help: exceptionHelp},
		},
	}, {
		Class: Class{
			Code:  "verifier/not-acquired",
			Title: "something is released that was never acquired",
			Help:  "release a reference only once, and only what an acquiring helper returned",
		},
		rules: says(
			"func %s#%d reference has not been acquired before",
			"kfunc %s#%d reference has not been acquired before",
			"arg %d is an unacquired reference",
			"R%d must be referenced when passed to release function",
			"release %s expects referenced PTR_TO_BTF_ID%s",
			"release kernel function %s expects refcounted PTR_TO_BTF_ID",
			"allocated object must be referenced",
			"%s must have zero offset when passed to release func%s",
		),
	}, {
		Class: Class{
			Code:  "verifier/argument-type",
			Title: "an argument is not of the kind that the function takes",
			Help:  "compare the register's state with what the message expects, and pass such a pointer unchanged",
		},
		rules: []rule{
			{pattern: "%s type=scalar expected=%s", help: scalarArgHelp},
			{pattern: "%s type=inv expected=%s", help: scalarArgHelp},
			{pattern: "%s type=%s expected=%s"},
			{pattern: "%s is of type %s but %s is expected"},
			{pattern: "kernel function %s expected pointer to %s"},
			{pattern: "arg#%d expected %s"},
			{pattern: "arg#%d expects %s"},
			{pattern: "%s expected pointer to %s"},
			{pattern: "%s expects pointer to %s"},
			{pattern: "arg#%d is %s expected %s"},
			{pattern: "%s pointer type %s must point to %s"},
			{pattern: "%s doesn't point to a %s"},
			{pattern: "%s doesn't point to map value or allocated object"},
			{pattern: "%s does not point to a readonly map%s"},
			{pattern: "%s is not a scalar"},
			{pattern: "%s is not a constant address%s"},
			{pattern: "%s isn't map pointer"},
			{pattern: "%s pointer in R%d map_uid=%d doesn't match map pointer in R%d map_uid=%d", help: "pass the map that the value was looked up in"},
			{pattern: "%s reference type('%s') size cannot be determined: %d"},
			{pattern: "string is not zero-terminated"},
			{pattern: "Invalid format string"},
			{pattern: "%s invalid mem access '%s'", help: "this kind of pointer cannot be read or written directly; pass it to the helpers that are made for it"},
		},
	}}
}

const (
	exceptionHelp = "an exception callback is one global function of the object that takes and returns one integer"
	preallocHelp  = "take BPF_F_NO_PREALLOC from the map's flags"
	sectionHelp   = "do it before or after the region in which sleeping is not allowed"
	scalarArgHelp = "the argument is a number to the verifier, not a pointer; pass the pointer itself, not a copy that went through arithmetic or was released"
)
