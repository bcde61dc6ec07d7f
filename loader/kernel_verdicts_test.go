// SPDX-License-Identifier: MIT

package loader

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/bpfload/bpfload/internal/kerneltest"
)

// never is for objects that no kernel accepts, each with its reason.
const never = "never"

// since is the first kernel of the series 5.10, 6.1, 6.12, 6.18, 7.2 that accepts a
// sample; those not listed load on all of them. What stands behind a number is the
// feature that the sample shows, and the Linux that brought it.
var since = map[string]string{
	"arena-clang22.o":      "6.12", // arenas (6.9)
	"arg_ctx.o":            "5.10",
	"exceptions.o":         "6.12", // bpf_throw (6.7)
	"extern_call.o":        never,  // calls what is nowhere
	"fentry.o":             "5.10",
	"fentry_multi.o":       "7.2",
	"freplace.o":           never, // has no target here
	"hidden_callback.o":    "6.1", // callbacks (5.13)
	"isa_v4-clang22.o":     "6.18",
	"jumptable-clang22.o":  "7.2", // indirect jumps
	"kconfig_missing.o":    never, // wants an option that no kernel has
	"kfunc.o":              "6.12",
	"kptr-clang22.o":       "6.12",
	"ksyms_typed.o":        "6.1", // runqueues in BTF
	"list_private.o":       "6.12",
	"local_storage.o":      "6.12", // cgrp_storage (6.2)
	"lsm.o":                "5.10",
	"map_fields.o":         "6.1", // bloom filters (5.16)
	"map_types.o":          "6.12",
	"netfilter.o":          "6.12",
	"queue_stack.o":        "6.1",
	"sched_ext.o":          "7.2",
	"sec_table.o":          "6.12",
	"sec_table_new.o":      "7.2", // sleepable tracepoints
	"sec_unknown.o":        never, // has no program type
	"strings.o":            "6.1", // bpf_strncmp (5.17)
	"struct_ops_multi.o":   "6.12",
	"struct_ops_tcp.o":     "6.12", // struct_ops links (6.4)
	"subprogs.o":           "6.1",
	"syscall.o":            "6.1", // syscall programs (5.14)
	"text_only.o":          never, // holds no program
	"timer.o":              "6.1", // timers (5.15)
	"uprobe.o":             "6.1", // sleepable uprobes (6.0)
	"verifier_reject.o":    never, // is made to be rejected
	"verifier_reject_co.o": never,
}

// until names samples that later kernels refuse.
var until = map[string]string{
	"ksyms_wrong.o": "5.10", // bpf_prog_active is no variable of BTF there, and the extern is weak
	"map_fields.o":  "6.18", // 7.2 forgets a part of the stack that a map operation reads
}

// TestKernelVerdicts has the running kernel judge every sample. It is the proof
// that features work on the kernels they are claimed for.
func TestKernelVerdicts(t *testing.T) {
	needRoot(t)
	skipBigEndian(t)
	judged := 0
	for _, name := range samples(t) {
		if _, listed := since[name]; strings.HasSuffix(name, "-clang22.o") && !listed {
			continue // uses instructions of whatever kernel the compiler had in mind
		}
		o, err := OpenFile(samplePath(name), nil)
		if err != nil {
			continue // TestOpenSamples says whether that is right
		}
		t.Run(strings.TrimSuffix(name, ".o"), func(t *testing.T) {
			judged++
			want := loads(t, name)
			r, err := o.Verify(t.Context(), nil)
			if err != nil {
				t.Fatal(err)
			}
			if r.Accepted == want {
				return
			}
			reason := firstError(r)
			if want && refusedWhatever(reason) {
				kerneltest.Without(t, "this kernel answers EPERM to such programs whatever they do: %v", reason)
			}
			if want && strings.Contains(fmt.Sprint(reason), "failed to find the address for kernel symbol") {
				kerneltest.Without(t, "this kernel was built without per-CPU symbols in kallsyms: %v", reason)
			}
			t.Errorf("accepted %v, want %v: %v", r.Accepted, want, reason)
		})
	}
	if judged < 50 {
		t.Errorf("only %d samples were judged", judged)
	}
}

func firstError(r *Report) error {
	if r.Err != nil {
		return r.Err
	}
	for _, p := range r.Programs {
		if p.Err != nil {
			return p.Err
		}
	}
	return nil
}

// refusedWhatever recognises kernels that were patched to refuse tracing: EPERM for
// root with all capabilities. The kernels of the virtual machines are not.
func refusedWhatever(err error) bool { return errors.Is(err, unix.EPERM) }

// loads says whether the running kernel has to accept a sample.
func loads(t *testing.T, name string) bool {
	t.Helper()
	first, last := since[name], until[name]
	return first != never && (first == "" || kerneltest.Has(t, first)) && (last == "" || !kerneltest.After(t, last))
}
