// SPDX-License-Identifier: MIT

package main

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
)

// A report prints differences as they are found and counts them.
type report struct {
	out     io.Writer
	entries []*explanation
	verbose bool

	objects, fields, explained, unexplained, failures int

	kinds map[string]int // unexplained, by oracle and kind of field
}

func newReport(out io.Writer, entries []*explanation, verbose bool) *report {
	return &report{out: out, entries: entries, verbose: verbose, kinds: map[string]int{}}
}

func (r *report) object(name string, found []finding) {
	r.objects++
	var matching []*explanation
	for _, e := range r.entries {
		if globPath(e.object, name) {
			matching = append(matching, e)
		}
	}
	for _, f := range found {
		r.fields += f.fields
		if f.failed != nil {
			r.failures++
			fmt.Fprintf(r.out, "%s: no comparison: %v\n", name, f.failed)
		}
		for _, d := range f.diffs {
			r.difference(name, f.oracle, d, matching)
		}
	}
}

func (r *report) difference(name, oracle string, d difference, entries []*explanation) {
	line := fmt.Sprintf("%s: %s: bpfload %q%s, %s %q%s", name, d.path, d.ours, inBrackets(d.ourNote), oracle, d.theirs, inBrackets(d.theirNote))
	for _, e := range entries {
		if e.explains(oracle, d) {
			e.used++
			r.explained++
			if r.verbose {
				fmt.Fprintf(r.out, "%s (explained: %s)\n", line, e.reason)
			}
			return
		}
	}
	r.unexplained++
	r.kinds[oracle+" "+kind(d.path)]++
	fmt.Fprintln(r.out, line)
}

func inBrackets(note string) string {
	if note == "" {
		return ""
	}
	return " (" + note + ")"
}

// kind is a path without names: "map/*/max_entries".
func kind(path string) string {
	parts := strings.Split(path, "/")
	if len(parts) > 1 {
		parts[1] = "*"
	}
	if len(parts) > 3 && parts[2] == "values" {
		parts[3] = "*"
	}
	return strings.Join(parts, "/")
}

// finish prints the sums; it reports whether all is well.
func (r *report) finish(strict bool) bool {
	ok := r.unexplained == 0
	for _, e := range r.entries {
		if strict && e.used == 0 {
			ok = false
			fmt.Fprintf(r.out, "explained.txt:%d: explains nothing any more: remove it\n", e.line)
		}
	}
	for _, k := range slices.Sorted(maps.Keys(r.kinds)) {
		fmt.Fprintf(r.out, "%6d  %s\n", r.kinds[k], k)
	}
	fmt.Fprintf(r.out, "%d objects, %d fields compared, %d differences unexplained, %d explained, %d answers missing\n",
		r.objects, r.fields, r.unexplained, r.explained, r.failures)
	return ok && r.objects > 0
}
