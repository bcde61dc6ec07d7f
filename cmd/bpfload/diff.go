// SPDX-License-Identifier: MIT

package main

import (
	"github.com/spf13/cobra"

	"github.com/bpfload/bpfload/inspect"
	"github.com/bpfload/bpfload/loader"
)

func newDiff(e *env) *cobra.Command {
	var open openFlags
	cmd := &cobra.Command{
		Use:   "diff OLD NEW",
		Short: "Say what changed between two objects",
		Long: `diff lists the maps, programs and variables that were added, removed or changed,
field by field, and whether maps pinned by OLD can be reused by NEW. It exits 0 if
the objects describe the same, 1 if they differ.`,
		Example: "  bpfload diff testdata/bpf/xdp_counters.o testdata/bpf/xdp_counters-clang22.o",
		Args:    exactly(2, "OLD and NEW"),
		RunE: func(cmd *cobra.Command, args []string) error {
			opts, err := open.options()
			if err != nil {
				return err
			}
			old, err := loader.OpenFile(args[0], opts)
			if err != nil {
				return err
			}
			new, err := loader.OpenFile(args[1], opts)
			if err != nil {
				return err
			}
			d := inspect.Compare(inspect.Describe(args[0], old), inspect.Describe(args[1], new), func(name string) bool {
				return loader.SameTypes(old, new, name)
			})
			if e.json {
				err = e.printJSON(d)
			} else {
				err = d.WriteText(e.stdout)
			}
			if err == nil && !d.Same {
				err = errNo
			}
			return err
		},
	}
	open.add(cmd.Flags())
	return cmd
}
