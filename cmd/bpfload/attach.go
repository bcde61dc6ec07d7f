// SPDX-License-Identifier: MIT

package main

import (
	"fmt"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/bpfload/bpfload/attach"
	"github.com/bpfload/bpfload/internal/plain"
	"github.com/bpfload/bpfload/loader"
)

func newAttach(e *env) *cobra.Command {
	return &cobra.Command{
		Use:   "attach PIN TARGET",
		Short: "Attach a pinned program",
		Long: `attach attaches a pinned program and pins the link beside it, as NAME_link, or
NAME_link_2 and so on where the program has several. It stays attached until
"bpfload detach", "bpfload unload", or a restart of the machine.

TARGET says where to:

` + targets(),
		Example: "  bpfload attach /sys/fs/bpf/counters/count xdp:eth0",
		Args:    exactly(2, "PIN and TARGET"),
		RunE: func(cmd *cobra.Command, args []string) error {
			pin, err := filepath.Abs(args[0])
			if err != nil {
				return err
			}
			target, err := attach.Parse(args[1])
			if err != nil {
				return err
			}
			links, err := attach.Pinned(cmd.Context(), pin, target)
			if err != nil {
				return err
			}
			if e.json {
				return e.printJSON(struct {
					Schema string   `json:"schema"`
					Pin    string   `json:"pin"`
					Target string   `json:"target"`
					Links  []string `json:"links"`
				}{"bpfload/attach/v1", pin, target.String(), links})
			}
			if e.quiet {
				return nil
			}
			for _, l := range links {
				fmt.Fprintf(e.stdout, "attached %s to %s: link pinned at %s\n", plain.Line(pin), plain.Line(target.String()), plain.Line(l))
			}
			return nil
		},
	}
}

func newDetach(e *env) *cobra.Command {
	return &cobra.Command{
		Use:   "detach PIN",
		Short: "Detach a pinned program",
		Long: `detach detaches a pinned link and removes its pin. Of a pinned program it does so
with all links that are pinned beside it. The program stays loaded.`,
		Example: "  bpfload detach /sys/fs/bpf/counters/count",
		Args:    exactly(1, "one PIN"),
		RunE: func(cmd *cobra.Command, args []string) error {
			pin, err := filepath.Abs(args[0])
			if err != nil {
				return err
			}
			links, err := attach.Detach(cmd.Context(), pin)
			if err != nil {
				return err
			}
			if e.json {
				return e.printJSON(struct {
					Schema string   `json:"schema"`
					Pin    string   `json:"pin"`
					Links  []string `json:"links"`
				}{"bpfload/detach/v1", pin, links})
			}
			if e.quiet {
				return nil
			}
			for _, l := range links {
				fmt.Fprintf(e.stdout, "detached %s\n", plain.Line(l))
			}
			return nil
		},
	}
}

// targets lists the kinds of targets, one a line.
func targets() string {
	var b strings.Builder
	for _, k := range attach.Kinds() {
		fmt.Fprintf(&b, "  %s\n        %s (Linux %s)\n", k.Syntax, k.About, k.Since)
	}
	b.WriteString("\nThe versions are those from which on a link of that kind can be pinned.")
	return b.String()
}

// attachFlags say what a load attaches.
type attachFlags struct{ list []string }

// bySection stands for --attach without a value.
const bySection = "*"

func (a *attachFlags) add(f *pflag.FlagSet) {
	f.StringArrayVar(&a.list, "attach", nil, "attach programs where their sections say, or one as `PROG=TARGET` (see attach --help)")
	f.Lookup("attach").NoOptDefVal = bySection
}

// apply has the load attach programs if any flag asks for it.
func (a *attachFlags) apply(objects []*loader.Object, opts *loader.LoadOptions) error {
	if len(a.list) == 0 {
		return nil
	}
	var want attach.Options
	for _, s := range a.list {
		if s == bySection {
			want.Sections = true
			continue
		}
		name, text, hasTarget := strings.Cut(s, "=")
		r := attach.Request{Program: name}
		if hasTarget {
			var err error
			if r.Target, err = attach.Parse(text); err != nil {
				return err
			}
		}
		want.Requests = append(want.Requests, r)
	}
	if err := want.Check(objects); err != nil {
		return err
	}
	opts.Attach, opts.AttachSteps = want.Func(), want.Steps
	return nil
}
