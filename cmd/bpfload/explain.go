// SPDX-License-Identifier: MIT

package main

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/bpfload/bpfload/explain"
	"github.com/bpfload/bpfload/verifierlog"
)

func newExplain(e *env) *cobra.Command {
	return &cobra.Command{
		Use:   "explain CODE|-",
		Short: "Say what an error means, or annotate a verifier log",
		Long: `explain prints the page of an error code, as it stands in the "code" field of JSON
errors and verdicts. With - it reads a verifier log from standard input, of any
program loaded by any means, and says what it means. Without operand it lists the
codes.`,
		Example: "  bpfload explain verifier/null-pointer",
		Args:    cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				for _, p := range explain.Pages() {
					fmt.Fprintf(e.stdout, "%-32s %s\n", p.Code, p.Title)
				}
				return nil
			}
			if args[0] == "-" {
				log, err := io.ReadAll(io.LimitReader(e.stdin, 64<<20))
				if err != nil {
					return err
				}
				_, err = io.WriteString(e.stdout, verifierlog.Annotate(string(log)))
				return err
			}
			p, ok := explain.Lookup(args[0])
			if !ok {
				return e.unknownCode(args[0])
			}
			if e.json {
				return e.printJSON(struct {
					Schema string `json:"schema"`
					explain.Page
				}{"bpfload/explain/v1", p})
			}
			_, err := io.WriteString(e.stdout, strings.TrimRight(p.Text, "\n")+"\n")
			return err
		},
	}
}

func (e *env) unknownCode(code string) error {
	var codes []string
	for _, p := range explain.Pages() {
		codes = append(codes, p.Code)
	}
	err := usagef("no error has the code %q", code)
	if near := nearest(code, codes); near != "" {
		return hinted(err, "did you mean: bpfload explain "+near)
	}
	if i := slices.IndexFunc(codes, func(c string) bool { return strings.Contains(c, code) }); i >= 0 {
		return hinted(err, "did you mean: bpfload explain "+codes[i])
	}
	return hinted(err, "bpfload explain lists the codes")
}
