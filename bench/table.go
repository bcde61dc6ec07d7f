// SPDX-License-Identifier: MIT

package main

import (
	"fmt"
	"io"
	"path/filepath"
	"strings"
)

// A table is printed as Markdown.
type table struct {
	title string
	head  []string
	rows  [][]string
	notes []string
}

func (t *table) row(cells ...string) { t.rows = append(t.rows, cells) }

// note remembers why a contender has no number.
func (t *table) note(samples ...*sample) {
	for _, s := range samples {
		if s.refused != nil {
			t.notes = append(t.notes, s.refused.Error())
		}
	}
}

func (t *table) write(w io.Writer) {
	fmt.Fprintf(w, "### %s\n\n| %s |\n|---|%s\n", t.title, strings.Join(t.head, " | "), strings.Repeat("--:|", len(t.head)-1))
	for _, r := range t.rows {
		fmt.Fprintf(w, "| %s |\n", strings.Join(r, " | "))
	}
	fmt.Fprintln(w)
	for _, n := range t.notes {
		fmt.Fprintf(w, "No number: %s\n\n", n)
	}
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
