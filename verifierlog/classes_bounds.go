// SPDX-License-Identifier: MIT

package verifierlog

import "strings"

// boundsClasses are about accesses beyond what the verifier knows to be there.
func boundsClasses() []class {
	return []class{{
		Class: Class{
			Code:  "verifier/packet-bounds",
			Title: "packet data is read without comparing with its end",
			Help:  "compare pointer + size with data_end, and access the packet only where that comparison succeeded",
		},
		rules: []rule{
			{pattern: "invalid access to packet, %s"},
			{pattern: "%s offset is outside of the packet"},
			{pattern: "helper access to the packet is not allowed", help: "this helper cannot read packets: copy the bytes to the stack first"},
			{pattern: "%s invalid mem access 'pkt_end'", help: "data_end is for comparisons only; read the packet through data"},
			{pattern: "%s is a packet pointer, but func#%d may change packet data", help: "pass the context, and read data and data_end again inside the function"},
		},
	}, {
		Class: Class{
			Code:  "verifier/map-value-bounds",
			Title: "an access reaches beyond a map's value",
			Help:  "check the index against the number of elements, in the same variable and right before the access",
		},
		rules: says(
			"invalid access to map value, %s",
			"invalid access to map value pointer, %s",
			"invalid access to map key, %s",
			"direct value offset of %d is not allowed",
		),
	}, {
		Class: Class{
			Code:  "verifier/memory-bounds",
			Title: "an access reaches beyond the memory a helper or caller gave",
			Help:  "keep offset plus size within the size that was asked for, a constant known when compiling",
		},
		rules: says(
			"invalid access to memory, %s",
			"R%d invalid %s buffer access: %s",
			"%s invalid negative %s buffer offset: %s",
			"%s invalid variable buffer offset: %s",
			"arg#%d arg#%d memory, len pair leads to invalid memory access",
			"%s memory, len pair leads to invalid memory access",
		),
	}, {
		Class: Class{
			Code:  "verifier/helper-size",
			Title: "the size given to a helper is not bounded",
			Help:  "check the size against the buffer before the call (if (size > sizeof(buf)) return), or mask it: size &= sizeof(buf) - 1",
		},
		rules: []rule{
			{pattern: "%s unbounded memory access, use 'var &= const' or 'if (var < const)'"},
			{pattern: "R%d unbounded size, use 'var &= const' or 'if (var < const)'"},
			{pattern: "%s min value is negative, either use unsigned or 'var &= const'", help: "make the size unsigned, and check its upper bound before the call"},
			{pattern: "%s invalid zero-sized read%s", help: zeroHelp},
			{pattern: "invalid zero-sized read", help: zeroHelp},
			{pattern: "R%d is not a known constant%s", help: "this argument must be a constant that the compiler knows"},
			{pattern: "%s must be a known constant", help: "this argument must be a constant that the compiler knows"},
		},
	}, {
		Class: Class{
			Code:  "verifier/unbounded-access",
			Title: "the offset of an access is not bounded",
			Help:  "check the upper bound of the index before the access, in an unsigned variable, or mask it with a constant",
		},
		rules: says(
			"%s unbounded memory access, make sure to bounds check any such access",
			"%s min value is negative, either use unsigned index or do a if (index >=0) check.",
			"%s min value is outside of the allowed memory range",
			"%s max value is outside of the allowed memory range",
		),
		general: true,
	}, {
		Class: Class{
			Code:  "verifier/stack-uninit",
			Title: "stack is read before anything was written there",
			Help:  "set the whole variable before it is read or its address passed on, padding included: struct x v = {}, or __builtin_memset",
		},
		rules: []rule{
			{pattern: "invalid%sread from stack %s", when: withinStack},
			{pattern: "invalid%sread from stack %s var_off %s size %d"},
			{pattern: "invalid%sread from stack off %d+%d size %d"},
			{pattern: "reading from stack %s, slot poisoned by dead code elimination"},
		},
	}, {
		Class: Class{
			Code:  "verifier/stack-bounds",
			Title: "an access reaches beyond the stack frame",
			Help:  "a frame has 512 bytes, and a variable index needs a constant bound; put large buffers into a per-CPU array map",
		},
		rules: says(
			"invalid%s stack %s off=%s",
			"invalid stack type R%d off=%d access_size=%d",
			"invalid read from stack %s",
			"invalid write to stack %s",
			"invalid indirect access to stack %s",
			"invalid unbounded variable-offset%s stack %s",
			"invalid variable-offset%s stack %s",
			"variable offset stack pointer cannot be passed into helper function; %s",
			"attempt to corrupt spilled pointer on stack",
			"invalid size of register %s",
			"cannot spill pointers to stack into stack frame of the caller",
		),
	}, {
		Class: Class{
			Code:  "verifier/misaligned",
			Title: "an access is not aligned to its size",
			Help:  "align the variable to its size, or access it in smaller pieces; do not take addresses inside packed structs",
		},
		rules: says("misaligned %s access off %s", "misaligned access off %s"),
	}, {
		Class: Class{
			Code:  "verifier/context-access",
			Title: "a field of the context may not be accessed like this",
			Help:  "access the context through its struct only; not every program type may read or write every field, or with every size",
		},
		rules: []rule{
			{pattern: "invalid bpf_context access%s"},
			{pattern: "invalid access to context, %s"},
			{pattern: "variable ctx access %s", help: "an offset into the context must be a constant; access its fields by name"},
			{pattern: "variable %s access var_off=%s disallowed", help: "an offset into such memory must be a constant; access its fields by name"},
			{pattern: "dereference of modified ctx ptr %s"},
			{pattern: "R%d invalid %s access off=%d size=%d"},
			{pattern: "%s invalid %s access off=%d size=%d"},
			{pattern: "invalid access to flow keys %s"},
			{pattern: "func '%s' offset %d is not multiple of 8"},
			{pattern: "func '%s' doesn't have %d-th argument"},
			{pattern: "func '%s' arg%d %s"},
			{pattern: "func '%s' size %d must be 8"},
		},
	}, {
		Class: Class{
			Code:  "verifier/struct-access",
			Title: "a kernel struct has no such field",
			Help:  "read kernel structs through CO-RE (preserve_access_index), and only fields; compute no addresses inside them",
		},
		rules: says(
			"access beyond struct %s at off %d size %d",
			"access beyond the end of member %s",
			"cannot access ptr member %s",
			"struct %s doesn't have field at offset %d",
			"Type '%s' is not a struct",
			"field %s doesn't have size",
			"%s is ptr_%s invalid negative access: off=%d",
			"%s is ptr_%s invalid variable offset: %s",
			"%s is ptr_%s access user memory: off=%d",
			"%s is ptr_%s access percpu memory: off=%d",
			"direct access to %s is disallowed",
		),
	}}
}

const zeroHelp = "the size may be 0 here; return early when it is, or pass a constant"

// withinStack reports whether a line tells of an access inside a frame of 512
// bytes, which then is one to a slot that was never written.
func withinStack(line string) bool {
	if strings.Contains(line, " variable-offset ") {
		return false
	}
	off, ok := numberAfter(line, " off ")
	if !ok {
		off, ok = numberAfter(line, " off=")
	}
	return ok && -512 <= off && off < 0
}
