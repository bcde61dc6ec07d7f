// SPDX-License-Identifier: MIT

package main

import (
	"fmt"
	"runtime"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/pflag"

	"github.com/bpfload/bpfload/internal/kernel"
	"github.com/bpfload/bpfload/loader"
	"github.com/bpfload/bpfload/spec"
)

// editFlags change an object between opening and loading.
type editFlags struct {
	set, maxEntries, only, optional []string
}

func (d *editFlags) add(f *pflag.FlagSet) {
	f.StringArrayVar(&d.set, "set", nil, "initial value of a variable, as `VAR=VALUE`")
	f.StringArrayVar(&d.maxEntries, "max-entries", nil, "size of a map, as `MAP=N`; N may be ncpu")
	f.StringSliceVar(&d.only, "only", nil, "load only these `PROGRAMS`, optional ones included")
	f.StringSliceVar(&d.optional, "optional", nil, "`PROGRAMS` that may fail to load")
}

// apply edits the objects. A name that only some of several objects have is theirs.
func (d *editFlags) apply(objects []*loader.Object, opts *loader.LoadOptions) error {
	for _, s := range d.set {
		name, text, ok := strings.Cut(s, "=")
		if !ok {
			return usagef("--set %s: want VAR=VALUE", s)
		}
		err := each(objects, func(o *loader.Object) bool { return o.Variable(name) != nil }, func(o *loader.Object) error {
			return o.SetVariable(name, text)
		})
		if err != nil {
			return err
		}
	}
	for _, s := range d.maxEntries {
		name, text, ok := cutLast(s, "=")
		if !ok {
			return usagef("--max-entries %s: want MAP=N", s)
		}
		n, err := parseEntries(text)
		if err != nil {
			return usagef("--max-entries %s: %v", s, err)
		}
		err = each(objects, func(o *loader.Object) bool { return o.Map(name) != nil }, func(o *loader.Object) error {
			m := o.Map(name)
			if m == nil {
				return missing("--max-entries", "map", name, names(o.Maps, func(m *spec.Map) string { return m.Name }))
			}
			m.MaxEntries = n
			return nil
		})
		if err != nil {
			return err
		}
	}
	for _, name := range d.only {
		err := each(objects, func(o *loader.Object) bool { return o.Program(name) != nil }, func(o *loader.Object) error {
			if o.Program(name) == nil {
				return missing("--only", "program", name, names(o.Programs, func(p *spec.Program) string { return p.Name }))
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	if len(d.only) > 0 {
		for _, o := range objects {
			for _, p := range o.Programs {
				p.Autoload = slices.Contains(d.only, p.Name)
			}
		}
	}
	opts.Optional = d.optional
	return nil
}

// each calls do with every object that has what is meant; with the first, for the
// error, where none has.
func each(objects []*loader.Object, has func(*loader.Object) bool, do func(*loader.Object) error) error {
	found := false
	for _, o := range objects {
		if !has(o) {
			continue
		}
		found = true
		if err := do(o); err != nil {
			return err
		}
	}
	if !found {
		return do(objects[0])
	}
	return nil
}

func names[T any](list []T, name func(T) string) []string {
	out := make([]string, len(list))
	for i, v := range list {
		out[i] = name(v)
	}
	return out
}

// parseEntries reads a number of entries; "ncpu" is the number of CPUs that the
// machine can have.
func parseEntries(s string) (uint32, error) {
	if s == "ncpu" {
		n, err := kernel.Running().PossibleCPUs()
		if err != nil {
			n = runtime.NumCPU()
		}
		return uint32(n), nil
	}
	n, err := strconv.ParseUint(s, 0, 32)
	if err != nil {
		return 0, fmt.Errorf("%q is neither a number of entries nor ncpu", s)
	}
	return uint32(n), nil
}

// missing is the error for a name on the command line that the object lacks.
func missing(flag, kind, name string, have []string) error {
	err := usagef("%s: the object has no %s %q", flag, kind, name)
	if near := nearest(name, have); near != "" {
		return hinted(err, fmt.Sprintf("did you mean: %s", near))
	}
	if len(have) == 0 {
		return err
	}
	if len(have) > 12 {
		have = append(have[:12:12], "...")
	}
	return hinted(err, "it has: "+strings.Join(have, ", "))
}
