// SPDX-License-Identifier: MIT

package main

import (
	"fmt"
	"io"
	"path/filepath"
	"strings"
)

// A table is printed as Markdown, row by row as they are measured.
type table struct {
	w     io.Writer
	title string
	head  []string
	begun bool
	notes []string
}

func (t *table) row(cells ...string) {
	if !t.begun {
		t.begun = true
		fmt.Fprintf(t.w, "### %s\n\n| %s |\n|---|%s\n", t.title, strings.Join(t.head, " | "), strings.Repeat("--:|", len(t.head)-1))
	}
	fmt.Fprintf(t.w, "| %s |\n", strings.Join(cells, " | "))
}

// note remembers why contenders have no number for an object.
func (t *table) note(object string, contenders []string, samples ...*sample) {
	const room = 160 // verifier logs are long
	for i, s := range samples {
		if s.refused == nil {
			continue
		}
		reason := s.refused.Error()
		if len(reason) > room {
			reason = reason[:room] + "..."
		}
		t.notes = append(t.notes, fmt.Sprintf("%s, %s: %s", name(object), contenders[i], reason))
	}
}

// end prints what belongs below the rows.
func (t *table) end() {
	if len(t.notes) > 0 {
		fmt.Fprintf(t.w, "\nNo number:\n\n")
	}
	for _, n := range t.notes {
		fmt.Fprintf(t.w, "    %s\n", n)
	}
	fmt.Fprintln(t.w)
}

// name of an object in tables: without what all have in common.
func name(object string) string { return strings.TrimSuffix(filepath.Base(object), ".o") }

// micros and millis format nanoseconds, "-" for none.
func micros(ns int64) string { return fraction(ns, 1e3) }
func millis(ns int64) string { return fraction(ns, 1e6) }

func fraction(n int64, unit float64) string {
	v := float64(n) / unit
	switch {
	case n < 0:
		return "-"
	case v < 10:
		return fmt.Sprintf("%.2f", v)
	case v < 100:
		return fmt.Sprintf("%.1f", v)
	}
	return fmt.Sprintf("%.0f", v)
}

func number(n int64) string {
	if n < 0 {
		return "-"
	}
	return fmt.Sprint(n)
}

// ratio of two measurements, "-" if one is missing.
func ratio(a, b int64) string {
	if a < 0 || b <= 0 {
		return "-"
	}
	return fmt.Sprintf("%.2f", float64(a)/float64(b))
}
