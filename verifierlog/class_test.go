// SPDX-License-Identifier: MIT

package verifierlog

import (
	"io/fs"
	"regexp"
	"strings"
	"testing"
	"time"
)

var codeForm = regexp.MustCompile(`^verifier/[a-z]+(-[a-z]+)*$`)

func TestClasses(t *testing.T) {
	seen := make(map[string]bool)
	for _, c := range Classes() {
		t.Run(c.Code, func(t *testing.T) {
			if !codeForm.MatchString(c.Code) {
				t.Errorf("code %q has another form", c.Code)
			}
			if seen[c.Code] {
				t.Error("code is used twice")
			}
			seen[c.Code] = true
			checkSentence(t, "title", c.Title)
			checkSentence(t, "help", c.Help)
			got, ok := Lookup(c.Code)
			if !ok || got != c {
				t.Errorf("Lookup(%q) = %+v, %v", c.Code, got, ok)
			}
			short := strings.TrimPrefix(c.Code, codePrefix)
			if got, ok := Lookup(short); !ok || got != c {
				t.Errorf("Lookup(%q) = %+v, %v", short, got, ok)
			}
		})
	}
	if c, ok := Lookup("no-such-class"); ok {
		t.Errorf("Lookup of an unknown code gives %+v", c)
	}
}

// checkSentence wants one line without a full stop, lower case but for names.
func checkSentence(t *testing.T, what, s string) {
	t.Helper()
	if s == "" || strings.ContainsAny(s, "\n\t") || strings.HasSuffix(s, ".") {
		t.Errorf("%s %q: want one line without a full stop", what, s)
	}
	if s != "" && s[0] >= 'A' && s[0] <= 'Z' {
		t.Errorf("%s %q begins with a capital", what, s)
	}
}

func TestRuleHelp(t *testing.T) {
	for i := range classes() {
		for _, r := range classes()[i].rules {
			if r.help != "" {
				checkSentence(t, classes()[i].Code+" "+r.pattern, r.help)
			}
		}
	}
}

// Every page names its class, shows what is wrong and what is right, and quotes
// messages that really belong to the class.
func TestPages(t *testing.T) {
	for _, c := range Classes() {
		t.Run(c.Code, func(t *testing.T) {
			page := c.Page()
			first, rest, _ := strings.Cut(page, "\n")
			if want := "# " + c.Code + ": " + c.Title; first != want {
				t.Errorf("begins with %q, want %q", first, want)
			}
			for _, want := range []string{"\nWrong", "\nRight"} {
				if !strings.Contains(rest, want) {
					t.Errorf("has no paragraph %q", want[1:])
				}
			}
			if strings.Count(rest, "```")%2 != 0 {
				t.Error("a code block does not end")
			}
			messages := 0
			for line := range strings.Lines(rest) {
				message, ok := strings.CutPrefix(strings.TrimSuffix(line, "\n"), "    ")
				if !ok {
					continue
				}
				messages++
				d := Explain(Parse(message+"\n"), nil)
				if d.Code != c.Code {
					t.Errorf("message %q belongs to %q", message, d.Code)
				}
			}
			if messages == 0 {
				t.Error("quotes no message")
			}
		})
	}
}

func TestPagesHaveClasses(t *testing.T) {
	entries, err := fs.ReadDir(pages, "pages")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if _, ok := Lookup(strings.TrimSuffix(e.Name(), ".md")); !ok {
			t.Errorf("pages/%s explains no class", e.Name())
		}
	}
}

// A pattern that an earlier class catches would never be used. Patterns are tried
// with numbers and texts filled in.
func TestPatternsReachable(t *testing.T) {
	fill := strings.NewReplacer("%d", "7", "%s", "x")
	for i := range classes() {
		for _, r := range classes()[i].rules {
			line := fill.Replace(r.pattern)
			if r.when != nil {
				continue
			}
			if !match(r.pattern, line) {
				t.Errorf("%q does not match %q", r.pattern, line)
			}
			if c, _ := classify([]string{line}); c == nil || c.Code != classes()[i].Code {
				t.Errorf("%s: %q belongs to %s", classes()[i].Code, line, c.Code)
			}
		}
	}
}

func TestClassify(t *testing.T) {
	tests := map[string]struct {
		lines []string
		want  string
	}{
		"a general line after a special one": {
			[]string{"invalid access to packet, off=12 size=1, R1(id=0,off=12,r=0)", "R1 min value is outside of the allowed memory range"},
			"verifier/packet-bounds",
		},
		"a general line alone": {
			[]string{"R1 min value is outside of the allowed memory range"},
			"verifier/unbounded-access",
		},
		"a remark before the message": {
			[]string{"Unrecognized arg#0 type PTR", "the call stack of 9 frames is too deep"},
			"verifier/stack-size",
		},
		"the second of two special lines": {
			[]string{"R1 type=scalar expected=fp", "Caller passes invalid args into func#1 ('visible_sum')"},
			"verifier/global-function",
		},
		"a message followed by something unknown": {
			[]string{"div by zero", "so it goes"},
			"verifier/bad-instruction",
		},
		"over two lines": {
			[]string{"global function calls are not allowed while holding a lock,\nuse static function instead"},
			"verifier/lock",
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			c, _ := classify(test.lines)
			if c == nil || c.Code != test.want {
				t.Errorf("got %+v, want %s", c, test.want)
			}
		})
	}
	if c, _ := classify([]string{"what now"}); c != nil {
		t.Errorf("an unknown message belongs to %s", c.Code)
	}
}

// Messages whose cause is another than that of the rest of their class.
func TestHelpOfMessages(t *testing.T) {
	for name, tc := range map[string]struct{ message, help string }{
		"variable without address": {"ldimm64 failed to find the address for kernel symbol 'bpf_prog_active'.", "CONFIG_KALLSYMS_ALL=y"},
		"another ldimm64":          {"ldimm64 unable to find something", "CONFIG_DEBUG_INFO_BTF=y"},
		"call through a pointer":   {"unknown opcode 8d", "no calls through pointers"},
		"another opcode":           {"unknown opcode e5", "-mcpu"},
	} {
		t.Run(name, func(t *testing.T) {
			d := Explain(Parse("0: (b7) r0 = 0\n"+tc.message+"\nprocessed 1 insns\n"), nil)
			if d.Message != tc.message || !strings.Contains(d.Help, tc.help) {
				t.Errorf("%q: %q, want %q", d.Message, d.Help, tc.help)
			}
		})
	}
}

// The kernel ends one of its messages without a line break.
func TestMessageWithoutLineBreak(t *testing.T) {
	l := Parse("8: (85) call pc+1\ninsn 8 cannot call exception cb directlyverification time 158 usec\nstack depth 0+0\nprocessed 9 insns (limit 1000000) max_states_per_insn 0 total_states 1 peak_states 1 mark_read 0\n")
	if got := l.Message(); got != "insn 8 cannot call exception cb directly" {
		t.Errorf("message %q", got)
	}
	if l.Stats.Time != 158*time.Microsecond {
		t.Errorf("time %v", l.Stats.Time)
	}
	if d := Explain(l, nil); d.Help != exceptionHelp {
		t.Errorf("help %q", d.Help)
	}
}
