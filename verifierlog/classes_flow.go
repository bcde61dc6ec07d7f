// SPDX-License-Identifier: MIT

package verifierlog

// stateClasses are about what must be undone before the program ends.
func stateClasses() []class {
	return []class{{
		Class: Class{
			Code:  "verifier/reference-leak",
			Title: "something acquired is not released on every path",
			Help:  "release, submit or discard it before every return, in the branches taken on errors too",
		},
		rules: says(
			"Unreleased reference id=%d alloc_insn=%d",
			"Leaking reference id=%d alloc_insn=%d. Release it first.",
			"%s would lead to reference leak",
		),
	}, {
		Class: Class{
			Code:  "verifier/critical-section",
			Title: "a region without sleep or preemption is entered or left wrongly",
			Help:  "leave the region on every path, exactly once, before returning or calling what may not be called inside",
		},
		rules: says(
			"%s cannot be used inside bpf_rcu_read_lock-ed region",
			"%s cannot be used inside bpf_preempt_disable-ed region",
			"%s cannot be used inside bpf_local_irq_save-ed region",
			"bpf_rcu_read_unlock is missing",
			"%d bpf_preempt_enable%s missing",
			"nested rcu read lock (kernel function %s)",
			"unmatched rcu read unlock (kernel function %s)",
			"unmatched attempt to enable preemption (kernel function %s)",
			"Calling bpf_rcu_read_{lock,unlock} in unnecessary rbtree callback",
			"cannot restore irq state out of order, %s",
			"expected %sinitialized irq flag as %s",
			"%s doesn't point to an irq flag on stack",
			"global function calls are not allowed with preemption disabled,%s",
		),
	}, {
		Class: Class{
			Code:  "verifier/lock",
			Title: "a spin lock is taken, held or left wrongly",
			Help:  "take one lock at a time, call nothing while holding it, and unlock it on every path",
		},
		rules: []rule{
			{pattern: "bpf_spin_unlock is missing", help: unlockHelp},
			{pattern: "%s cannot be used inside bpf_spin_lock-ed region", help: unlockHelp},
			{pattern: "function calls are not allowed while holding a lock", help: "call the function before locking or after unlocking; between the two, only touch the value"},
			{pattern: "global function calls are not allowed while holding a lock,%s", help: "make the function static, or call it outside the locked region"},
			{pattern: "Locking two bpf_spin_locks are not allowed"},
			{pattern: "Acquiring the same lock again, AA deadlock detected"},
			{pattern: "%s_unlock without taking a lock"},
			{pattern: "%s_unlock of different lock"},
			{pattern: "%s_unlock cannot be out of order"},
			{pattern: "%s cannot be accessed directly by load/store", help: "only the helpers made for it may touch this field; write the other fields one by one"},
			{pattern: "tracing progs cannot use bpf_%s yet", help: "this program type cannot lock; use atomic operations (__sync_fetch_and_add) or a per-CPU map"},
			{pattern: "socket filter progs cannot use bpf_spin_lock yet", help: "this program type cannot lock; use atomic operations (__sync_fetch_and_add) or a per-CPU map"},
			{pattern: "can't %sspin_{lock,unlock} in rbtree cb"},
			{pattern: "bpf_spin_lock at off=%d must be held for %s"},
			{pattern: "held lock and object are not in the same allocation"},
		},
	}, {
		Class: Class{
			Code:  "verifier/return-value",
			Title: "the program may return what its type does not allow",
			Help:  "return one of the values in the range that the message gives; check or mask computed values",
		},
		rules: []rule{
			{pattern: "At program exit the register R0 is not a known value%s", help: "return a constant or a checked number, not a pointer"},
			{pattern: "At program exit %s"},
			{pattern: "At bpf_set_retval %s"},
			{pattern: "R0 not a scalar value"},
			{pattern: "cannot return stack pointer to the caller"},
			{pattern: "BPF_LSM_CGROUP that attach to void LSM hooks can't modify return value!"},
			{pattern: "Note, BPF_LSM_CGROUP that attach to void LSM hooks can't modify return value!"},
		},
	}}
}

// flowClasses are about the path through the program.
func flowClasses() []class {
	return []class{{
		Class: Class{
			Code:  "verifier/recursion",
			Title: "a function calls itself",
			Help:  "write the recursion as a loop with a bound",
		},
		rules:   says("recursive call from %s to %s"),
		nowhere: true,
	}, {
		Class: Class{
			Code:  "verifier/infinite-loop",
			Title: "a loop has no end that the verifier can see",
			Help:  "give the loop a constant bound (for (i = 0; i < 64; i++)), or use bpf_loop or bpf_for",
		},
		rules: []rule{
			{pattern: "infinite loop detected at insn %d"},
			{pattern: "back-edge from insn %d to %d", help: "this kernel, or a process without CAP_BPF, allows no loops and no recursion: unroll the loop (#pragma unroll)"},
			{pattern: "frame%d bpf_loop iteration limit reached"},
			{pattern: "%s: too many iterations"},
		},
	}, {
		Class: Class{
			Code:  "verifier/too-complex",
			Title: "the program takes too many steps to verify",
			Help:  "bound loops tighter, move their bodies to bpf_loop callbacks or global functions, or split the program with tail calls",
		},
		rules: says(
			"BPF program is too large. Processed %d insn",
			"The sequence of %d jumps is too complex%s",
			"liveness analysis exceeded complexity limit (%d calls)",
		),
	}, {
		Class: Class{
			Code:  "verifier/unreachable",
			Title: "the program has instructions that nothing leads to",
			Help:  "remove the code after the last return or endless loop; compilers leave it only in assembly and after __builtin_unreachable",
		},
		rules: says("unreachable insn %d"),
	}, {
		Class: Class{
			Code:  "verifier/jump-range",
			Title: "the program runs or jumps beyond its end",
			Help:  "end every path with a return; a missing one often means undefined behaviour that the compiler cut away",
		},
		rules: says(
			"jump out of range from insn %d to %d",
			"indirect jump out of range from insn %d to %d",
			"last insn is not an exit or jmp",
			"jump into the middle of ldimm64 insn %d",
			"invalid bpf_ld_imm64 insn",
			"call to invalid destination",
			"invalid insn idx %d insn_cnt %d",
			"insn %d cannot be patched due to 16-bit range",
			"no jump tables found for subprog starting at %d",
			"jump table for insn %d points outside of the subprog %s",
			"R%d points to outside of jump table: %s",
			"R%d has type %s, expected PTR_TO_INSN",
			"unexpected __bpf_trap() due to uninitialized variable?",
		),
		nowhere: true,
	}, {
		Class: Class{
			Code:  "verifier/stack-size",
			Title: "the functions of one call chain use too much stack",
			Help:  "all frames of a chain share 512 bytes and 8 calls: move large variables to a per-CPU array map, or inline functions",
		},
		rules: []rule{
			{pattern: "the call stack of %d frames is too deep", help: depthHelp, here: true},
			{pattern: "the call stack of %d frames is too deep !", help: depthHelp},
			{pattern: "combined stack size of %d calls is %d. Too large"},
			{pattern: "stack size of subprog %d is %d. Too large"},
			{pattern: "stack size %d(extra %d) is too large"},
			{pattern: "stack depth %d exceeds interpreter stack depth limit"},
			{pattern: "tail_calls are not allowed when call stack of previous frames is %d bytes. Too large",
				help: "a function that makes tail calls may have at most 256 bytes of stack above it"},
		},
		nowhere: true,
	}, {
		Class: Class{
			Code:  "verifier/tail-call",
			Title: "a tail call is not possible here",
			Help:  "tail calls go from the program itself or from subprograms that return int, on kernels whose JIT supports both",
		},
		rules: says(
			"tail_call is only allowed in functions that return 'int'.",
			"tail_call is not allowed in subprogs without BTF",
			"tail_calls are not allowed in %s",
			"tail_call abusing map_ptr",
			"mixing of tail_calls and bpf-to-bpf calls is not supported",
			"program with __ref argument cannot tail call",
		),
	}, {
		Class: Class{
			Code:  "verifier/legacy-packet-load",
			Title: "an old packet load is used where it does not work",
			Help:  "read the packet through data and data_end, or with bpf_skb_load_bytes",
		},
		rules: says(
			"BPF_LD_[ABS|IND] %s",
			"at the time of BPF_LD_ABS|IND R6 != pointer to skb",
			"LD_ABS is %s",
		),
	}, {
		Class: Class{
			Code:  "verifier/arena",
			Title: "arena memory is used wrongly",
			Help:  "use exactly one arena map in the program, load with CAP_BPF and CAP_PERFMON, on a kernel with the JIT",
		},
		rules: says(
			"addr_space_cast insn can only be used in a program that has an associated arena",
			"addr_space_cast insn can only convert between address space 1 and 0",
			"Only one arena per program",
			"JIT is required to use arena",
			"JIT doesn't support arena",
			"arena's user address must be set via map_extra or mmap()",
			"%s is not a pointer to arena or scalar.",
			"sign extending loads from arena are not supported yet",
		),
	}, {
		Class: Class{
			Code:  "verifier/bad-instruction",
			Title: "the kernel does not know this instruction",
			Help:  "compile for an older instruction set (-mcpu=v2 or v3); the kernel is older than the one the object was made for",
		},
		rules: []rule{
			{pattern: "div by zero", help: "the divisor is the constant 0"},
			{pattern: "invalid shift %d", help: "the shift is wider than the register"},
			{pattern: "%s uses reserved fields"},
			{pattern: "unknown opcode 8d", help: "there are no calls through pointers in BPF, such as out of a table of functions: call functions by their names, in a switch"},
			{pattern: "unknown opcode %s"},
			{pattern: "unknown insn class %d"},
			{pattern: "R%d is invalid"},
			{pattern: "invalid BPF_%s"},
			{pattern: "BPF_ATOMIC %s"},
			{pattern: "BPF_XADD stores into %s"},
			{pattern: "invalid atomic operand size"},
			{pattern: "unrecognized bpf_ld_imm64 insn"},
			{pattern: "invalid may_goto %s"},
		},
	}}
}

const (
	depthHelp  = "functions may call each other 8 deep; inline some of them (__always_inline)"
	unlockHelp = "unlock before every return, in the branches taken on errors too"
)
