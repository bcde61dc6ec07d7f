// SPDX-License-Identifier: MIT

package verify

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/bpfload/bpfload/inspect"
	"github.com/bpfload/bpfload/verifierlog"
)

// Formats are the names that [Write] knows.
var Formats = []string{"text", "json", "github", "sarif", "junit"}

// Write writes documents in one of the [Formats].
func Write(w io.Writer, format string, docs []*Document) error {
	switch format {
	case "json":
		enc := json.NewEncoder(w)
		enc.SetIndent("", "  ")
		enc.SetEscapeHTML(false)
		for _, d := range docs {
			if err := enc.Encode(d); err != nil {
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

func writeText(w io.Writer, docs []*Document) error {
	b := bufio.NewWriter(w)
	for _, d := range docs {
		fmt.Fprintf(b, "%s: %s\n", inspect.Printable(d.File), d.Verdict)
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
			fmt.Fprintf(b, "\nregression: %s\n", inspect.Printable(r))
		}
	}
	return b.Flush()
}

func writePrograms(w io.Writer, programs []Program) {
	tw := tabwriter.NewWriter(w, 0, 8, 2, ' ', 0)
	fmt.Fprintln(tw, "  program\tsection\tverdict\tinsns\tprocessed\tstates\tstack\ttime")
	for i := range programs {
		p := &programs[i]
		fmt.Fprintf(tw, "  %s\t%s\t%s\t%d\t%d\t%d\t%d\t%.3f ms\n", inspect.Printable(p.Name), inspect.Printable(p.Section),
			p.Verdict, p.Insns, p.Processed, p.States, p.Stack, p.Seconds*1000)
	}
	tw.Flush()
}

func writeError(w io.Writer, message, help string) {
	fmt.Fprintf(w, "\nerror: %s\n", inspect.Printable(message))
	if help != "" {
		fmt.Fprintf(w, "   = help: %s\n", inspect.Printable(help))
	}
}

// writeGitHub writes workflow commands, which GitHub turns into annotations.
func writeGitHub(w io.Writer, docs []*Document) error {
	b := bufio.NewWriter(w)
	for _, d := range docs {
		if d.Error != "" {
			fmt.Fprintf(b, "::error file=%s::%s\n", property.Replace(d.File), data.Replace(strings.TrimSuffix(d.Error+"\n"+d.Help, "\n")))
		}
		for _, p := range d.Programs {
			switch {
			case p.Source != nil:
				fmt.Fprintf(b, "::error file=%s,line=%d", property.Replace(p.Source.File), p.Source.Line)
				if p.Source.Column > 0 {
					fmt.Fprintf(b, ",col=%d", p.Source.Column)
				}
				fmt.Fprintf(b, ",title=%s::%s\n", property.Replace("program "+p.Name+" rejected"), data.Replace(p.message()))
			case p.Verdict == "rejected" && d.Error == "":
				fmt.Fprintf(b, "::error file=%s,title=%s::%s\n", property.Replace(d.File), property.Replace("program "+p.Name+" rejected"), data.Replace(p.message()))
			case p.Verdict == "ok":
				fmt.Fprintf(b, "::notice file=%s::%s\n", property.Replace(d.File),
					data.Replace(fmt.Sprintf("program %s: %d instructions, %d looked at, %d bytes of stack", p.Name, p.Insns, p.Processed, p.Stack)))
			}
		}
		for _, r := range d.Regressions {
			fmt.Fprintf(b, "::error file=%s,title=regression::%s\n", property.Replace(d.File), data.Replace(r))
		}
	}
	return b.Flush()
}

// How workflow commands escape the text after "::" and the values before it.
var (
	data     = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", "\x1b", "%1B")
	property = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", "\x1b", "%1B", ":", "%3A", ",", "%2C")
)

// message is the error and what to do about it.
func (p *Program) message() string {
	if p.Help == "" {
		return p.Error
	}
	return p.Error + "\n" + p.Help
}
