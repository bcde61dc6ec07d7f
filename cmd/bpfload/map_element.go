// SPDX-License-Identifier: MIT

package main

import (
	"fmt"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/bpfload/bpfload/mapops"
)

// elementFlags say how an element is read or written.
type elementFlags struct {
	words string
	cpu   int
}

func (f *elementFlags) add(fs *pflag.FlagSet, words string) {
	fs.StringVar(&f.words, "flags", "", "`LIST` of "+words)
}

func (f *elementFlags) addCPU(fs *pflag.FlagSet) {
	fs.IntVar(&f.cpu, "cpu", -1, "the value of CPU `N` of a per-CPU map alone")
}

func (f *elementFlags) flags() (mapops.Flags, error) {
	flags, err := mapops.ParseFlags(f.words)
	if err != nil {
		return 0, err
	}
	if f.cpu >= 0 {
		flags |= mapops.OnCPU(uint32(f.cpu))
	} else if f.cpu < -1 {
		return 0, usagef("--cpu %d: want the number of a CPU", f.cpu)
	}
	return flags, nil
}

func newMapGet(e *env) *cobra.Command {
	f := elementFlags{cpu: -1}
	cmd := &cobra.Command{
		Use:   "get PIN [KEY]",
		Short: "Print the value of a key",
		Long: `get prints the value of a key as JSON, and exits 1 if there is no such key. Without
a key it prints the value that is next in a queue or stack. Given a value it says
whether a bloom filter may have it.`,
		Example: `  bpfload map get /sys/fs/bpf/firewall/networks 10.9.0.0/16`,
		RunE: func(cmd *cobra.Command, args []string) error {
			flags, err := f.flags()
			if err != nil {
				return err
			}
			return e.withMap(cmd, args, true, func(v *mapVerb, rest []string) error {
				if v.m.IsBloomFilter() {
					return v.contains(rest)
				}
				return v.get(rest, flags, f.cpu >= 0)
			})
		},
	}
	f.add(cmd.Flags(), "lock")
	f.addCPU(cmd.Flags())
	return cmd
}

func (v *mapVerb) get(args []string, flags mapops.Flags, one bool) error {
	key, err := v.key(args)
	if err != nil {
		return err
	}
	value, err := v.m.Lookup(key, flags)
	if err != nil {
		return err
	}
	if !one {
		return v.showElement(key, value)
	}
	text, err := v.m.FormatCPUValue(nil, value)
	if err != nil {
		return err
	}
	return v.show(key, func(d *mapDocument) { d.Value = text }, text)
}

// key parses the operands of verbs that take a key, or nothing for a map without.
func (v *mapVerb) key(args []string) ([]byte, error) {
	texts, err := v.operands(args, v.elementNames(false)...)
	if err != nil || len(texts) == 0 {
		return nil, err
	}
	return v.m.ParseKey(texts[0])
}

// showElement prints a value, and its key in a document.
func (v *mapVerb) showElement(key, value []byte) error {
	text, err := v.m.FormatValue(nil, value)
	if err != nil {
		return err
	}
	return v.show(key, func(d *mapDocument) { d.put(v.m, text) }, text)
}

// show prints a document, or a line of text unless it is nil.
func (v *mapVerb) show(key []byte, fill func(*mapDocument), line []byte) error {
	if !v.e.json {
		if line == nil {
			return nil
		}
		_, err := fmt.Fprintf(v.e.stdout, "%s\n", line)
		return err
	}
	d := v.document()
	if len(key) > 0 {
		text, err := v.m.FormatKey(nil, key)
		if err != nil {
			return err
		}
		d.Key = text
	}
	if fill != nil {
		fill(d)
	}
	return v.e.printJSON(d)
}

func (v *mapVerb) contains(args []string) error {
	texts, err := v.operands(args, "value")
	if err != nil {
		return err
	}
	value, err := v.m.ParseValue(texts[0])
	if err != nil {
		return err
	}
	there, err := v.m.Contains(value)
	if err != nil {
		return err
	}
	answer := "no"
	if there {
		answer = "maybe"
	}
	text, err := v.m.FormatValue(nil, value)
	if err == nil {
		err = v.show(nil, func(d *mapDocument) { d.Value, d.Present = text, &there }, []byte(answer))
	}
	if err == nil && !there {
		err = errNo
	}
	return err
}

func newMapSet(e *env) *cobra.Command {
	f := elementFlags{cpu: -1}
	var merge bool
	cmd := &cobra.Command{
		Use:   "set PIN [KEY] VALUE",
		Short: "Write an element",
		Long: `set writes the value of a key. Without a key it pushes the value on a queue or
stack, or adds it to a bloom filter. Members of a struct that are left out are 0, or
with --merge what they were; variables of a data section stay what they were in any
case. Reading and writing are two steps: what a program writes in between is lost.`,
		Example: `  bpfload map set /sys/fs/bpf/firewall/networks 10.9.0.0/16 true`,
		RunE: func(cmd *cobra.Command, args []string) error {
			flags, err := f.flags()
			if err != nil {
				return err
			}
			return e.withMap(cmd, args, false, func(v *mapVerb, rest []string) error {
				e := element{one: f.cpu >= 0, merge: merge || v.m.IsSection()}
				if e.one && merge {
					return usagef("map set: --merge and --cpu exclude each other")
				}
				key, value, err := v.element(rest, e)
				if err != nil {
					return err
				}
				if err := v.m.Update(key, value, flags); err != nil {
					return err
				}
				return v.show(key, nil, nil)
			})
		},
	}
	f.add(cmd.Flags(), "any, noexist (create only), exist (change only) and lock")
	f.addCPU(cmd.Flags())
	cmd.Flags().BoolVar(&merge, "merge", false, "keep the members of a struct that are left out")
	return cmd
}

// element says what the value of an element on the command line is.
type element struct {
	one   bool // the value of one CPU
	merge bool // a change of the value that is there
}

func (v *mapVerb) element(args []string, e element) (key, value []byte, err error) {
	texts, err := v.operands(args, v.elementNames(true)...)
	if err != nil {
		return nil, nil, err
	}
	if v.m.KeySize != 0 {
		if key, err = v.m.ParseKey(texts[0]); err != nil {
			return nil, nil, err
		}
		texts = texts[1:]
	}
	switch {
	case e.one:
		value, err = v.m.ParseCPUValue(texts[0])
	case e.merge:
		old, lookupErr := v.m.Lookup(key, 0)
		if isMissing(lookupErr) {
			old, lookupErr = make([]byte, v.m.ValueLen()), nil
		}
		if lookupErr != nil {
			return nil, nil, lookupErr
		}
		value, err = v.m.MergeValue(old, texts[0])
	default:
		value, err = v.m.ParseValue(texts[0])
	}
	return key, value, err
}

func newMapDelete(e *env) *cobra.Command {
	var missingOK bool
	cmd := &cobra.Command{
		Use:     "delete PIN KEY",
		Short:   "Remove an element",
		Long:    `delete removes an element, or empties a slot, and exits 1 if there is no such key.`,
		Example: `  bpfload map delete /sys/fs/bpf/firewall/networks 10.9.0.0/16`,
		RunE: func(cmd *cobra.Command, args []string) error {
			return e.withMap(cmd, args, false, func(v *mapVerb, rest []string) error {
				texts, err := v.operands(rest, "key")
				if err != nil {
					return err
				}
				key, err := v.m.ParseKey(texts[0])
				if err != nil {
					return err
				}
				if err := v.m.Delete(key); err != nil && !(missingOK && isMissing(err)) {
					return err
				}
				return v.show(key, nil, nil)
			})
		},
	}
	cmd.Flags().BoolVar(&missingOK, "missing-ok", false, "exit 0 if there is no such key")
	return cmd
}
