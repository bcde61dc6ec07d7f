// SPDX-License-Identifier: MIT

package main

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"
	"syscall"

	"github.com/bpfload/bpfload/elf"
	"github.com/bpfload/bpfload/internal/near"
	"github.com/bpfload/bpfload/internal/plain"
	"github.com/bpfload/bpfload/legacy"
	"github.com/bpfload/bpfload/loader"
	"github.com/bpfload/bpfload/verifierlog"
	"github.com/bpfload/bpfload/verify"
)

// The exit codes are part of the command's contract: service managers print names
// for those of sysexits.h, and restart only on exitAgain.
const (
	exitOK     = 0
	exitNo     = 1
	exitUsage  = 2
	exitData   = 65 // malformed or unsupported object
	exitOpen   = 66 // the object cannot be opened
	exitBug    = 70
	exitKernel = 71
)

// errNo ends a verb whose answer is "no" after it has been given: objects differ,
// a program was rejected.
var errNo = errors.New("no")

// silent ends a verb with the exit code of an error whose JSON document, or words,
// were part of the answer already.
type silent struct{ error }

func (s *silent) Unwrap() error { return s.error }

// A rejection is an error that has more to say than a line: where in the source the
// verifier stopped.
type rejection struct {
	error
	code string // of the verifier's reason, "" where it is not a known one
	text string
}

func (r *rejection) Unwrap() error { return r.error }

// explained adds to a rejection by the verifier what the object's line information
// makes of the log.
func explained(objects []*loader.Object, err error) error {
	var e *loader.Error
	if !errors.As(err, &e) || e.Log == "" || e.Program == "" {
		return err
	}
	for _, o := range objects {
		if o.File != e.Object {
			continue
		}
		var b strings.Builder
		d := verify.Diagnose(o, e)
		if verifierlog.Render(&b, d) == nil {
			return &rejection{err, d.Code, b.String()}
		}
	}
	return err
}

// A usageError is a command line that cannot be carried out.
type usageError struct{ msg string }

func (e *usageError) Error() string { return e.msg }

func usagef(format string, args ...any) error {
	return &usageError{fmt.Sprintf(format, args...)}
}

// A hintedError adds one line that can be pasted.
type hintedError struct {
	error
	hint string
}

func (e *hintedError) Unwrap() error { return e.error }

// Hint returns the line.
func (e *hintedError) Hint() string { return e.hint }

func hinted(err error, hint string) error { return &hintedError{err, hint} }

func nearest(name string, from []string) string { return near.Best(name, from) }

// finish reports a verb's error and returns the exit code.
func (e *env) finish(err error) int {
	if err == nil {
		return exitOK
	}
	if errors.Is(err, errNo) {
		return exitNo
	}
	code := exitCode(err)
	if told := (*silent)(nil); errors.As(err, &told) {
		return code
	}
	if e.json {
		e.writeError(err, code)
		return code
	}
	if f, ok := e.stdout.(interface{ Flush() error }); ok {
		f.Flush() // what was answered before goes before
	}
	if r := (*rejection)(nil); errors.As(err, &r) {
		io.WriteString(e.stderr, r.text)
		return code
	}
	raw := strings.TrimRight(err.Error(), "\n")
	message := plain.Lines(raw)
	var refused *loader.Error
	if errors.As(err, &refused) && refused.Object != "" && !strings.Contains(raw, refused.Object) {
		message = plain.Line(refused.Object) + ": " + message
	}
	fmt.Fprintf(e.stderr, "bpfload: %s\n", message)
	if hint := hintOf(err); hint != "" {
		fmt.Fprintf(e.stderr, "bpfload: %s\n", plain.Lines(strings.ReplaceAll(hint, "\n", `\n`)))
	}
	return code
}

// exitCode classifies an error.
func exitCode(err error) int {
	var (
		usage   *usageError
		place   *elf.Error
		refused *loader.Error
	)
	switch {
	case errors.As(err, &usage), errors.Is(err, legacy.ErrUnknownDialect):
		return exitUsage
	case errors.As(err, &refused):
		return refused.ExitCode()
	case errors.As(err, &place), errors.Is(err, elf.ErrMalformed), errors.Is(err, elf.ErrUnsupported):
		return exitData
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, fs.ErrPermission):
		return exitOpen
	}
	return exitNo
}

// errorCode names an error for "bpfload explain".
func errorCode(err error, exit int) string {
	var refused *loader.Error
	switch {
	case errors.As(err, &refused):
		return refused.Code
	case exit == exitUsage:
		return "usage"
	case exit == exitData:
		return "object"
	case exit == exitOpen:
		return "open"
	}
	return "other"
}

func hintOf(err error) string {
	var h interface{ Hint() string }
	if errors.As(err, &h) && h.Hint() != "" {
		return h.Hint()
	}
	if errors.Is(err, syscall.EMFILE) {
		return "ulimit -n 4096"
	}
	return ""
}

// An errorDocument is the JSON form of a failure.
type errorDocument struct {
	Schema  string `json:"schema"`
	Code    string `json:"code"` // argument of "bpfload explain"
	Message string `json:"message"`
	File    string `json:"file"`
	Section string `json:"section"`
	Offset  uint64 `json:"offset"`
	Symbol  string `json:"symbol"`
	Exit    int    `json:"exit"`
	Hint    string `json:"hint,omitempty"`
	Count   *int   `json:"count,omitempty"` // elements done before it, of a batch
}

func (e *env) writeError(err error, exit int) {
	doc := errorDocument{Schema: "bpfload/error/v1", Code: errorCode(err, exit), Message: err.Error(), Exit: exit, Hint: hintOf(err)}
	var place *elf.Error
	if errors.As(err, &place) {
		doc.File, doc.Section, doc.Offset, doc.Symbol = place.File, place.Section, place.Offset, place.Symbol
	}
	var refused *loader.Error
	if errors.As(err, &refused) {
		if doc.File == "" {
			doc.File = refused.Object
		}
		if doc.Symbol == "" {
			doc.Symbol = cmp.Or(refused.Program, refused.Map)
		}
	}
	var r *rejection
	if errors.As(err, &r) && r.code != "" {
		doc.Code = r.code
	}
	var partial interface{ Count() int }
	if errors.As(err, &partial) {
		n := partial.Count()
		doc.Count = &n
	}
	e.printJSON(doc)
}

// printJSON writes one indented document to standard output.
func (e *env) printJSON(doc any) error {
	b, err := plain.Marshal(doc, "")
	if err != nil {
		return err
	}
	_, err = e.stdout.Write(append(b, '\n'))
	return err
}
