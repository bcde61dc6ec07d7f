// SPDX-License-Identifier: MIT

package main

import (
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"
)

// version is set by the release build; other builds report what Go recorded.
var version = ""

func newVersion(e *env) *cobra.Command {
	return &cobra.Command{
		Use:     "version",
		Short:   "Print the version",
		Example: "  bpfload version",
		Args:    atMost(0, "no operand"),
		RunE: func(*cobra.Command, []string) error {
			v := version
			if info, ok := debug.ReadBuildInfo(); ok && v == "" {
				v = info.Main.Version
			}
			if e.json {
				return e.printJSON(map[string]string{"schema": "bpfload/version/v1", "version": v, "go": runtime.Version()})
			}
			_, err := fmt.Fprintf(e.stdout, "bpfload %s (%s)\n", v, runtime.Version())
			return err
		},
	}
}
