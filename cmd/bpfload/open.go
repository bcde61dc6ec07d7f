// SPDX-License-Identifier: MIT

package main

import (
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/bpfload/bpfload/loader"
	"github.com/bpfload/bpfload/secdef"
	"github.com/bpfload/bpfload/spec"
)

// openFlags decide how an object is read; every verb that opens one has them.
type openFlags struct {
	dialect string
	relaxed bool
	types   []string
}

func (o *openFlags) add(f *pflag.FlagSet) {
	f.StringVar(&o.dialect, "dialect", "", "read legacy map records in this dialect")
	f.BoolVar(&o.relaxed, "relaxed", false, "ignore unknown fields of BTF map definitions")
	f.StringArrayVar(&o.types, "type", nil, "program type of a section, as `SECTION=TYPE`; TYPE may be a section name, such as tc/ingress")
}

func (o *openFlags) options() (*loader.Options, error) {
	opts := &loader.Options{Dialect: o.dialect, Relaxed: o.relaxed}
	for _, t := range o.types {
		section, name, ok := cutLast(t, "=")
		if !ok || section == "" {
			return nil, usagef("--type %s: want SECTION=TYPE", t)
		}
		if typ, ok := spec.ParseProgramType(name); ok {
			put(&opts.Types, section, typ)
			delete(opts.Sections, section)
			continue
		}
		if _, ok := secdef.Match(name); ok {
			put(&opts.Sections, section, name)
			delete(opts.Types, section)
			continue
		}
		err := usagef("--type %s: no program type %q", t, name)
		if near := nearest(name, secdef.Names()); near != "" {
			err = hinted(err, "did you mean: "+near)
		}
		return nil, err
	}
	return opts, nil
}

// put sets an entry of a map that is made when it is needed.
func put[V any](m *map[string]V, key string, value V) {
	if *m == nil {
		*m = make(map[string]V)
	}
	(*m)[key] = value
}

// objects opens files in the order given.
func (o *openFlags) objects(files []string) ([]*loader.Object, error) {
	opts, err := o.options()
	if err != nil {
		return nil, err
	}
	list := make([]*loader.Object, len(files))
	for i, file := range files {
		if list[i], err = loader.OpenFile(file, opts); err != nil {
			return nil, err
		}
	}
	return list, nil
}

// cutLast splits s around the last sep: section names may contain "=".
func cutLast(s, sep string) (before, after string, found bool) {
	if i := strings.LastIndex(s, sep); i >= 0 {
		return s[:i], s[i+len(sep):], true
	}
	return s, "", false
}

// operands wants at least one operand of the kind named.
func operands(what string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) == 0 {
			return hinted(usagef("%s: no %s given", cmd.Name(), what), "try: "+cmd.CommandPath()+" --help")
		}
		return nil
	}
}

// A file is one of several operands that are dealt with each for itself.
type file struct {
	name    string
	object  *loader.Object // nil where err says why
	err     error
	verdict error // of verify
}

// each opens files in the order given. That one cannot be opened says nothing of the
// others; a wrong option does.
func (o *openFlags) each(names []string) ([]file, error) {
	opts, err := o.options()
	if err != nil {
		return nil, err
	}
	list := make([]file, len(names))
	for i, name := range names {
		f := &list[i]
		f.name = name
		if f.object, f.err = loader.OpenFile(name, opts); f.err != nil && exitCode(f.err) == exitUsage {
			return nil, f.err
		}
	}
	return list, nil
}

// opened returns the objects of those files that have one.
func opened(files []file) []*loader.Object {
	var list []*loader.Object
	for _, f := range files {
		if f.object != nil {
			list = append(list, f.object)
		}
	}
	return list
}
