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
		Args:    atMost(1, "one CODE, or -"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				if e.json {
					return e.printJSON(codesDocument{explainSchema, codes()})
				}
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
				if e.json {
					return e.printJSON(logDocument{explainSchema, diagnoses(string(log))})
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
				}{explainSchema, p})
			}
			_, err := io.WriteString(e.stdout, strings.TrimRight(p.Text, "\n")+"\n")
			return err
		},
	}
}

const explainSchema = "bpfload/explain/v1"

// A codesDocument is the answer of explain without operand.
type codesDocument struct {
	Schema string     `json:"schema"`
	Codes  []codeName `json:"codes"`
}

type codeName struct {
	Code  string `json:"code"`
	Title string `json:"title"`
}

func codes() []codeName {
	var list []codeName
	for _, p := range explain.Pages() {
		list = append(list, codeName{p.Code, p.Title})
	}
	return list
}

// A logDocument is the answer of "explain -": what each log of the input says.
type logDocument struct {
	Schema string      `json:"schema"`
	Logs   []diagnosis `json:"logs"`
}

type diagnosis struct {
	Program   string     `json:"program"`
	Message   string     `json:"message"` // "" where the log has none
	Code      string     `json:"code"`    // "" where the message is of no known class
	Title     string     `json:"title"`
	Help      string     `json:"help"`
	Source    *place     `json:"source,omitempty"`
	Related   []place    `json:"related,omitempty"`
	Notes     []string   `json:"notes,omitempty"`
	Registers []register `json:"registers,omitempty"`
	Tail      []string   `json:"tail,omitempty"` // the end of what is no verifier's log
}

type place struct {
	File   string `json:"file"`
	Line   int    `json:"line"`
	Column int    `json:"column,omitempty"`
	Text   string `json:"text"`
	Insn   *int   `json:"insn,omitempty"`
}

type register struct {
	Name  string `json:"name"`
	State string `json:"state"`
}

func diagnoses(text string) []diagnosis {
	list := []diagnosis{}
	for _, d := range verifierlog.Diagnose(text) {
		j := diagnosis{Program: d.Program, Message: d.Message, Code: d.Code, Title: d.Title, Help: d.Help, Notes: d.Notes, Tail: d.Tail}
		if d.File != "" || d.Insn != nil {
			at := placeOf(d.Place)
			j.Source = &at
		}
		for _, p := range d.Related {
			j.Related = append(j.Related, placeOf(p))
		}
		for _, r := range d.Registers {
			j.Registers = append(j.Registers, register{r.Name, r.State})
		}
		list = append(list, j)
	}
	return list
}

func placeOf(p verifierlog.Place) place {
	at := place{File: p.File, Line: p.Line, Column: p.Column, Text: p.Source}
	if p.Insn != nil {
		at.Insn = &p.Insn.Index
	}
	return at
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
