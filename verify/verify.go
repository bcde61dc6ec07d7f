// SPDX-License-Identifier: MIT

// Package verify reports what the kernel says of an object's programs, for people,
// for continuous integration (GitHub annotations, SARIF, JUnit) and for comparison
// with an earlier report. [loader.Object.Verify] does the asking.
package verify

import (
	"errors"
	"fmt"
	"time"

	"github.com/bpfload/bpfload/inspect"
	"github.com/bpfload/bpfload/loader"
	"github.com/bpfload/bpfload/verifierlog"
)

// Schema identifies the form of a [Document].
const Schema = "bpfload/verify/v1"

// A Document is the verdict on one object.
type Document struct {
	Schema      string            `json:"schema"`
	File        string            `json:"file"`
	Verdict     string            `json:"verdict"` // "accepted" or "rejected"
	Error       string            `json:"error,omitempty"`
	Code        string            `json:"code,omitempty"` // of Error, argument of "bpfload explain"
	Help        string            `json:"help,omitempty"`
	Maps        int               `json:"maps"` // that were created
	Programs    []Program         `json:"programs"`
	Regressions []string          `json:"regressions,omitempty"`
	Warnings    []inspect.Warning `json:"warnings,omitempty"`
}

// A Program is the verdict on one program.
type Program struct {
	Name    string  `json:"name"`
	Section string  `json:"section"`
	Verdict string  `json:"verdict"` // "ok", "rejected" or "skipped"
	Insns   int     `json:"insns"`   // 8-byte instructions, subprograms included
	States  int     `json:"states"`  // that the verifier kept, in all
	Stack   int     `json:"stack"`   // bytes
	Seconds float64 `json:"seconds"` // that loading it took
	Error   string  `json:"error"`

	Processed int     `json:"processed"` // instructions, each as often as the verifier looked at it
	Verifying float64 `json:"verifying_seconds"`
	Code      string  `json:"code,omitempty"` // argument of "bpfload explain"
	Source    *Source `json:"source,omitempty"`
	Help      string  `json:"help,omitempty"`
	Log       string  `json:"log,omitempty"` // the verifier's own words, the end of them where they are long

	diagnosis *verifierlog.Diagnosis
}

// A Source is the line that a rejection is about.
type Source struct {
	File   string `json:"file"`
	Line   int    `json:"line"`
	Column int    `json:"column,omitempty"`
	Text   string `json:"text,omitempty"`
	Insn   int    `json:"insn"`
}

// logTail is how much of a log a document keeps.
const logTail = 16 << 10

// Unopened makes the document of a file that could not be opened as an object.
func Unopened(file string, err error) *Document {
	d := &Document{Schema: Schema, File: file, Verdict: "rejected", Programs: []Program{}, Error: err.Error(), Code: "object"}
	var e *loader.Error
	if errors.As(err, &e) {
		d.Help, d.Code = e.Advice, e.Code
	}
	return d
}

// Describe makes the document of a report.
func Describe(o *loader.Object, r *loader.Report) *Document {
	d := &Document{Schema: Schema, File: o.File, Verdict: "rejected", Maps: r.Maps, Programs: make([]Program, 0, len(r.Programs))}
	if r.Accepted {
		d.Verdict = "accepted"
	}
	if r.Err != nil {
		d.Error = r.Err.Error()
		var e *loader.Error
		if errors.As(r.Err, &e) {
			d.Help, d.Code = e.Advice, e.Code
		}
	}
	for _, w := range r.Warnings {
		d.Warnings = append(d.Warnings, inspect.Warning(w))
	}
	for _, p := range r.Programs {
		d.Programs = append(d.Programs, describe(o, p))
	}
	return d
}

func describe(o *loader.Object, r loader.ProgramReport) Program {
	p := Program{
		Name:      r.Spec.Name,
		Section:   r.Spec.Section,
		Verdict:   string(r.Verdict),
		Insns:     r.Insns,
		States:    r.Stats.States,
		Stack:     r.Stats.Stack,
		Seconds:   seconds(r.Time),
		Processed: r.Stats.Processed,
		Verifying: seconds(r.Stats.Time),
	}
	if r.Err == nil {
		return p
	}
	p.Error = r.Err.Error()
	var e *loader.Error
	if !errors.As(r.Err, &e) {
		return p
	}
	p.Code = e.Code
	p.Help = e.Advice
	if e.Log == "" {
		return p
	}
	p.Log = e.Log
	if n := len(p.Log) - logTail; n > 0 {
		p.Log = fmt.Sprintf("(%d bytes left out)\n%s", n, p.Log[n:])
	}
	diag := Diagnose(o, e)
	p.diagnosis = &diag
	if diag.Code != "" {
		p.Code = diag.Code
	}
	if diag.Help != "" {
		p.Help = diag.Help
	}
	if diag.File != "" {
		p.Source = &Source{File: diag.File, Line: diag.Line, Column: diag.Column, Text: diag.Source}
		if diag.Insn != nil {
			p.Source.Insn = diag.Insn.Index
		}
	}
	return p
}

// seconds rounds to the microsecond, which is more than the clock can be trusted.
func seconds(d time.Duration) float64 {
	return float64(d.Round(time.Microsecond)) / float64(time.Second)
}

// Diagnose explains a rejection by the verifier with the line information of the
// object.
func Diagnose(o *loader.Object, e *loader.Error) verifierlog.Diagnosis {
	d := verifierlog.Explain(verifierlog.Parse(e.Log), lines(o, e.Program))
	d.Program = e.Program
	if r := (*loader.RejectedError)(nil); errors.As(e, &r) {
		d.Cause = r.Cause
	}
	return d
}

// lines returns the line table of a program, as it was linked.
func lines(o *loader.Object, program string) verifierlog.LineTable {
	p := o.Program(program)
	if p == nil || o.BTF() == nil {
		return nil
	}
	code, err := o.Linker().Link(p)
	if err != nil {
		return nil
	}
	table := make(verifierlog.LineTable, len(code.Lines))
	for i, l := range code.Lines {
		table[i] = verifierlog.Line{
			Insn:   int(l.Insn),
			File:   o.BTF().Name(l.File),
			Line:   int(l.LineCol >> 10),
			Column: int(l.LineCol & 0x3ff),
			Text:   o.BTF().Name(l.Text),
		}
	}
	return table
}
