// SPDX-License-Identifier: MIT

package verify

import (
	"bufio"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/bpfload/bpfload/internal/plain"
	"github.com/bpfload/bpfload/verifierlog"
)

// Formats are the names that [Write] knows.
var Formats = []string{"text", "json", "github", "sarif", "junit"}

// Write writes documents in one of the [Formats].
func Write(w io.Writer, format string, docs []*Document) error {
	switch format {
	case "json":
		for _, d := range docs {
			if err := writeJSON(w, d); err != nil {
				return err
			}
		}
		return nil
	case "github":
		return writeGitHub(w, docs)
	case "sarif":
		return writeSARIF(w, docs)
	case "junit":
		return writeJUnit(w, docs)
	}
	return writeText(w, docs)
}

// writeJSON writes one document, indented.
func writeJSON(w io.Writer, doc any) error {
	b, err := plain.Marshal(doc, "")
	if err != nil {
		return err
	}
	_, err = w.Write(append(b, '\n'))
	return err
}

func writeText(w io.Writer, docs []*Document) error {
	b := bufio.NewWriter(w)
	for _, d := range docs {
		fmt.Fprintf(b, "%s: %s\n", plain.Line(d.File), d.Verdict)
		if len(d.Programs) == 0 {
			fmt.Fprintf(b, "  no programs; maps created: %d\n", d.Maps)
		} else {
			writePrograms(b, d.Programs)
		}
		for i := range d.Programs {
			p := &d.Programs[i]
			if p.diagnosis != nil {
				b.WriteByte('\n')
				if err := verifierlog.Render(b, *p.diagnosis); err != nil {
					return err
				}
			} else if p.Error != "" && d.Error == "" {
				name := fmt.Sprintf("program %q: ", p.Name)
				writeError(b, name+strings.TrimPrefix(p.Error, name), p.Help)
			}
		}
		if d.Error != "" {
			writeError(b, d.Error, d.Help)
		}
		for _, r := range d.Regressions {
			fmt.Fprintf(b, "\nregression: %s\n", plain.Line(r))
		}
	}
	return b.Flush()
}

func writePrograms(w io.Writer, programs []Program) {
	tw := tabwriter.NewWriter(w, 0, 8, 2, ' ', 0)
	fmt.Fprintln(tw, "  program\tsection\tverdict\tinsns\tprocessed\tstates\tstack\ttime")
	for i := range programs {
		p := &programs[i]
		fmt.Fprintf(tw, "  %s\t%s\t%s\t%d\t%d\t%d\t%d\t%.3f ms\n", plain.Line(p.Name), plain.Line(p.Section),
			p.Verdict, p.Insns, p.Processed, p.States, p.Stack, p.Seconds*1000)
	}
	tw.Flush()
}

func writeError(w io.Writer, message, help string) {
	fmt.Fprintf(w, "\nerror: %s\n", plain.Line(message))
	if help != "" {
		fmt.Fprintf(w, "   = help: %s\n", plain.Line(help))
	}
}

// writeGitHub writes workflow commands, which GitHub turns into annotations.
func writeGitHub(w io.Writer, docs []*Document) error {
	b := bufio.NewWriter(w)
	for _, d := range docs {
		if d.Error != "" {
			fmt.Fprintf(b, "::error file=%s::%s\n", property(d.File), data(strings.TrimSuffix(d.Error+"\n"+d.Help, "\n")))
		}
		for _, p := range d.Programs {
			switch {
			case p.Source != nil:
				fmt.Fprintf(b, "::error file=%s,line=%d", property(p.Source.File), p.Source.Line)
				if p.Source.Column > 0 {
					fmt.Fprintf(b, ",col=%d", p.Source.Column)
				}
				fmt.Fprintf(b, ",title=%s::%s\n", property("program "+p.Name+" rejected"), data(p.message()))
			case p.Verdict == "rejected" && d.Error == "":
				fmt.Fprintf(b, "::error file=%s,title=%s::%s\n", property(d.File), property("program "+p.Name+" rejected"), data(p.message()))
			case p.Verdict == "ok":
				fmt.Fprintf(b, "::notice file=%s::%s\n", property(d.File),
					data(fmt.Sprintf("program %s: %d instructions, %d looked at, %d bytes of stack", p.Name, p.Insns, p.Processed, p.Stack)))
			}
		}
		for _, r := range d.Regressions {
			fmt.Fprintf(b, "::error file=%s,title=regression::%s\n", property(d.File), data(r))
		}
	}
	return b.Flush()
}

// How workflow commands escape the text after "::" and the values before it.
var (
	dataEscapes     = strings.NewReplacer("%", "%25", "\n", "%0A")
	propertyEscapes = strings.NewReplacer("%", "%25", "\n", "%0A", ":", "%3A", ",", "%2C")
)

// Whoever shows an annotation undoes that, so what must not reach a terminal is
// escaped before.
func data(s string) string     { return dataEscapes.Replace(plain.Lines(s)) }
func property(s string) string { return propertyEscapes.Replace(plain.Lines(s)) }

// message is the error and what to do about it.
func (p *Program) message() string {
	if p.Help == "" {
		return p.Error
	}
	return p.Error + "\n" + p.Help
}
