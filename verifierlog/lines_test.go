// SPDX-License-Identifier: MIT

package verifierlog

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/bpfload/bpfload/internal/golden"
)

// lineTables reads the line tables of the recorded programs.
func lineTables(t *testing.T) map[string]LineTable {
	t.Helper()
	tables := make(map[string]LineTable)
	for row := range strings.Lines(readLog(t, "testdata/lines.txt")) {
		var name string
		var l Line
		if _, err := fmt.Sscanf(row, "%s %d %s %d %d %q\n", &name, &l.Insn, &l.File, &l.Line, &l.Column, &l.Text); err != nil {
			t.Fatalf("%q: %v", row, err)
		}
		tables[name] = append(tables[name], l)
	}
	return tables
}

func program(file string) string {
	return strings.TrimSuffix(strings.TrimSuffix(filepath.Base(file), ".log"), "_verbose")
}

// Whatever line a log alone leads to is the line that the object's own table gives.
func TestLogAgreesWithLineTable(t *testing.T) {
	tables := lineTables(t)
	compared := 0
	for _, kernel := range kernels {
		for _, file := range logsOf(t, kernel) {
			table := tables[program(file)]
			if table == nil {
				continue // built without line information
			}
			d := Explain(Parse(readLog(t, file)), nil)
			for _, p := range append([]Place{d.Place}, d.Related...) {
				if p.Insn == nil || p.Source == "" {
					continue
				}
				compared++
				want, ok := table.At(p.Insn.Index)
				if !ok || strings.TrimSpace(want.Text) != p.Source || p.File != "" && (want.File != p.File || want.Line != p.Line) {
					t.Errorf("%s: insn %d is said to be %s:%d %q, and is %s:%d %q",
						file, p.Insn.Index, p.File, p.Line, p.Source, want.File, want.Line, want.Text)
				}
			}
		}
	}
	if compared < 250 {
		t.Errorf("only %d places compared", compared)
	}
}

func TestRenderWithLineTable(t *testing.T) {
	tables := lineTables(t)
	var b strings.Builder
	for _, file := range logsOf(t, "6.18") {
		d := Explain(Parse(readLog(t, file)), tables[program(file)])
		d.Program = program(file)
		if err := Render(&b, d); err != nil {
			t.Fatal(err)
		}
	}
	golden.Check(t, "testdata/lines.golden", []byte(b.String()))
}

func TestLineTable(t *testing.T) {
	lines := LineTable{{Insn: 2, Line: 20}, {Insn: 5, Line: 50}, {Insn: 5, Line: 51}, {Insn: 9, Line: 90}}
	for insn, want := range map[int]int{0: 0, 1: 0, 2: 20, 4: 20, 5: 51, 8: 51, 9: 90, 1000: 90} {
		got, ok := lines.At(insn)
		if got.Line != want || ok != (want != 0) {
			t.Errorf("At(%d) = %d, %v, want %d", insn, got.Line, ok, want)
		}
	}
}
