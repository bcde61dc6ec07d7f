// SPDX-License-Identifier: MIT

package main

import (
	"errors"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/bpfload/bpfload/internal/plain"
)

func unknownVerb(name string) error {
	names := make([]string, len(verbs))
	for i, v := range verbs {
		if v.name == name { // behind "--"
			return hinted(usagef("%q stands where no verb can", name), "try: bpfload "+name)
		}
		names[i] = v.name
	}
	if near := nearest(name, names); near != "" {
		return hinted(usagef("unknown verb %q", name), "did you mean: bpfload "+near)
	}
	return hinted(usagef("unknown verb %q", name), "try: bpfload help")
}

// atMost wants no more than n operands, of the kinds named by form.
func atMost(n int, form string) cobra.PositionalArgs { return between(0, n, form) }

// exactly wants n operands.
func exactly(n int, form string) cobra.PositionalArgs { return between(n, n, form) }

func between(least, most int, form string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if n := len(args); n >= least && n <= most {
			return nil
		}
		return hinted(usagef("%s: want %s, got %s", cmd.Name(), form, plain.Count(len(args), "operand")), "try: "+cmd.CommandPath()+" --help")
	}
}

// flagError turns pflag's complaint into a usage error that proposes what is nearest.
// Flags behind the wrong one were not read: whether the error is to be JSON is found
// out here.
func (e *env) flagError(cmd *cobra.Command, args []string, err error) error {
	if end := slices.Index(args, "--"); end >= 0 {
		args = args[:end]
	}
	e.json = e.json || slices.Contains(args, "--json") || slices.Contains(args, "--json=true")
	help := "try: " + cmd.CommandPath() + " --help"
	var (
		unknown *pflag.NotExistError
		invalid *pflag.InvalidValueError
		missing *pflag.ValueRequiredError
	)
	switch {
	case errors.As(err, &unknown) && unknown.GetSpecifiedShortnames() != "":
		given := "-" + unknown.GetSpecifiedShortnames()
		if c := given[1]; c >= '0' && c <= '9' && cmd.HasParent() && cmd.Parent().Name() == "map" {
			return hinted(usagef("%s is no flag; a key or value that begins with a dash has its name before it", given), "try: value="+given)
		}
		return hinted(usagef("unknown flag -%s", unknown.GetSpecifiedName()), help)
	case errors.As(err, &unknown):
		wrong := unknown.GetSpecifiedName()
		if wrong == "version" {
			help = "try: bpfload version"
		}
		var names []string
		add := func(f *pflag.Flag) { names = append(names, f.Name) }
		cmd.Flags().VisitAll(add)
		cmd.InheritedFlags().VisitAll(add)
		if near := nearest(wrong, names); near != "" {
			help = "did you mean: --" + near
		}
		return hinted(usagef("unknown flag --%s", wrong), help)
	case errors.As(err, &invalid):
		f := invalid.GetFlag()
		wants, ok := map[string]string{"bool": "true or false", "int": "a number", "duration": "a time such as 10s"}[f.Value.Type()]
		if !ok {
			break
		}
		return hinted(usagef("--%s=%s: want %s", f.Name, invalid.GetValue(), wants), help)
	case errors.As(err, &missing):
		return hinted(usagef("--%s wants a value", missing.GetFlag().Name), help)
	}
	return hinted(usagef("%s", err), help)
}

// checkFormat has --json and --format mean the same, and refuses formats that are not known.
func (e *env) checkFormat(cmd *cobra.Command, format *string, known []string) error {
	if e.json {
		if cmd.Flags().Changed("format") && *format != "json" {
			return usagef("--json and --format=%s exclude each other", *format)
		}
		*format = "json"
	}
	e.json = *format == "json"
	if !slices.Contains(known, *format) {
		return usagef("--format=%s: want one of %s", *format, strings.Join(known, ", "))
	}
	return nil
}

// newHelp is what "bpfload help VERB" and "bpfload VERB --help" have in common.
func newHelp() *cobra.Command {
	return &cobra.Command{
		Use:               "help [command]",
		Short:             "Help about any command",
		Long:              "help prints the page of a verb, as its flag --help does.",
		ValidArgsFunction: completeVerb,
		RunE: func(cmd *cobra.Command, args []string) error {
			of, rest, err := cmd.Root().Find(args)
			if err != nil || len(rest) > 0 {
				name := strings.Join(args, " ")
				if len(args) == 1 {
					return unknownVerb(name)
				}
				return hinted(usagef("there is no verb %q", name), "try: bpfload help "+args[0])
			}
			of.InitDefaultHelpFlag() // so that the page has it
			return of.Help()
		},
	}
}

// completeVerb completes the operands of help.
func completeVerb(cmd *cobra.Command, args []string, begun string) ([]cobra.Completion, cobra.ShellCompDirective) {
	of, _, err := cmd.Root().Find(args)
	if err != nil {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	var list []cobra.Completion
	for _, c := range of.Commands() {
		if c.IsAvailableCommand() && strings.HasPrefix(c.Name(), begun) {
			list = append(list, cobra.CompletionWithDesc(c.Name(), c.Short))
		}
	}
	return list, cobra.ShellCompDirectiveNoFileComp
}
