// SPDX-License-Identifier: MIT

package main

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
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
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error { return flagError(cmd, err) })
	root.CompletionOptions.HiddenDefaultCmd = true
	root.CompletionOptions.DisableDefaultCmd = isVerb(firstOperand(args))
	for _, v := range verbs {
		if name := firstOperand(args); name != v.name && isVerb(name) {
			continue
		}
		root.AddCommand(v.make(e))
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

func unknownVerb(name string) error {
	names := make([]string, len(verbs))
	for i, v := range verbs {
		names[i] = v.name
	}
	if near := nearest(name, names); near != "" {
		return hinted(usagef("unknown verb %q", name), "did you mean: bpfload "+near)
	}
	return hinted(usagef("unknown verb %q", name), "try: bpfload help")
}

// flagError turns pflag's complaint into a usage error that proposes the nearest
// flag there is.
func flagError(cmd *cobra.Command, err error) error {
	msg := err.Error()
	wrong, found := strings.CutPrefix(msg, "unknown flag: --")
	if !found {
		return hinted(usagef("%s", msg), "try: "+cmd.CommandPath()+" --help")
	}
	var names []string
	cmd.Flags().VisitAll(func(f *pflag.Flag) { names = append(names, f.Name) })
	cmd.InheritedFlags().VisitAll(func(f *pflag.Flag) { names = append(names, f.Name) })
	if near := nearest(wrong, names); near != "" {
		return hinted(usagef("unknown flag --%s", wrong), "did you mean: --"+near)
	}
	return hinted(usagef("unknown flag --%s", wrong), "try: "+cmd.CommandPath()+" --help")
}
