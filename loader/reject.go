// SPDX-License-Identifier: MIT

package loader

import (
	"errors"
	"fmt"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/bpfload/bpfload/internal/sys"
	"github.com/bpfload/bpfload/spec"
	"github.com/bpfload/bpfload/verifierlog"
)

// Levels of the verifier's log.
const (
	logSteps = 1 // every instruction
	logStats = 4 // the totals
)

// logSize is what every kernel accepts.
const logSize = 1<<24 - 1

// log loads the program again to hear what the verifier says. Should it pass this
// time, nothing is kept.
func (op *loadProgram) log(l *load) string {
	a, err := op.attr(l)
	if err != nil {
		return ""
	}
	var text string
	if sys.Scratch(logSize, func(buf []byte) {
		a.LogLevel, a.LogBuf, a.LogSize = logSteps|logStats, sys.Bytes(buf), logSize
		if fd, err := l.k.BPF(a); err == nil {
			l.k.Close(fd)
		}
		text = cString(buf)
	}) != nil {
		return ""
	}
	return text
}

// judge decides what a refusal is about, given the verifier's log.
func (op *loadProgram) judge(l *load, e *Error, text string) {
	if since := misnamedSince(op.spec.AttachType); l.olderThan(since) {
		op.lackType(e, since)
		return
	}
	e.Log = text
	log := verifierlog.Parse(text)
	if msg := log.Message(); msg != "" {
		d := verifierlog.Explain(log, nil)
		e.Class, e.Code = ClassRefused, "verifier-rejected"
		if (d.Poison != nil || unprivilegedRejection(msg)) && l.missingCapability(1<<unix.CAP_PERFMON) != "" {
			e.Err = fmt.Errorf("the verifier says %q: %w", msg, e.Err)
			l.explainMissing(e, 1<<unix.CAP_PERFMON)
			return
		}
		e.Err = &RejectedError{Message: msg, Cause: op.missing(l, &d), Err: e.Err}
		if d.Help != "" {
			e.Advice = d.Help
		}
		return
	}
	p := op.spec
	switch {
	case errors.Is(e.Err, unix.EPERM):
		l.explainMissing(e, 1<<unix.CAP_BPF|programCapabilities(p.Type))
	case errors.Is(e.Err, unix.EINVAL) || errors.Is(e.Err, unix.E2BIG):
		if since := programTypeSince(p.Type); l.olderThan(since) {
			e.Class, e.Code = ClassFeature, "feature-missing"
			e.Err = &FeatureError{Feature: "program type " + spec.ProgramTypeName(p.Type), Since: since.String(), Err: e.Err}
			return
		}
		if op.unknownType(l) {
			op.lackType(e, 0)
			return
		}
		e.Advice = "the kernel gave no reason, and takes other programs of this type: bpfload explain program-refused"
	}
}

// unprivilegedRejection says whether a rejection is one that CAP_PERFMON spares a
// program, by the words that verifiers of all versions use for them.
func unprivilegedRejection(msg string) bool {
	for _, words := range []string{"CAP_PERFMON", "pointer comparison prohibited", "pointer -= pointer prohibited", "prohibited for !root",
		"leaks addr", "invalid read from stack", "invalid indirect read from stack", "attempt to corrupt spilled pointer",
		"program of this type cannot use helper", "unknown func", "tried to add from different maps"} {
		if strings.Contains(msg, words) {
			return true
		}
	}
	return false
}

// missing says what an instruction stood for that was replaced by a call which no
// verifier accepts.
func (op *loadProgram) missing(l *load, d *verifierlog.Diagnosis) string {
	if d.Poison == nil {
		return ""
	}
	n := d.Poison.Index
	switch d.Poison.Kind {
	case verifierlog.PoisonCORE:
		for _, p := range l.resolved.poison[op.index] {
			if d.Insn != nil && int(p.insn) == d.Insn.Index {
				return p.explain()
			}
		}
	case verifierlog.PoisonMap:
		if n < len(l.o.Maps) {
			return fmt.Sprintf("map %q was not created", l.o.Maps[n].Name)
		}
	case verifierlog.PoisonKfunc:
		if externs := l.o.linker.Externs(); n < len(externs) {
			return fmt.Sprintf("the kernel has no function %q, and the call is not guarded by bpf_ksym_exists", externs[n].Name)
		}
	}
	return ""
}

// A RejectedError is the verifier's verdict.
type RejectedError struct {
	Message string // its last word
	Cause   string // what is behind it, where the loader knows better; may be empty
	Err     error  // the errno
}

func (e *RejectedError) Error() string {
	if e.Cause != "" {
		return "rejected: " + e.Cause + " (" + e.Message + ")"
	}
	return "rejected: " + e.Message
}

// Unwrap returns the errno.
func (e *RejectedError) Unwrap() error { return e.Err }
