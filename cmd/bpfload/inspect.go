// SPDX-License-Identifier: MIT

package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/bpfload/bpfload/inspect"
	"github.com/bpfload/bpfload/loader"
	"github.com/bpfload/bpfload/spec"
)

func newInspect(e *env) *cobra.Command {
	var (
		open   openFlags
		format string
		disasm string
		relocs bool
	)
	cmd := &cobra.Command{
		Use:   "inspect FILE...",
		Short: "Say what is in an object",
		Long: `inspect lists the maps, programs and variables of each object, the slots it fills
in, the dialect of legacy maps with its evidence, and the capabilities that loading
it needs. It needs no privileges and does not touch the kernel.`,
		Example: "  bpfload inspect testdata/bpf/tailcall.o",
		Args:    operands("FILE"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if e.json {
				if cmd.Flags().Changed("format") && format != "json" {
					return usagef("--json and --format=%s exclude each other", format)
				}
				format = "json"
			}
			switch format {
			case "text", "json", "mermaid", "dot":
			default:
				return usagef("--format=%s: want text, json, mermaid or dot", format)
			}
			opts, err := open.options()
			if err != nil {
				return err
			}
			for i, file := range args {
				o, err := loader.OpenFile(file, opts)
				if err != nil {
					return err
				}
				if name := strings.TrimSpace(disasm); name != "" && o.Program(name) == nil {
					return missing("--disasm", "program", name, names(o.Programs, func(p *spec.Program) string { return p.Name }))
				}
				if i > 0 && format == "text" {
					fmt.Fprintln(e.stdout)
				}
				if err := e.showObject(file, o, format); err != nil {
					return err
				}
				if relocs {
					if err := inspect.WriteRelocs(e.stdout, o); err != nil {
						return err
					}
				}
				if cmd.Flags().Changed("disasm") {
					if err := inspect.WriteDisasm(e.stdout, o, strings.TrimSpace(disasm)); err != nil {
						return err
					}
				}
			}
			return nil
		},
	}
	f := cmd.Flags()
	open.add(f)
	f.StringVar(&format, "format", "text", "text, json, mermaid or dot")
	f.StringVar(&disasm, "disasm", "", "also print the instructions, of one program or of all")
	f.Lookup("disasm").NoOptDefVal = " "
	f.BoolVar(&relocs, "relocs", false, "also print the relocations")
	return cmd
}

func (e *env) showObject(file string, o *loader.Object, format string) error {
	d := inspect.Describe(file, o)
	switch format {
	case "json":
		return e.printJSON(d)
	case "mermaid":
		return d.WriteMermaid(e.stdout, inspect.UsesOf(o))
	case "dot":
		return d.WriteDot(e.stdout, inspect.UsesOf(o))
	}
	return d.WriteText(e.stdout)
}
