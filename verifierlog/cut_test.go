// SPDX-License-Identifier: MIT

package verifierlog

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// From 6.4 on a buffer that is too small holds the end of the log, which then begins
// in the middle of a line; before, it held the beginning. A cut log must not lead
// to another verdict, and what is shown from it must be part of what the whole
// shows.
func TestCutLogs(t *testing.T) {
	for _, kernel := range kernels {
		for _, file := range logsOf(t, kernel) {
			name := strings.TrimSuffix(filepath.Base(file), ".log")
			t.Run(kernel+"/"+name, func(t *testing.T) {
				text := readLog(t, file)
				whole := Parse(text)
				want := Explain(whole, nil)
				last := lastInsnLine(text, whole)
				for cut := 0; cut < len(text); cut += 11 {
					d := Explain(Parse(text[cut:]), nil)
					checkPart(t, "start", cut, d, want)
					if cut <= last && !sameWords(d, want) {
						t.Errorf("cut at %d: %q, %s", cut, d.Message, d.Code)
					}
					checkPart(t, "end", cut, Explain(Parse(text[:cut]), nil), Diagnosis{})
				}
			})
		}
	}
}

// lastInsnLine returns where the line of the last instruction begins.
func lastInsnLine(text string, l Log) int {
	if l.Insn == nil {
		return 0
	}
	return strings.LastIndex("\n"+text, fmt.Sprintf("\n%d: %s", l.Insn.Index, l.Insn.Text))
}

func sameWords(a, b Diagnosis) bool {
	return a.Message == b.Message && a.Code == b.Code && slices.Equal(a.Notes, b.Notes)
}

// checkPart compares the registers and the source of a cut log with those of the
// whole. Without a whole it is enough that nothing panicked.
func checkPart(t *testing.T, what string, cut int, got, whole Diagnosis) {
	t.Helper()
	if whole.Message == "" || got.Insn == nil || whole.Insn == nil || *got.Insn != *whole.Insn {
		return
	}
	for _, r := range got.Registers {
		if !slices.Contains(whole.Registers, r) {
			t.Errorf("%s cut at %d: %s is shown as %s, whole: %v", what, cut, r.Name, r.State, whole.Registers)
		}
	}
	// Old kernels never cut the start, and in their logs the rest of a line cannot
	// be told from a first line.
	if got.Source != "" && got.Source != whole.Source && whole.File != "" {
		t.Errorf("%s cut at %d: source %q, whole: %q", what, cut, got.Source, whole.Source)
	}
}
