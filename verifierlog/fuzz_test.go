// SPDX-License-Identifier: MIT

package verifierlog

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/bpfload/bpfload/internal/law"
)

// FuzzParse feeds any text and holds the package to its laws: no panic, the same
// answer twice, nothing shown that the text did not contain, nothing printed raw,
// and no more kept than a bounded number of parts of the text.
func FuzzParse(f *testing.F) {
	files, err := filepath.Glob("testdata/*/*.log")
	if err != nil || len(files) == 0 {
		f.Fatalf("no logs: %v", err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(text))
	}
	f.Fuzz(func(t *testing.T, text string) {
		law.Memory(t, len(text), 64, func() { Explain(Parse(text), nil) })
		l := Parse(text)
		d := Explain(l, nil)
		if diff := cmp.Diff(d, Explain(Parse(text), nil)); diff != "" {
			t.Errorf("a second answer differs:\n%s", diff)
		}
		checkBounds(t, l, d)
		for _, s := range shown(l, d) {
			if !strings.Contains(text, s) {
				t.Errorf("%q is not in the log", s)
			}
		}
		var b strings.Builder
		d.Program = text
		if err := Render(&b, d); err != nil {
			t.Fatal(err)
		}
		checkPrintable(t, b.String())
		checkPrintable(t, Annotate(text))
	})
}

// shown returns every text that a diagnosis takes from the log.
func shown(l Log, d Diagnosis) []string {
	list := slices.Concat([]string{d.Message}, d.Notes, d.Tail, l.Reason)
	for _, p := range append([]Place{d.Place}, d.Related...) {
		list = append(list, p.File, p.Source)
		if p.Insn != nil {
			list = append(list, p.Insn.Text)
		}
	}
	for _, r := range slices.Concat(d.Registers, l.Registers) {
		list = append(list, r.Name, r.State)
	}
	r := l.Report
	return append(list, l.Source.Text, l.Source.File, r.Title, r.Reason, r.Suggestion, r.Function, r.File, r.Source)
}

func checkBounds(t *testing.T, l Log, d Diagnosis) {
	t.Helper()
	for what, n := range map[string]struct{ got, most int }{
		"reasons":     {len(l.Reason), maxReason},
		"notes":       {len(d.Notes), maxReason},
		"related":     {len(d.Related), maxReason},
		"registers":   {len(l.Registers), numRegisters},
		"lines":       {len(l.edges), maxReason},
		"tail":        {len(d.Tail), tailLines},
		"depths":      {len(l.Stats.StackDepths), maxSubprograms},
		"subprograms": {len(l.Stats.InsnsPerSubprogram), maxSubprograms},
	} {
		if n.got > n.most {
			t.Errorf("%d %s", n.got, what)
		}
	}
}

func checkPrintable(t *testing.T, s string) {
	t.Helper()
	if !utf8.ValidString(s) {
		t.Errorf("prints invalid UTF-8: %q", s)
	}
	for _, c := range s {
		if c != '\n' && !unicode.IsPrint(c) {
			t.Errorf("prints %q", c)
		}
	}
}
