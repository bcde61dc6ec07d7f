// SPDX-License-Identifier: MIT

package verifierlog

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/bpfload/bpfload/internal/law"
)

var ignoreText = cmp.Options{cmpopts.IgnoreFields(Log{}, "Text"), cmpopts.IgnoreUnexported(Log{})}

func TestParse(t *testing.T) {
	tests := map[string]struct {
		log  string
		want Log
	}{
		"nothing": {},
		"5.10 prints the whole state on a line of its own": {
			log: "; if (!v)\n" +
				"7: (15) if r0 == 0x0 goto pc+2\n" +
				" R0_w=map_value(id=1,off=0,ks=4,vs=16,imm=0) R6_rw=invP0 R10=fp0 fp-8=mmmm????\n" +
				"8: (b4) w1 = 0\n" +
				"; v->lock = 0;\n" +
				"9: (63) *(u32 *)(r0 +0) = r1\n" +
				"bpf_spin_lock cannot be accessed directly by load/store\n",
			want: Log{
				Reason: []string{"bpf_spin_lock cannot be accessed directly by load/store"},
				Insn:   &Insn{9, "(63) *(u32 *)(r0 +0) = r1"},
				Source: Source{Text: "v->lock = 0;"},
				Registers: []Register{
					{"R0", "map_value(id=1,off=0,ks=4,vs=16,imm=0)"},
					{"R6", "invP0"},
					{"R10", "fp0"},
				},
			},
		},
		"a register written since is not known": {
			log: "7: R0=map_value_or_null(id=1) R1=5 R6=ctx()\n" +
				"7: (07) r0 += 8\n" +
				"8: (b7) r1 = 1\n" +
				"9: (7b) *(u64 *)(r0 +0) = r1\n" +
				"R0 is odd\n",
			want: Log{
				Reason:    []string{"R0 is odd"},
				Insn:      &Insn{9, "(7b) *(u64 *)(r0 +0) = r1"},
				Registers: []Register{{"R6", "ctx()"}},
			},
		},
		"the failing instruction itself has had no effect yet": {
			log: "7: R0=map_value_or_null(id=1)\n7: (79) r0 = *(u64 *)(r0 +0)\nR0 is odd\n",
			want: Log{
				Reason:    []string{"R0 is odd"},
				Insn:      &Insn{7, "(79) r0 = *(u64 *)(r0 +0)"},
				Registers: []Register{{"R0", "map_value_or_null(id=1)"}},
			},
		},
		"a call leaves r6 to r9 alone": {
			log: "0: R1=ctx() R2=5 R6=3 R10=fp0\n0: (85) call bpf_ktime_get_ns#5\n1: (95) exit\nwhat\n",
			want: Log{
				Reason:    []string{"what"},
				Insn:      &Insn{1, "(95) exit"},
				Registers: []Register{{"R6", "3"}, {"R10", "fp0"}},
			},
		},
		"6.x prints what changed behind the instruction": {
			log: "0: R1=ctx() R10=fp0\n" +
				"; v = f(); @ a b.c:7\n" +
				"0: (b7) r2 = 1                        ; R2_w=1 R3=scalar(smin=0,var_off=(0x0; 0xff))\n" +
				"1: (61) r3 = *(u32 *)(r1 +4)          ; frame1: R3_w=scalar() cb\n" +
				"2: (0f) r3 += r2\n" +
				"nonsense\n",
			want: Log{
				Reason: []string{"nonsense"},
				Insn:   &Insn{2, "(0f) r3 += r2"},
				Source: Source{Text: "v = f();", File: "a b.c", Line: 7},
				Registers: []Register{
					{"R1", "ctx()"}, {"R2", "1"}, {"R3", "scalar()"}, {"R10", "fp0"},
				},
			},
		},
		"an erased path leaves the next state on the line, and no source": {
			log: "; if (x) @ a.c:4\n" +
				"15: (55) if r1 != 0x0 goto pc+1 17: R0_w=1 R1_w=sock(ref_obj_id=2) R10=fp0\n" +
				"17: (95) exit\n" +
				"Unreleased reference id=2 alloc_insn=12\n",
			want: Log{
				Reason: []string{"Unreleased reference id=2 alloc_insn=12"},
				Insn:   &Insn{17, "(95) exit"},
				Registers: []Register{
					{"R0", "1"}, {"R1", "sock(ref_obj_id=2)"}, {"R10", "fp0"},
				},
			},
		},
		"an erased path may leave the next source line on the line": {
			log: "1: (56) if w2 != 0x3 goto pc-2 ; while (*queue != 3) @ flow.c:20\n" +
				"infinite loop detected at insn 0\n" +
				"cur state: R1=ctx() R10=fp0\n" +
				"old state: R1=ctx() R10=fp0\n",
			want: Log{
				Reason:    []string{"infinite loop detected at insn 0"},
				Insn:      &Insn{1, "(56) if w2 != 0x3 goto pc-2"},
				Source:    Source{Text: "while (*queue != 3)", File: "flow.c", Line: 20},
				Registers: []Register{{"R1", "ctx()"}, {"R10", "fp0"}},
			},
		},
		"another path starts anew": {
			log: "; x @ a.c:1\n2: (15) if r0 == 0x0 goto pc+2\n\nfrom 2 to 5: R0=inv0 R6=ctx(id=0,off=0,imm=0)\n5: (bf) r7 = r10\nwhat\n",
			want: Log{
				Reason:    []string{"what"},
				Insn:      &Insn{5, "(bf) r7 = r10"},
				Registers: []Register{{"R0", "inv0"}, {"R6", "ctx(id=0,off=0,imm=0)"}},
			},
		},
		"the state of a parent is not the current one": {
			log: "3: (a5) if r0 < 0x5 goto pc-3\n" +
				"last_idx 3 first_idx 1\n" +
				"regs=1 stack=0 before 2: (57) r0 &= 1\n" +
				" R0_rw=invP0 R1=ctx(id=0,off=0,imm=0) R10=fp0\n" +
				"parent already had regs=1 stack=0 marks\n" +
				"infinite loop detected at insn 1\n",
			want: Log{
				Reason: []string{"infinite loop detected at insn 1"},
				Insn:   &Insn{3, "(a5) if r0 < 0x5 goto pc-3"},
			},
		},
		"a subprogram has registers of its own": {
			log: "7: R0=1 R1=2 R6=3\n8: (85) call pc+8\ncaller:\n R6=3 R10=fp0\ncallee:\n frame1: R1=2 R10=fp0\n" +
				"17: (79) r0 = *(u64 *)(r1 +0)\nR1 invalid mem access 'scalar'\n",
			want: Log{
				Reason:    []string{"R1 invalid mem access 'scalar'"},
				Insn:      &Insn{17, "(79) r0 = *(u64 *)(r1 +0)"},
				Registers: []Register{{"R1", "2"}, {"R10", "fp0"}},
			},
		},
		"what was said before an instruction is no reason": {
			log: "0: (79) r1 = *(u64 *)(r1 +0)\nfunc 'f' arg0 has btf_id 114 type STRUCT 'task_struct'\n" +
				"1: R1=ptr_task_struct()\n1: (79) r1 = *(u64 *)(r1 +1288)\nno\nno more\n",
			want: Log{
				Reason:    []string{"no", "no more"},
				Insn:      &Insn{1, "(79) r1 = *(u64 *)(r1 +1288)"},
				Registers: []Register{{"R1", "ptr_task_struct()"}},
			},
		},
		"the prototype of a global function is not at an instruction": {
			log: "0: (95) exit\nValidating f() func#1...\nArg#0 type PTR in f() is not supported yet.\n",
			want: Log{
				Reason: []string{"Arg#0 type PTR in f() is not supported yet."},
			},
		},
		"a sentence of two lines": {
			log: "\tglobal function calls are not allowed while holding a lock,\n\tuse static function instead\n\tprocessed 1 insns\n",
			want: Log{
				Reason: []string{"global function calls are not allowed while holding a lock,\n\tuse static function instead"},
				Stats:  Stats{Insns: 1, Complete: true},
			},
		},
		"statistics": {
			log: "verification time 9965779 usec\nstack depth 64+8 max 72\ninsns processed 90+10\n" +
				"processed 100 insns (limit 1000000) max_states_per_insn 4 total_states 11 peak_states 10 mark_read 3\n",
			want: Log{Stats: Stats{
				Insns: 100, Limit: 1000000, MaxStatesPerInsn: 4, TotalStates: 11, PeakStates: 10, MarkRead: 3,
				Time: 9965779 * time.Microsecond, StackDepths: []int{64, 8}, MaxStack: 72,
				InsnsPerSubprogram: []int{90, 10}, Complete: true,
			}},
		},
		"statistics of 4.15": {
			log:  "processed 6 insns, stack depth 8\n",
			want: Log{Stats: Stats{Insns: 6, Complete: true}},
		},
		"numbers too large to be true": {
			log: "99999999999999999999: (95) exit\nprocessed 99999999999999999999 insns\nstack depth 1+99999999999999999999\n",
			want: Log{Reason: []string{
				"99999999999999999999: (95) exit", "processed 99999999999999999999 insns", "stack depth 1+99999999999999999999",
			}},
		},
		"zeros of a buffer": {
			log:  "0: (95) exit\nR0 !read_ok\n\x00\x00\x00junk",
			want: Log{Reason: []string{"R0 !read_ok"}, Insn: &Insn{0, "(95) exit"}},
		},
		"a report": {
			log: "R0 !read_ok\n\nVerification failed: Category: Problem\n\nReason:\n  one\n  two\n\nAt:\n" +
				"  f @ a.c:24:9\n  >>> 24 |   return *v;    >>> 7 | (79) r0 = *(u64 *)(r0 +0)\n\nNew section:\n  x @ b.c:1:2\n\n" +
				"Suggestion:\n  three\n\nprocessed 1 insns (limit 1000000) max_states_per_insn 0 total_states 0 peak_states 0 mark_read 0\n",
			want: Log{
				Reason: []string{"R0 !read_ok"},
				Stats:  Stats{Insns: 1, Limit: 1000000, Complete: true},
				Report: Report{
					Title: "Category: Problem", Reason: "one\n  two", Suggestion: "three",
					Function: "f", File: "a.c", Line: 24, Column: 9,
					Insn: &Insn{7, "(79) r0 = *(u64 *)(r0 +0)"}, Source: "return *v;",
				},
			},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			got := Parse(test.log)
			if diff := cmp.Diff(test.want, got, ignoreText, cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestReasonIsBounded(t *testing.T) {
	l := Parse(strings.Repeat("what now\n", 1000) + "enough\n")
	if len(l.Reason) != maxReason || l.Message() != "enough" {
		t.Errorf("%d lines, the last %q", len(l.Reason), l.Message())
	}
}

// Lines that are made to be searched again and again are searched once: twice for
// each byte of these takes longer than any test may.
func TestHostileLines(t *testing.T) {
	const size = 4 << 20
	repeat := func(s string) string { return strings.Repeat(s, size/len(s)) }
	for name, log := range map[string]string{
		"states without a value": "1: (95) exit" + repeat(" 1: R0"),
		"registers":              "R0=" + repeat(" R1 R2_"),
		"parentheses":            "R0=" + repeat("("),
		"brackets and states":    "0: R0=1" + repeat(" R0=(("),
		"digits":                 repeat("1") + ": (95) exit",
		"semicolons":             "1: (95) exit" + repeat(" ;"),
		"commas":                 repeat("a,\n"),
		"annotations":            repeat("; a @ b:1\n"),
		"white space":            "Verification failed: x\nReason:\n a" + repeat(" \n"),
		"words":                  repeat("insn "),
		"leaks":                  "0: (95) exit\n" + repeat("alloc_insn=7\n"),
	} {
		t.Run(name, func(t *testing.T) {
			law.Memory(t, len(log), 16, func() {
				if out := Annotate(log); len(out) > 1<<16 {
					t.Errorf("%d bytes of %d are shown", len(out), len(log))
				}
			})
		})
	}
}

func TestTail(t *testing.T) {
	tests := map[string]struct {
		log  string
		want []string
	}{
		"empty":        {"", nil},
		"short":        {"a\nb\n", []string{"a", "b"}},
		"long":         {"a\nb\nc\nd", []string{"b", "c", "d"}},
		"empty lines":  {"a\n\n\nd\n\n", []string{"", "", "d"}},
		"only newline": {"\n\n", nil},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(test.want, Parse(test.log).Tail(3)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}
