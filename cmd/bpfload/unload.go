// SPDX-License-Identifier: MIT

package main

import (
	"errors"
	"fmt"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/bpfload/bpfload/loader"
)

func newUnload(e *env) *cobra.Command {
	var (
		missingOK bool
		opts      loader.UnloadOptions
	)
	cmd := &cobra.Command{
		Use:   "unload DIR",
		Short: "Detach and remove what a load pinned",
		Long: `unload takes a set of pins out of sight in one step, then detaches its links and
removes its programs and maps. What others still use lives on until they let go.`,
		Example: "  bpfload unload /sys/fs/bpf/counters",
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) != 1 {
				return hinted(usagef("unload: want one DIR, got %d operands", len(args)), "try: bpfload unload --help")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			dir, err := filepath.Abs(args[0])
			if err != nil {
				return err
			}
			steps, err := loader.Unload(cmd.Context(), dir, &opts)
			var gone *loader.Error
			if missingOK && errors.As(err, &gone) && gone.Code == "not-loaded" {
				steps, err = nil, nil
			}
			if e.json && err == nil {
				if steps == nil {
					steps = []loader.Step{}
				}
				return e.printJSON(struct {
					Schema string        `json:"schema"`
					Dir    string        `json:"dir"`
					DryRun bool          `json:"dry_run"`
					Steps  []loader.Step `json:"steps"`
				}{"bpfload/unload/v1", dir, opts.DryRun, steps})
			}
			if !e.json && (!e.quiet || opts.DryRun) {
				for _, s := range steps {
					fmt.Fprintln(e.stdout, s)
				}
			}
			return err
		},
	}
	f := cmd.Flags()
	f.BoolVar(&missingOK, "missing-ok", false, "a directory that is not there is no failure")
	f.BoolVar(&opts.DryRun, "dry-run", false, "say what would be done and do nothing")
	return cmd
}
