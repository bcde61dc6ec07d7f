// SPDX-License-Identifier: MIT

package main

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/bpfload/bpfload/internal/plain"
	"github.com/bpfload/bpfload/mapops"
)

func newMap(e *env) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "map",
		Short: "Read and write maps of the running kernel",
		Long: `map reads, writes and looks after maps. A map is named by its pin or, by those
who may, as id:N.

Keys and values are JSON, typed by the map's BTF: numbers, names of enumerators,
text, addresses ("10.0.0.1"), structs as objects. Without BTF they are numbers of
the right size. hex:0a00ff gives the bytes of anything. A key of an LPM trie may be
written 10.0.0.0/8. Where the kernel wants a program or a map, pinned:PATH or id:N
names it; a devmap takes names of interfaces. The values of a per-CPU map are a
list of one for each possible CPU; a single value goes to all of them. Operands may
have their names before them, and must where they begin with a dash: value=-1.`,
		Example: "  bpfload map get /sys/fs/bpf/counters/counters 0",
		Args:    cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return hinted(usagef("map: no operation given"), "try: bpfload map --help")
			}
			var names []string
			for _, c := range cmd.Commands() {
				names = append(names, c.Name())
			}
			err := usagef("map: unknown operation %q", args[0])
			if near := nearest(args[0], names); near != "" {
				return hinted(err, "did you mean: bpfload map "+near)
			}
			return hinted(err, "try: bpfload map --help")
		},
	}
	cmd.AddCommand(
		newMapGet(e), newMapSet(e), newMapDelete(e), newMapPop(e), newMapNext(e),
		newMapUpdateBatch(e), newMapDeleteBatch(e),
		newMapDump(e), newMapExport(e), newMapImport(e),
		newMapFreeze(e), newMapPin(e), newMapCreate(e),
	)
	return cmd
}

// A mapDocument is the answer of every operation on maps; those that read have more
// to say than those that write.
type mapDocument struct {
	Schema  string             `json:"schema"`
	Op      string             `json:"op"`
	Map     mapops.Description `json:"map"`
	Pin     string             `json:"pin,omitempty"`
	Frozen  bool               `json:"frozen,omitempty"`
	Key     json.RawMessage    `json:"key,omitempty"`
	Value   json.RawMessage    `json:"value,omitempty"`
	Values  json.RawMessage    `json:"values,omitempty"`  // of all possible CPUs
	Present *bool              `json:"present,omitempty"` // whether a bloom filter may have it
	Entries *[]json.RawMessage `json:"entries,omitempty"`
	Count   *int               `json:"count,omitempty"` // elements read or written
}

// A mapVerb is one operation on an open map.
type mapVerb struct {
	e   *env
	op  string
	pin string
	m   *mapops.Map
}

// withMap opens the map that the first operand names and calls f with the rest.
func (e *env) withMap(cmd *cobra.Command, args []string, readOnly bool, f func(v *mapVerb, rest []string) error) error {
	if len(args) == 0 {
		return hinted(usagef("map %s: no PIN given", cmd.Name()), "try: "+cmd.CommandPath()+" --help")
	}
	ref, err := mapRef(args[0])
	if err != nil {
		return err
	}
	m, err := mapops.Open(ref, &mapops.Options{ReadOnly: readOnly})
	if err != nil {
		return err
	}
	defer m.Close()
	if err := m.TypesError(); err != nil {
		e.remark("the types of this map cannot be read (%v): keys and values are numbers and bytes", err)
	}
	return f(&mapVerb{e: e, op: cmd.Name(), pin: ref, m: m}, args[1:])
}

// mapRef makes a path absolute.
func mapRef(arg string) (string, error) {
	if strings.HasPrefix(arg, "id:") {
		return arg, nil
	}
	return filepath.Abs(strings.TrimPrefix(arg, "pinned:"))
}

func (v *mapVerb) document() *mapDocument {
	d := &mapDocument{Schema: mapops.Schema, Op: v.op, Map: v.m.Describe(), Frozen: v.m.Frozen()}
	if !strings.HasPrefix(v.pin, "id:") {
		d.Pin = v.pin
	}
	return d
}

// put sets the value of a document, or those of all CPUs.
func (d *mapDocument) put(m *mapops.Map, value json.RawMessage) {
	if m.PerCPU() {
		d.Values = value
	} else {
		d.Value = value
	}
}

// operands sorts operands such as "key=1 value=2" or "1 2": those without a name
// take the names that are left, in order. It returns one text for each name.
func (v *mapVerb) operands(args []string, names ...string) ([]string, error) {
	out := make([]string, len(names))
	have := make([]bool, len(names))
	var rest []string
next:
	for _, arg := range args {
		for i, name := range names {
			text, ok := strings.CutPrefix(arg, name+"=")
			if !ok {
				continue
			}
			if have[i] {
				return nil, usagef("map %s: %s is given twice", v.op, name)
			}
			out[i], have[i] = text, true
			continue next
		}
		rest = append(rest, arg)
	}
	for i, name := range names {
		switch {
		case have[i]:
		case len(rest) == 0:
			return nil, hinted(usagef("map %s: no %s given", v.op, name), v.try(names))
		default:
			out[i], rest = rest[0], rest[1:]
		}
	}
	if len(rest) > 0 {
		return nil, hinted(usagef("map %s: do not know what to do with %q", v.op, rest[0]), v.try(names))
	}
	return out, nil
}

func (v *mapVerb) try(names []string) string {
	s := fmt.Sprintf("try: bpfload map %s %s", v.op, v.pin)
	for _, name := range names {
		s += " " + strings.ToUpper(name)
	}
	return s
}

// elementNames are the operands that name an element.
func (v *mapVerb) elementNames(value bool) []string {
	var names []string
	if v.m.KeySize != 0 {
		names = append(names, "key")
	}
	if value {
		names = append(names, "value")
	}
	return names
}

// A partialError is a batch that was cut short.
type partialError struct {
	error
	did  string // such as "wrote"
	done int
	of   int // 0 where it is not known
}

func (e *partialError) Error() string {
	if e.of > 0 {
		return fmt.Sprintf("%s %d of %s, then: %v", e.did, e.done, plain.Count(e.of, "element"), e.error)
	}
	return fmt.Sprintf("%s %s, then: %v", e.did, plain.Count(e.done, "element"), e.error)
}

func (e *partialError) Unwrap() error { return e.error }

// Count returns how many elements were done.
func (e *partialError) Count() int { return e.done }
