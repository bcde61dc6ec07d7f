// SPDX-License-Identifier: MIT

package main

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// manName returns the file of a command's page: "bpfload map get" is in
// bpfload-map-get.1.
func manName(cmd *cobra.Command) string {
	return strings.ReplaceAll(cmd.CommandPath(), " ", "-") + ".1"
}

// exitTable reads the rows of the table below "## Exit codes": code and meaning.
func exitTable(readme string) (rows [][2]string) {
	_, text, _ := strings.Cut(readme, "\n## Exit codes\n")
	text, _, _ = strings.Cut(text, "\n## ")
	for line := range strings.Lines(text) {
		cells := strings.Split(line, "|")
		if len(cells) < 4 || strings.Trim(cells[1], " 0123456789") != "" {
			continue
		}
		meaning := strings.TrimSpace(cells[2])
		if strings.TrimSpace(cells[3]) == "yes" {
			meaning += "; trying again helps"
		}
		rows = append(rows, [2]string{strings.TrimSpace(cells[1]), meaning})
	}
	return rows
}

// manPage renders a command as a page for man(1), in the man macros.
func manPage(cmd *cobra.Command, exits [][2]string) []byte {
	var b bytes.Buffer
	section := func(name string) { fmt.Fprintf(&b, ".SH %s\n", name) }
	title := strings.TrimSuffix(manName(cmd), ".1")

	b.WriteString(".\\\" SPDX-License-Identifier: MIT\n.\\\" Made from the command's flags; change those.\n")
	fmt.Fprintf(&b, ".TH %s 1 \"\" bpfload \"User Commands\"\n", strings.ToUpper(roff(title)))
	section("NAME")
	fmt.Fprintf(&b, "%s \\- %s\n", roff(title), roff(lowerFirst(cmd.Short)))
	section("SYNOPSIS")
	synopsis(&b, cmd)
	section("DESCRIPTION")
	text := cmd.Long
	if text == "" {
		text = cmd.Short + "."
	}
	prose(&b, text)
	if below := documented(cmd)[1:]; len(below) > 0 && cmd.HasParent() {
		section("VERBS")
		verbList(&b, below)
	} else if len(below) > 0 {
		section("VERBS")
		verbList(&b, cmd.Commands())
	}
	section("OPTIONS")
	options(&b, cmd.NonInheritedFlags())
	options(&b, cmd.InheritedFlags())
	if cmd.Example != "" {
		section("EXAMPLES")
		example(&b, cmd.Example)
	}
	if !cmd.HasParent() {
		section("EXIT STATUS")
		for _, row := range exits {
			fmt.Fprintf(&b, ".TP\n.B %s\n%s\n", row[0], roff(row[1]))
		}
	}
	section("SEE ALSO")
	seeAlso(&b, cmd)
	return b.Bytes()
}

func synopsis(b *bytes.Buffer, cmd *cobra.Command) {
	if !cmd.HasParent() {
		b.WriteString(".B bpfload\n.I VERB\n[\\fIOPERAND\\fR...] [\\fIOPTION\\fR...]\n")
		return
	}
	path := cmd.CommandPath()
	operands := strings.TrimPrefix(cmd.UseLine(), path)
	operands = strings.TrimSuffix(operands, " [flags]")
	fmt.Fprintf(b, ".B %s\n", roff(path))
	if operands = strings.TrimSpace(operands); operands != "" {
		b.WriteString(roff(operands) + "\n")
	}
	b.WriteString("[\\fIOPTION\\fR...]\n")
}

func verbList(b *bytes.Buffer, cmds []*cobra.Command) {
	for _, c := range cmds {
		if !c.IsAvailableCommand() || c.Name() == "help" {
			continue
		}
		fmt.Fprintf(b, ".TP\n.BR %s (1)\n%s\n", roff(strings.TrimSuffix(manName(c), ".1")), roff(c.Short))
	}
}

func options(b *bytes.Buffer, flags *pflag.FlagSet) {
	flags.VisitAll(func(f *pflag.Flag) {
		if f.Hidden {
			return
		}
		operand, usage := pflag.UnquoteUsage(f)
		b.WriteString(".TP\n")
		if f.Shorthand != "" {
			fmt.Fprintf(b, "\\fB\\-%s\\fR, ", f.Shorthand)
		}
		fmt.Fprintf(b, "\\fB\\-\\-%s\\fR", roff(f.Name))
		switch {
		case operand == "":
		case f.NoOptDefVal != "":
			fmt.Fprintf(b, "[=\\fI%s\\fR]", roff(operand))
		default:
			fmt.Fprintf(b, " \\fI%s\\fR", roff(operand))
		}
		b.WriteString("\n" + line(usage))
		if f.DefValue != "" && f.DefValue != "false" && f.DefValue != "0" && f.DefValue != "[]" && f.DefValue != "0s" {
			b.WriteString(" (default " + roff(f.DefValue) + ")")
		}
		b.WriteString("\n")
	})
}

func seeAlso(b *bytes.Buffer, cmd *cobra.Command) {
	var pages []string
	if cmd.HasParent() {
		pages = append(pages, strings.TrimSuffix(manName(cmd.Parent()), ".1")+" 1")
		for _, c := range cmd.Parent().Commands() {
			if c != cmd && c.IsAvailableCommand() && c.Name() != "help" {
				pages = append(pages, strings.TrimSuffix(manName(c), ".1")+" 1")
			}
		}
	} else {
		pages = []string{"bpf 2", "bpf-helpers 7", "ip 8", "tc 8"}
	}
	for i, p := range pages {
		name, number, _ := strings.Cut(p, " ")
		comma := " ,"
		if i == len(pages)-1 {
			comma = ""
		}
		fmt.Fprintf(b, ".BR %s (%s)%s\n", roff(name), number, comma)
	}
}

// prose writes paragraphs, and indented lines as they stand.
func prose(b *bytes.Buffer, text string) {
	for i, paragraph := range strings.Split(strings.Trim(text, "\n"), "\n\n") {
		if i > 0 {
			b.WriteString(".PP\n")
		}
		if strings.HasPrefix(paragraph, "  ") {
			example(b, paragraph)
			continue
		}
		for l := range strings.SplitSeq(paragraph, "\n") {
			b.WriteString(line(l) + "\n")
		}
	}
}

func example(b *bytes.Buffer, text string) {
	b.WriteString(".EX\n")
	for l := range strings.SplitSeq(strings.Trim(text, "\n"), "\n") {
		b.WriteString(line(strings.TrimPrefix(l, "  ")) + "\n")
	}
	b.WriteString(".EE\n")
}

// line keeps the first character of a line of text from being taken for a request.
func line(s string) string {
	s = roff(s)
	if strings.HasPrefix(s, ".") || strings.HasPrefix(s, "'") {
		return `\&` + s
	}
	return s
}

var roffEscapes = strings.NewReplacer(`\`, `\e`, "-", `\-`, "'", `\(aq`, "^", `\(ha`, "~", `\(ti`, "`", `\(ga`)

func roff(s string) string { return roffEscapes.Replace(s) }

func lowerFirst(s string) string {
	if s == "" {
		return s
	}
	return strings.ToLower(s[:1]) + s[1:]
}
