// SPDX-License-Identifier: MIT

package main

import (
	"fmt"
	"runtime"
	"strconv"
	"strings"

	"github.com/spf13/pflag"

	"github.com/bpfload/bpfload/internal/kernel"
	"github.com/bpfload/bpfload/loader"
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

func (d *editFlags) apply(o *loader.Object) error {
	for _, s := range d.set {
		name, value, ok := strings.Cut(s, "=")
		if !ok {
			return usagef("--set %s: want VAR=VALUE", s)
		}
		v := o.Variable(name)
		if v == nil {
			names := make([]string, len(o.Variables))
			for i := range o.Variables {
				names[i] = o.Variables[i].Name
			}
			return missing("--set", "variable", name, names)
		}
		if err := v.SetText(value); err != nil {
			return usagef("--set %s: %v", s, err)
		}
	}
	for _, s := range d.maxEntries {
		name, value, ok := cutLast(s, "=")
		if !ok {
			return usagef("--max-entries %s: want MAP=N", s)
		}
		m := o.Map(name)
		if m == nil {
			names := make([]string, len(o.Maps))
			for i, m := range o.Maps {
				names[i] = m.Name
			}
			return missing("--max-entries", "map", name, names)
		}
		n, err := parseEntries(value)
		if err != nil {
			return usagef("--max-entries %s: %v", s, err)
		}
		m.MaxEntries = n
	}
	names := make([]string, len(o.Programs))
	for i, p := range o.Programs {
		names[i] = p.Name
	}
	for _, name := range d.only {
		if o.Program(name) == nil {
			return missing("--only", "program", name, names)
		}
	}
	if len(d.only) > 0 {
		for _, p := range o.Programs {
			p.Autoload = contains(d.only, p.Name)
		}
	}
	for _, name := range d.optional {
		if o.Program(name) == nil {
			return missing("--optional", "program", name, names)
		}
	}
	return nil
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

func contains(list []string, name string) bool {
	for _, s := range list {
		if s == name {
			return true
		}
	}
	return false
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
