// SPDX-License-Identifier: MIT

package main

import (
	"errors"
	"fmt"
	"io/fs"

	"github.com/spf13/cobra"

	"github.com/bpfload/bpfload/loader"
	"github.com/bpfload/bpfload/verify"
)

func newVerify(e *env) *cobra.Command {
	var (
		open     openFlags
		edit     editFlags
		kernel   kernelFlags
		format   string
		baseline string
		maxInsns int
	)
	cmd := &cobra.Command{
		Use:   "verify FILE...",
		Short: "Load, report, discard",
		Long: `verify asks the kernel about every program of an object and keeps nothing: verdict,
instructions, states, stack and time of each. Programs in sections that begin with
"?" are skipped unless named with --only. It exits 71 if the kernel rejected one,
and 1 if one needs more than --max-insns or than --baseline, an earlier JSON answer,
says it did.`,
		Example: "  bpfload verify testdata/bpf/xdp_counters.o",
		Args:    operands("FILE"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := e.checkFormat(cmd, &format, verify.Formats); err != nil {
				return err
			}
			var before *verify.Baseline
			if baseline != "" {
				var err error
				if before, err = verify.ReadBaseline(baseline); errors.Is(err, fs.ErrNotExist) || errors.Is(err, fs.ErrPermission) {
					return err
				} else if err != nil {
					return hinted(usagef("--baseline: %v", err), "make it with: bpfload verify --json "+args[0]+" >"+baseline)
				}
			}
			opts, err := kernel.options()
			if err != nil {
				return err
			}
			files, err := open.each(args)
			if err != nil {
				return err
			}
			if err := edit.apply(opened(files), opts); err != nil {
				return err
			}
			var docs []*verify.Document
			for i := range files {
				f := &files[i]
				if f.err != nil {
					docs = append(docs, verify.Unopened(f.name, f.err))
					continue
				}
				r, err := f.object.Verify(cmd.Context(), opts)
				if err != nil {
					return err
				}
				doc := verify.Describe(f.object, r)
				doc.Check(before, maxInsns)
				docs = append(docs, doc)
				f.verdict = verdict(f.object, r, doc)
				if format == "text" {
					e.remarks(f.name, doc.Warnings)
				}
			}
			if err := e.writeVerdicts(format, files, docs); err != nil {
				return err
			}
			if failed := decisive(files); failed != nil {
				return &silent{failed}
			}
			return nil
		},
	}
	f := cmd.Flags()
	open.add(f)
	edit.add(f)
	kernel.add(f)
	f.StringVar(&format, "format", "text", "text, json, github, sarif or junit")
	f.StringVar(&baseline, "baseline", "", "`FILE` with an earlier JSON answer; a program that needs more than 5 % more instructions fails")
	f.IntVar(&maxInsns, "max-insns", 0, "fail a program for which the verifier looks at more instructions")
	return cmd
}

// writeVerdicts answers with all documents. What could not be opened is an error of its
// own among text and JSON, and a failure among the others.
func (e *env) writeVerdicts(format string, files []file, docs []*verify.Document) error {
	if format != "text" && format != "json" {
		return verify.Write(e.stdout, format, docs)
	}
	for i, f := range files {
		if f.err != nil {
			e.finish(f.err)
		} else if err := verify.Write(e.stdout, format, docs[i:i+1]); err != nil {
			return err
		}
	}
	return nil
}

// A regression is a verdict that only a limit or an earlier one makes a failure.
type regression struct{ error }

// verdict returns what decides the exit code: the object's own failure, then the
// first program's, then a regression.
func verdict(o *loader.Object, r *loader.Report, doc *verify.Document) error {
	if r.Err != nil {
		return r.Err
	}
	for _, p := range r.Programs {
		if p.Verdict == loader.VerdictRejected {
			return p.Err
		}
	}
	if len(doc.Regressions) > 0 {
		return &regression{fmt.Errorf("%s: %s", o.File, doc.Regressions[0])}
	}
	return nil
}

// decisive returns the first failure of all files, a regression only if there is
// nothing else.
func decisive(files []file) error {
	var first error
	for _, f := range files {
		err := f.err
		if err == nil {
			err = f.verdict
		}
		if err == nil {
			continue
		}
		if r := (*regression)(nil); !errors.As(err, &r) {
			return err
		}
		if first == nil {
			first = err
		}
	}
	return first
}
