// SPDX-License-Identifier: MIT

package inspect

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"reflect"
	"strings"

	"github.com/bpfload/bpfload/internal/plain"
)

// DiffSchema identifies the form of a [Diff].
const DiffSchema = "bpfload/diff/v1"

// A Diff is what changed from one object to another.
type Diff struct {
	Schema   string   `json:"schema"`
	Old      string   `json:"old"`
	New      string   `json:"new"`
	Same     bool     `json:"identical"`
	ELF      []Field  `json:"elf"`
	Maps     []Change `json:"maps"`
	Programs []Change `json:"programs"`
	Vars     []Change `json:"variables"`
}

// A Change concerns one map, program or variable.
type Change struct {
	Name   string  `json:"name"`
	Change string  `json:"change"` // "added", "removed" or "changed"
	Fields []Field `json:"fields,omitempty"`
	// Reusable says of a changed map whether one pinned by the old object can
	// serve the new one: nothing that the kernel compares has changed.
	Reusable *bool `json:"reusable,omitempty"`
}

// A Field is one difference.
type Field struct {
	Field string `json:"field"`
	Old   string `json:"old"`
	New   string `json:"new"`
}

// Compare describes how b differs from a. Where things stand in the file, and the
// order in which they come, do not count. typesEqual says whether the key and value
// types of a map are the same in both; nil takes them to be.
func Compare(a, b *Document, typesEqual func(name string) bool) *Diff {
	d := &Diff{
		Schema: DiffSchema, Old: a.File, New: b.File,
		ELF:      fields(a.ELF, b.ELF, nil),
		Maps:     []Change{},
		Programs: compareAll(a.Programs, b.Programs, func(p Program) string { return p.Name }, programSkip),
		Vars:     compareAll(a.Variables, b.Variables, func(v Variable) string { return v.Section + "/" + v.Name }, nil),
	}
	d.Maps = compareAll(a.Maps, b.Maps, func(m Map) string { return m.Name }, mapSkip)
	if typesEqual != nil {
		d.Maps = addTypeChanges(d.Maps, a.Maps, b.Maps, typesEqual)
	}
	for i := range d.Maps {
		if c := &d.Maps[i]; c.Change == "changed" {
			ok := reusable(c.Fields)
			c.Reusable = &ok
		}
	}
	d.Same = len(d.ELF)+len(d.Maps)+len(d.Programs)+len(d.Vars) == 0
	return d
}

// Fields in which a change means nothing by itself.
var (
	mapSkip     = map[string]bool{"section": true, "dialect": true, "evidence": true, "origin": true}
	programSkip = map[string]bool{"type_from": true}
)

// reusable says whether only fields changed that an existing map need not share.
func reusable(changed []Field) bool {
	for _, f := range changed {
		switch f.Field {
		case "values", "pinning", "pin_path", "numa_node":
		default:
			return false
		}
	}
	return true
}

func addTypeChanges(changes []Change, a, b []Map, equal func(string) bool) []Change {
	old := make(map[string]bool, len(a))
	for _, m := range a {
		old[m.Name] = true
	}
	at := make(map[string]int, len(changes))
	for i, c := range changes {
		at[c.Name] = i
	}
	for _, m := range b {
		if !old[m.Name] || equal(m.Name) {
			continue
		}
		f := Field{"types", "BTF of key and value", "different BTF of key and value"}
		if i, ok := at[m.Name]; ok {
			changes[i].Fields = append(changes[i].Fields, f)
		} else {
			changes = append(changes, Change{Name: m.Name, Change: "changed", Fields: []Field{f}})
		}
	}
	return changes
}

// compareAll pairs entries by name: changes and removals in the order of a, then
// additions in the order of b.
func compareAll[T any](a, b []T, name func(T) string, skip map[string]bool) []Change {
	changes := []Change{}
	index := make(map[string]T, len(b))
	for _, v := range b {
		index[name(v)] = v
	}
	seen := make(map[string]bool, len(a))
	for _, v := range a {
		n := name(v)
		seen[n] = true
		w, ok := index[n]
		if !ok {
			changes = append(changes, Change{Name: n, Change: "removed"})
		} else if f := fields(v, w, skip); len(f) > 0 {
			changes = append(changes, Change{Name: n, Change: "changed", Fields: f})
		}
	}
	for _, w := range b {
		if n := name(w); !seen[n] {
			changes = append(changes, Change{Name: n, Change: "added"})
		}
	}
	return changes
}

// fields lists the JSON fields in which two values of one struct type differ.
func fields(a, b any, skip map[string]bool) []Field {
	out := []Field{}
	va, vb := reflect.ValueOf(a), reflect.ValueOf(b)
	for i := range va.NumField() {
		name, _, _ := strings.Cut(va.Type().Field(i).Tag.Get("json"), ",")
		if skip[name] {
			continue
		}
		fa, fb := va.Field(i).Interface(), vb.Field(i).Interface()
		if !reflect.DeepEqual(fa, fb) {
			out = append(out, Field{name, text(fa), text(fb)})
		}
	}
	return out
}

func text(v any) string {
	if s, ok := v.(string); ok {
		return s
	}
	b, err := json.Marshal(v)
	if err != nil {
		return fmt.Sprint(v)
	}
	return string(b)
}

// WriteText writes the differences for people to read; nothing where there is none.
func (d *Diff) WriteText(w io.Writer) error {
	b := bufio.NewWriter(w)
	for _, f := range d.ELF {
		fmt.Fprintf(b, "object: %s\n", f)
	}
	for _, kind := range []struct {
		name    string
		changes []Change
	}{{"map", d.Maps}, {"program", d.Programs}, {"variable", d.Vars}} {
		for _, c := range kind.changes {
			fmt.Fprintf(b, "%s %s: %s", kind.name, plain.Line(c.Name), c.Change)
			if c.Reusable != nil {
				if *c.Reusable {
					b.WriteString(", a pinned one can be reused")
				} else {
					b.WriteString(", a pinned one cannot be reused")
				}
			}
			b.WriteByte('\n')
			for _, f := range c.Fields {
				fmt.Fprintf(b, "  %s\n", f)
			}
		}
	}
	return b.Flush()
}

// String formats the field as "name: old -> new".
func (f Field) String() string {
	return fmt.Sprintf("%s: %s -> %s", f.Field, plain.Line(quoteEmpty(f.Old)), plain.Line(quoteEmpty(f.New)))
}

func quoteEmpty(s string) string {
	if s == "" {
		return `""`
	}
	return s
}
