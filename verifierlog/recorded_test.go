// SPDX-License-Identifier: MIT

package verifierlog

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/bpfload/bpfload/internal/golden"
)

// A verdict is what is to be understood of a recorded log.
type verdict struct {
	Class     string // code without its prefix
	Insn      int    // -1: the log does not say where
	At        string // file and line; empty if the log does not tell
	Registers string
}

// recorded holds the verdicts by program, or by kernel and program where kernels
// say different things. The lines were read off testdata/src.
var recorded = map[string]verdict{
	"arena_missing":                {"arena", 1, "", "R1"},
	"5.10/arena_missing":           {"bad-instruction", 1, "", ""},
	"6.1/arena_missing":            {"bad-instruction", 1, "", "R1"},
	"argument_clobbered":           {"uninit-register", 2, "pointers.c:189", ""},
	"argument_type":                {"argument-type", 3, "pointers.c:177", "R2"},
	"bad_instruction":              {"bad-instruction", 1, "flow.c:159", "R0"},
	"call_depth":                   {"stack-size", 20, "flow.c:129", ""},
	"callback_not_static":          {"callback", 1, "calls.c:183", ""},
	"5.10/callback_not_static":     {"debug-info", -1, "", ""},
	"6.1/callback_not_static":      {"global-function", -1, "", ""},
	"callback_return":              {"callback", 9, "calls.c:189", "R0"},
	"5.10/callback_return":         {"debug-info", -1, "", ""},
	"context_access":               {"context-access", 0, "bounds.c:168", "R1"},
	"context_modified":             {"context-access", 3, "bounds.c:181", "R1"},
	"context_write":                {"context-access", 1, "bounds.c:174", "R1 R2"},
	"core_relocation":              {"core-relocation", 1, "", ""},
	"double_release":               {"argument-type", 18, "calls.c:98", "R1"},
	"dynptr_leak":                  {"reference-leak", 8, "modern.c:93", ""},
	"5.10/dynptr_leak":             {"unknown-helper", 6, "", ""},
	"dynptr_uninit":                {"dynptr", 9, "modern.c:83", ""},
	"5.10/dynptr_uninit":           {"unknown-helper", 9, "", ""},
	"7.2/dynptr_uninit":            {"dynptr", 9, "modern.c:83", "R3"},
	"frame_pointer_write":          {"read-only", 0, "pointers.c:156", ""},
	"global_function":              {"global-function", 1, "calls.c:209", "R1"},
	"5.10/global_function":         {"global-function", -1, "", ""},
	"6.1/global_function":          {"memory-bounds", 7, "", "R1"},
	"global_function_null":         {"null-pointer", 12, "calls.c:217", "R1"},
	"5.10/global_function_null":    {"global-function", -1, "", ""},
	"gpl_only":                     {"gpl-only", 4, "proprietary.c:10", ""},
	"helper_not_allowed":           {"helper-not-allowed", 3, "calls.c:40", ""},
	"helper_size":                  {"helper-size", 4, "bounds.c:150", "R2"},
	"helper_size_negative":         {"helper-size", 6, "bounds.c:161", "R2"},
	"infinite_loop":                {"infinite-loop", 1, "flow.c:8", ""},
	"infinite_loop_c":              {"infinite-loop", 0, "flow.c:20", ""},
	"infinite_loop_verbose":        {"infinite-loop", 1, "flow.c:8", ""},
	"iterator_leak":                {"reference-leak", 6, "modern.c:110", ""},
	"iterator_uninit":              {"iterator", 2, "modern.c:101", ""},
	"7.2/iterator_uninit":          {"iterator", 2, "modern.c:101", "R1"},
	"jump_range":                   {"jump-range", 1, "", ""},
	"kfunc_not_allowed":            {"kfunc-not-allowed", 1, "modern.c:36", ""},
	"5.10/kfunc_not_allowed":       {"kfunc-unavailable", 1, "", ""},
	"legacy_packet_load":           {"legacy-packet-load", 1, "flow.c:167", ""},
	"lock_access":                  {"lock", 9, "calls.c:137", "R0 R1"},
	"lock_call":                    {"lock", 11, "calls.c:124", ""},
	"lock_missing_unlock":          {"lock", 15, "calls.c:113", ""},
	"lock_tracing":                 {"lock", -1, "", ""},
	"map_needs_btf":                {"map-needs-btf", 10, "calls.c:163", ""},
	"map_type":                     {"map-type", 4, "calls.c:172", ""},
	"map_value_bounds":             {"map-value-bounds", 10, "bounds.c:57", "R0 R1"},
	"map_value_index":              {"map-value-bounds", 13, "bounds.c:68", "R0"},
	"map_value_negative":           {"pointer-arithmetic", 16, "bounds.c:94", "R0 R1"},
	"map_value_unbounded":          {"unbounded-access", 12, "bounds.c:79", "R0"},
	"memory_bounds":                {"memory-bounds", 9, "bounds.c:105", "R0 R1"},
	"misaligned":                   {"misaligned", 1, "bounds.c:138", "R1"},
	"missing_kfunc":                {"missing-kfunc", 0, "", ""},
	"missing_map":                  {"missing-map", 0, "", ""},
	"mixed_pointers":               {"mixed-pointers", 9, "", "R7"},
	"no_exit":                      {"jump-range", -1, "", ""},
	"nolines":                      {"null-pointer", 7, "", "R0"},
	"not_acquired":                 {"not-acquired", 5, "calls.c:84", "R1"},
	"null_argument":                {"null-pointer", 13, "pointers.c:75", "R3"},
	"null_arithmetic":              {"null-pointer", 7, "pointers.c:82", "R0"},
	"null_pointer":                 {"null-pointer", 7, "pointers.c:25", "R0"},
	"null_pointer_branch":          {"null-pointer", 23, "pointers.c:41", "R0 R1"},
	"null_pointer_branch_verbose":  {"null-pointer", 23, "pointers.c:41", "R0 R1"},
	"null_pointer_subprog":         {"null-pointer", 17, "pointers.c:47", "R1"},
	"null_pointer_subprog_verbose": {"null-pointer", 17, "pointers.c:47", "R1"},
	"null_ringbuf":                 {"null-pointer", 7, "pointers.c:64", "R0 R1"},
	"packet_bounds":                {"packet-bounds", 1, "bounds.c:33", "R1"},
	"packet_bounds_short":          {"packet-bounds", 6, "bounds.c:44", "R1"},
	"pointer_arithmetic":           {"pointer-arithmetic", 1, "pointers.c:108", "R2"},
	"pointer_arithmetic_unbounded": {"pointer-arithmetic", 3, "pointers.c:117", "R2 R3"},
	"pointer_compare":              {"pointer-arithmetic", 0, "unprivileged.c:33", "R1"},
	"pointer_leak":                 {"pointer-leak", 1, "unprivileged.c:15", "R0"},
	"pointer_leak_map":             {"pointer-leak", 9, "unprivileged.c:26", "R0 R6"},
	"preempt_missing_enable":       {"critical-section", 2, "modern.c:74", ""},
	"rcu_missing_unlock":           {"critical-section", 2, "modern.c:60", ""},
	"rcu_unmatched_unlock":         {"critical-section", 0, "modern.c:66", ""},
	"readonly_write":               {"read-only", 3, "pointers.c:149", "R1 R2"},
	"recursion":                    {"stack-size", -1, "", ""},
	"5.10/recursion":               {"infinite-loop", 5, "", ""},
	"6.1/recursion":                {"infinite-loop", 5, "", ""},
	"7.2/recursion":                {"recursion", -1, "", ""},
	"reference_leak":               {"reference-leak", 17, "", ""},
	"reference_leak_kfunc":         {"reference-leak", 6, "", ""},
	"reference_leak_ringbuf":       {"reference-leak", 18, "", ""},
	"return_value":                 {"return-value", 1, "flow.c:147", "R0"},
	"return_value_unknown":         {"return-value", 1, "flow.c:153", "R0"},
	"scalar_pointer":               {"scalar-pointer", 1, "pointers.c:102", "R1"},
	"sleepable_helper":             {"sleepable", 6, "calls.c:233", ""},
	"5.10/sleepable_helper":        {"helper-not-allowed", 6, "", ""},
	"stack_bounds":                 {"stack-bounds", 1, "bounds.c:113", "R1 R10"},
	"stack_size":                   {"stack-size", -1, "", ""},
	"stack_uninit":                 {"stack-uninit", 4, "", ""},
	"stack_uninit_bpf":             {"stack-uninit", 0, "unprivileged.c:42", "R10"},
	"stack_uninit_key":             {"stack-uninit", 4, "unprivileged.c:52", "R2"},
	"stack_uninit_read":            {"stack-uninit", 0, "", ""},
	"struct_access":                {"struct-access", 2, "calls.c:244", "R1"},
	"struct_write":                 {"read-only", 2, "calls.c:252", "R1 R2"},
	"too_complex":                  {"too-complex", 4, "flow.c:32", "R1 R3"},
	"too_complex_stats":            {"too-complex", -1, "", ""},
	"too_many_jumps":               {"too-complex", 2, "", "R0"},
	"uninit_register":              {"uninit-register", 0, "pointers.c:164", ""},
	"uninit_return":                {"uninit-register", 0, "pointers.c:171", ""},
	"unknown_helper":               {"unknown-helper", 0, "calls.c:46", ""},
	"unreachable_code":             {"unreachable", 2, "", ""},
	"untrusted_pointer":            {"untrusted-pointer", 2, "modern.c:43", "R1"},
}

// kernels are the directories of recorded logs. The annotations of the first two
// lack file and line, and they print fewer states.
var kernels = []string{"5.10", "6.1", "6.12", "6.18", "7.2"}

func logsOf(t testing.TB, kernel string) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("testdata", kernel, "*.log"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no logs of %s: %v", kernel, err)
	}
	return files
}

func readLog(t testing.TB, file string) string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestRecorded(t *testing.T) {
	used := make(map[string]bool)
	for i, kernel := range kernels {
		old := i < 2
		for _, file := range logsOf(t, kernel) {
			name := strings.TrimSuffix(filepath.Base(file), ".log")
			t.Run(kernel+"/"+name, func(t *testing.T) {
				key := kernel + "/" + name
				want, ok := recorded[key]
				if !ok {
					key = name
					want, ok = recorded[key]
				}
				if !ok {
					t.Fatal("no verdict for this log")
				}
				used[key] = true
				d := Explain(Parse(readLog(t, file)), nil)
				got := verdictOf(d)
				if old {
					want.At = ""
					if !subset(strings.Fields(got.Registers), strings.Fields(want.Registers)) {
						t.Errorf("shows registers %s, of which only %s matter", got.Registers, want.Registers)
					}
					want.Registers = got.Registers
				}
				if diff := cmp.Diff(want, got); diff != "" {
					t.Errorf("(-want +got):\n%s", diff)
				}
				checkSource(t, d)
			})
		}
	}
	for key := range recorded {
		if !used[key] {
			t.Errorf("verdict %q is of no log", key)
		}
	}
}

func verdictOf(d Diagnosis) verdict {
	v := verdict{Class: strings.TrimPrefix(d.Code, codePrefix), Insn: -1}
	if d.Insn != nil {
		v.Insn = d.Insn.Index
	}
	if d.File != "" {
		v.At = fmt.Sprintf("%s:%d", d.File, d.Line)
	}
	var names []string
	for _, r := range d.Registers {
		names = append(names, r.Name)
	}
	v.Registers = strings.Join(names, " ")
	return v
}

func subset(part, whole []string) bool {
	return !slices.ContainsFunc(part, func(s string) bool { return !slices.Contains(whole, s) })
}

// checkSource compares the source that a log quoted with the file.
func checkSource(t *testing.T, d Diagnosis) {
	t.Helper()
	if d.Source == "" {
		return
	}
	if d.File == "" {
		files, _ := filepath.Glob("testdata/src/*.c")
		for _, file := range files {
			if strings.Contains(readLog(t, file), d.Source) {
				return
			}
		}
		t.Errorf("%q is in no source file", d.Source)
		return
	}
	lines := strings.Split(readLog(t, filepath.Join("testdata/src", d.File)), "\n")
	if d.Line > len(lines) {
		t.Fatalf("%s has no line %d", d.File, d.Line)
	}
	if line := strings.TrimSpace(lines[d.Line-1]); line != d.Source {
		t.Errorf("%s:%d is %q, shown was %q", d.File, d.Line, line, d.Source)
	}
}

func TestAnnotateGolden(t *testing.T) {
	for _, kernel := range append(slices.Clone(kernels), "7.3", "other") {
		t.Run(kernel, func(t *testing.T) {
			var b strings.Builder
			for _, file := range logsOf(t, kernel) {
				fmt.Fprintf(&b, "== %s\n%s", filepath.Base(file), Annotate(readLog(t, file)))
			}
			golden.Check(t, filepath.Join("testdata", kernel+".golden"), []byte(b.String()))
		})
	}
}

// Every class that a program can be made to cause is proved by a recording.
func TestRecordedClasses(t *testing.T) {
	seen := make(map[string]bool)
	for _, v := range recorded {
		seen[v.Class] = true
	}
	if len(seen) < 35 {
		t.Errorf("recordings of only %d classes", len(seen))
	}
}
