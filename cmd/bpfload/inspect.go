// SPDX-License-Identifier: MIT

package main

import (
	"cmp"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/bpfload/bpfload/elf"
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
			if err := e.checkFormat(cmd, &format, []string{"text", "json", "mermaid", "dot"}); err != nil {
				return err
			}
			code := cmd.Flags().Changed("disasm")
			if format == "mermaid" || format == "dot" {
				if relocs || code {
					return hinted(usagef("--format=%s is a picture, without --relocs and --disasm", format), "leave them out, or use --format=text or --format=json")
				}
			}
			opts, err := open.options()
			if err != nil {
				return err
			}
			var failed error // the first
			for i, file := range args {
				if i > 0 && format == "text" {
					fmt.Fprintln(e.stdout)
				}
				o, err := loader.OpenFile(file, opts)
				if err != nil && (len(args) == 1 || exitCode(err) == exitUsage) {
					return err
				}
				if err != nil { // which says nothing of the others
					e.finish(err)
					failed = cmp.Or(failed, err)
					continue
				}
				if name := strings.TrimSpace(disasm); name != "" && o.Program(name) == nil {
					return missing("--disasm", "program", name, names(o.Programs, func(p *spec.Program) string { return p.Name }))
				}
				switch d := inspect.Describe(file, o); format {
				case "json":
					err = d.WriteJSON(e.stdout, o, relocs, code, strings.TrimSpace(disasm))
				case "mermaid":
					err = d.WriteMermaid(e.stdout, inspect.UsesOf(o))
				case "dot":
					err = d.WriteDot(e.stdout, inspect.UsesOf(o))
				default:
					err = e.showObject(d, o, relocs, code, strings.TrimSpace(disasm))
				}
				if place := (*elf.Error)(nil); errors.As(err, &place) && place.File == "" {
					place.File = file
				}
				if err != nil {
					return err
				}
			}
			if failed != nil {
				return &silent{failed}
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

// showObject prints a description as text, and what else was asked for.
func (e *env) showObject(d *inspect.Document, o *loader.Object, relocs, code bool, program string) error {
	if err := d.WriteText(e.stdout); err != nil {
		return err
	}
	if relocs {
		if err := inspect.WriteRelocs(e.stdout, o); err != nil {
			return err
		}
	}
	if !code {
		return nil
	}
	return inspect.WriteDisasm(e.stdout, o, program)
}
