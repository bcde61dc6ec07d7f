// SPDX-License-Identifier: MIT

package main

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"
)

// env is what a verb works with besides its arguments.
type env struct {
	stdin          io.Reader
	stdout, stderr io.Writer
	json           bool // --json: answers and errors are JSON documents
	quiet          bool // --quiet: no remarks, and no words for what was done
}

// remark writes a line for people to standard error.
func (e *env) remark(format string, args ...any) {
	if !e.quiet {
		fmt.Fprintf(e.stderr, "bpfload: "+format+"\n", args...)
	}
}

// A verb is one entry of the command's table. Its flags exist only once it has
// been chosen, so that a boot script does not pay for those of the others.
type verb struct {
	name string
	make func(*env) *cobra.Command
}

var verbs = []verb{
	{"inspect", newInspect},
	{"diff", newDiff},
	{"load", newLoad},
	{"unload", newUnload},
	{"attach", newAttach},
	{"detach", newDetach},
	{"status", newStatus},
	{"map", newMap},
	{"verify", newVerify},
	{"probe", newProbe},
	{"explain", newExplain},
	{"version", newVersion},
}

// newRoot makes the command tree: of the verb in args alone where there is one,
// otherwise of all.
func newRoot(e *env, args []string) *cobra.Command {
	root := &cobra.Command{
		Use:   "bpfload",
		Short: "Read, check, load and look after BPF objects",
		Long: `bpfload opens any clang-compiled BPF object, old or new, says exactly what is
in it, and loads it: all or nothing.`,
		SilenceErrors:     true,
		SilenceUsage:      true,
		DisableAutoGenTag: true,
		Args:              cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				cmd.SetOut(e.stderr)
				cmd.Help()
				return usagef("no verb given")
			}
			return unknownVerb(args[0])
		},
	}
	root.SetOut(e.stdout)
	root.SetErr(e.stderr)
	root.SetIn(e.stdin)
	root.PersistentFlags().BoolVar(&e.json, "json", false, "print answers and errors as JSON")
	root.PersistentFlags().BoolVarP(&e.quiet, "quiet", "q", false, "print no remarks, nor what was done")
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error { return e.flagError(cmd, args, err) })
	root.SetHelpCommand(newHelp())
	root.CompletionOptions.HiddenDefaultCmd = true
	root.CompletionOptions.DisableDefaultCmd = isVerb(firstOperand(args))
	for _, v := range verbs {
		if name := firstOperand(args); name != v.name && isVerb(name) {
			continue
		}
		root.AddCommand(v.make(e))
	}
	root.InitDefaultCompletionCmd(args...)
	if c, _, err := root.Find([]string{"completion"}); err == nil && c != root {
		c.Args = cobra.ArbitraryArgs
		c.RunE = func(c *cobra.Command, args []string) error {
			return hinted(usagef("completion: want bash, zsh, fish or powershell"), "try: bpfload completion bash")
		}
	}
	return root
}

// firstOperand returns the first argument that is no flag. The flags that may
// stand before a verb take no values.
func firstOperand(args []string) string {
	for _, a := range args {
		if !strings.HasPrefix(a, "-") {
			return a
		}
	}
	return ""
}

func isVerb(name string) bool {
	return slices.ContainsFunc(verbs, func(v verb) bool { return v.name == name })
}
