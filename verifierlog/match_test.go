// SPDX-License-Identifier: MIT

package verifierlog

import (
	"strings"
	"testing"
)

func TestMatch(t *testing.T) {
	tests := map[string]struct {
		pattern, line string
		want          bool
	}{
		"same":                 {"div by zero", "div by zero", true},
		"longer line":          {"div by zero", "div by zero!", false},
		"shorter line":         {"div by zero", "div by", false},
		"number":               {"R%d !read_ok", "R10 !read_ok", true},
		"negative number":      {"off=%d size=%d", "off=-8 size=4", true},
		"no number":            {"R%d !read_ok", "Rx !read_ok", false},
		"lone minus":           {"off=%d", "off=-", false},
		"any text":             {"a %s c", "a b b c", true},
		"no text":              {"a%s", "a", true},
		"text that comes back": {"%s x%s y", "a x b x c y", true},
		"text then number":     {"%s#%d", "bpf#x#7", true},
		"empty":                {"", "", true},
		"text against empty":   {"%s", "", true},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if got := match(test.pattern, test.line); got != test.want {
				t.Errorf("match(%q, %q) = %v", test.pattern, test.line, got)
			}
		})
	}
}

// A line made to be compared for long is cut.
func TestMatchIsBounded(t *testing.T) {
	line := strings.Repeat("a ", 1<<20)
	for range 1000 {
		if match("%s a %s a %s b", line) {
			t.Fatal("matches")
		}
	}
}

func TestNumberAfter(t *testing.T) {
	tests := map[string]struct {
		line, mark string
		want       int
		ok         bool
	}{
		"first":           {"back-edge from insn 5 to 3", "insn ", 5, true},
		"negative":        {"stack R2 off=-8 size=4", " off=", -8, true},
		"absent":          {"div by zero", "insn ", 0, false},
		"no number":       {"insn x", "insn ", 0, false},
		"second mark":     {"invalid insn idx, insn 4", "insn ", 4, true},
		"at the end":      {"the last insn ", "insn ", 0, false},
		"too many":        {"insn 9999999999999999999", "insn ", 0, false},
		"minus, no digit": {"off=-x", "off=", 0, false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			got, ok := numberAfter(test.line, test.mark)
			if got != test.want || ok != test.ok {
				t.Errorf("%d, %v", got, ok)
			}
		})
	}
}

func TestRegistersOfInstructions(t *testing.T) {
	tests := map[string]struct {
		insn          string
		reads, writes mask
	}{
		"load":           {"(79) r1 = *(u64 *)(r0 +0)", 1 << 0, 1 << 1},
		"load into self": {"(79) r0 = *(u64 *)(r0 +0)", 1 << 0, 1 << 0},
		"add":            {"(0f) r3 += r2", 1<<3 | 1<<2, 1 << 3},
		"32 bits":        {"(bc) w2 = w0", 1 << 0, 1 << 2},
		"store":          {"(7b) *(u64 *)(r10 -8) = r1", 1<<10 | 1<<1, 0},
		"jump":           {"(2d) if r3 > r2 goto pc+4", 1<<3 | 1<<2, 0},
		"helper":         {"(85) call bpf_map_lookup_elem#1", 0, callerSaved},
		"constant":       {"(18) r1 = 0xffff880035d6c000", 0, 1 << 1},
		"fetch":          {"(db) r1 = atomic64_fetch_add((u64 *)(r2 +0), r1)", 1<<2 | 1<<1, 1 << 1},
		"compare":        {"(db) r0 = atomic64_cmpxchg((u64 *)(r2 +0), r0, r1)", 1<<2 | 1<<1 | 1<<0, 1 << 0},
		"exit":           {"(95) exit", 0, 0},
		"cut":            {"(95)", 0, 0},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if got := reads(test.insn); got != test.reads {
				t.Errorf("reads %b, want %b", got, test.reads)
			}
			if got := writes(test.insn); got != test.writes {
				t.Errorf("writes %b, want %b", got, test.writes)
			}
		})
	}
}
