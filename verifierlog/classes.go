// SPDX-License-Identifier: MIT

package verifierlog

import (
	"slices"
	"sync"
)

// classes holds every class. A message belongs to the first that knows it, so what
// is special stands before what is general.
//
// The patterns are the verifier's own formats of Linux 4.15 to 7.2, cut short
// where kernels differ.
//
// They are made when first asked for: a command that succeeds has no use for them.
var classes = sync.OnceValue(func() []class {
	return slices.Concat(loaderClasses(), pointerClasses(), boundsClasses(), callClasses(), stateClasses(), flowClasses(), environmentClasses())
})

// loaderClasses are about what a loader put into the program in place of
// something it could not find, and about the program's own shape.
func loaderClasses() []class {
	return []class{{
		Class: Class{
			Code:  "verifier/core-relocation",
			Title: "a CO-RE relocation found nothing in this kernel",
			Help:  "the field or type does not exist on this kernel; guard the access with bpf_core_field_exists or bpf_core_type_exists",
		},
		rules: []rule{{pattern: "invalid func unknown#%d", when: poisoned(PoisonCORE)}},
	}, {
		Class: Class{
			Code:  "verifier/missing-map",
			Title: "the program uses a map that was not created",
			Help:  "the map was left out of this load; create it, or keep the code that uses it from being reached",
		},
		rules: []rule{{pattern: "invalid func unknown#%d", when: poisoned(PoisonMap)}},
	}, {
		Class: Class{
			Code:  "verifier/missing-kfunc",
			Title: "the program calls a kernel function that does not exist here",
			Help:  "this kernel lacks the function; guard the call with bpf_ksym_exists",
		},
		rules: []rule{{pattern: "invalid func unknown#%d", when: poisoned(PoisonKfunc)}},
	}, {
		Class: Class{
			Code:  "verifier/unknown-helper",
			Title: "the kernel has no helper with this number",
			Help:  "the helper is newer than this kernel; guard the call with bpf_core_enum_value_exists on its BPF_FUNC_ name",
		},
		rules: says("invalid func unknown#%d", "invalid func %s#%d"),
	}}
}

// pointerClasses are about what a register holds when it is used.
func pointerClasses() []class {
	return []class{{
		Class: Class{
			Code:  "verifier/null-pointer",
			Title: "a pointer that may be NULL is used",
			Help:  "the pointer may be NULL here; test it before using it",
		},
		rules: []rule{
			{pattern: "%s invalid mem access 'map_value_or_null'", help: lookupHelp},
			{pattern: "%s type=map_value_or_null expected=%s", help: lookupHelp},
			{pattern: "R%d pointer arithmetic on map_value_or_null prohibited%s", help: "the lookup may return NULL; test the pointer before adding to it"},
			{pattern: "%s invalid mem access 'ringbuf_mem_or_null'", help: reserveHelp},
			{pattern: "%s invalid mem access 'alloc_mem_or_null'", help: reserveHelp},
			{pattern: "%s invalid mem access 'sock%s_or_null'", help: "the socket may be NULL; test the pointer before using it"},
			{pattern: "%s invalid mem access '%s_or_null%s'"},
			{pattern: "%s invalid mem access '%sptr_or_null_%s'"},
			{pattern: "%s type=%s_or_null expected=%s"},
			{pattern: "%s type=%sptr_or_null_%s expected=%s"},
			{pattern: "R%d pointer arithmetic on %s prohibited, null-check it first", help: "the pointer may be NULL; test it before adding to it"},
			{pattern: "Possibly NULL pointer passed to %s"},
			{pattern: "arg#%d is expected to be non-NULL"},
		},
	}, {
		Class: Class{
			Code:  "verifier/global-function",
			Title: "a global function and its caller do not fit",
			Help:  "global functions are checked by their prototype alone: pass what it promises, or make the function static",
		},
		rules: append(says(
			"Caller passes invalid args into func#%d%s",
			"Global function %s doesn't return scalar%s",
			"Global function %s with %d > %d args%s",
			"Global functions need valid BTF",
			"arg#%d type is not a struct",
			"Arg#%d type %s in %s is not supported yet.",
			"arg#%d reference type('%s') %s",
			"Unrecognized arg#%d type %s",
			"At subprogram exit the register R0 is not a scalar value%s",
			"callee expects %d args, stack arg%d is not initialized",
		),
			rule{pattern: "arg#%d has %s tags", help: tagHelp},
			rule{pattern: "arg#%d has pointer tag, but is not a pointer type", help: tagHelp},
			rule{pattern: "arg#%d type tag %s", help: tagHelp},
			rule{pattern: "arg#%d arena cannot be combined with any other tags", help: tagHelp},
		),
	}, {
		Class: Class{
			Code:  "verifier/scalar-pointer",
			Title: "a number is used as a pointer",
			Help:  "the verifier does not know this value as a pointer; read such memory with bpf_probe_read_kernel or bpf_probe_read_user, or take the pointer from typed context",
		},
		rules: says("%s invalid mem access 'scalar'", "%s invalid mem access 'inv%s'"),
	}, {
		Class: Class{
			Code:  "verifier/untrusted-pointer",
			Title: "a kernel pointer without a guarantee is used",
			Help:  "take the pointer from an argument, acquire a reference, or use it inside bpf_rcu_read_lock and bpf_rcu_read_unlock",
		},
		rules: says(
			"%s must be referenced or trusted",
			"%s must be a rcu pointer",
			"%s invalid mem access 'untrusted_%s'",
			"%s type=untrusted_%s expected=%s",
			"%s type=%s expected=ptr_, trusted_ptr_, rcu_ptr_%s",
			"%s is neither owning or non-owning ref",
			"kernel func %s requires RCU critical section protection",
			"expected an RCU CS when using %s",
		),
	}, {
		Class: Class{
			Code:  "verifier/kptr",
			Title: "a kernel pointer stored in a map is misused",
			Help:  "store and take such pointers with bpf_kptr_xchg, at the field's own offset and with the field's type",
		},
		rules: says(
			"invalid kptr access, %s",
			"kptr %s",
			"store to referenced kptr disallowed",
			"store to uptr disallowed",
			"BPF_ST imm must be 0 when storing to kptr at off=%d",
			"R%d has no valid kptr",
			"off=%d doesn't point to kptr",
			"off=%d kptr isn't referenced kptr",
		),
	}, {
		Class: Class{
			Code:  "verifier/uninit-register",
			Title: "a register is read before anything was put into it",
			Help:  "give the variable a value on every path; calls do not preserve r1 to r5, and a function must set its return value",
		},
		rules: says("R%d !read_ok"),
	}, {
		Class: Class{
			Code:  "verifier/pointer-arithmetic",
			Title: "a pointer is changed or compared in a way that loses track of it",
			Help:  "add only bounded numbers to pointers: check or mask the offset first, in an unsigned 64-bit variable",
		},
		rules: []rule{
			{pattern: "math between %s pointer and register with unbounded min value is not allowed",
				help: "the offset may be negative or huge; make it unsigned and check its upper bound before adding it to the pointer"},
			{pattern: "math between %s pointer and %d is not allowed"},
			{pattern: "%s pointer offset %d is not allowed"},
			{pattern: "value %d makes %s pointer be out of bounds"},
			{pattern: "R%d pointer comparison prohibited",
				help: "the process lacks CAP_PERFMON, without which pointers cannot be compared; load with that capability"},
			{pattern: "R%d pointer arithmetic %s"},
			{pattern: "R%d 32-bit pointer arithmetic prohibited"},
			{pattern: "R%d tried to subtract pointer from scalar"},
			{pattern: "R%d subtraction from stack pointer prohibited"},
			{pattern: "R%d bitwise operator %s on pointer prohibited"},
			{pattern: "R%d pointer %s pointer prohibited"},
			{pattern: "R%d partial copy of pointer"},
			{pattern: "R%d sign-extension part of pointer"},
			{pattern: "dereference of modified %s ptr %s off=%d disallowed",
				help: "use the pointer as it was given; put the offset into the access instead of adding it to the pointer"},
			{pattern: "negative offset %s ptr %s off=%d disallowed"},
		},
	}, {
		Class: Class{
			Code:  "verifier/mixed-pointers",
			Title: "one instruction sees pointers of different kinds",
			Help:  "give each kind of pointer its own access, so that the compiler does not merge the two paths",
		},
		rules: says("same insn cannot be used with different pointers"),
	}, {
		Class: Class{
			Code:  "verifier/pointer-leak",
			Title: "a kernel address would leave the program",
			Help:  "do not return, store or compare pointers as numbers; load with CAP_PERFMON if the program must",
		},
		rules: says("R%d leaks addr %s", "leaking pointer from stack off %d"),
	}, {
		Class: Class{
			Code:  "verifier/read-only",
			Title: "memory that may only be read is written",
			Help:  "copy the value into a variable or a map of your own and change it there",
		},
		rules: []rule{
			{pattern: "write into map forbidden, %s", help: "the map is read-only for programs (a const variable, or BPF_F_RDONLY_PROG); write to another map"},
			{pattern: "read from map forbidden, %s", help: "the map is write-only for programs (BPF_F_WRONLY_PROG); read from another map"},
			{pattern: "write into map forbidden"},
			{pattern: "%s cannot write into %s"},
			{pattern: "cannot write into packet"},
			{pattern: "only read is supported"},
			{pattern: "only read from %s is supported"},
			{pattern: "frame pointer is read only"},
			{pattern: "write to change key %s not allowed"},
			{pattern: "the prog does not allow writes to packet data"},
			{pattern: "Writes through BTF pointers are not allowed"},
		},
	}}
}

const (
	lookupHelp  = "the lookup may return NULL; test the pointer before using it"
	tagHelp     = "the __arg_ tags of the function's argument do not go together or do not fit its type"
	reserveHelp = "the reservation may fail and return NULL; test the pointer before using it"
)
