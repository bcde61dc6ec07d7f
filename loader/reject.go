// SPDX-License-Identifier: MIT

package loader

import (
	"errors"
	"fmt"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/bpfload/bpfload/internal/sys"
	"github.com/bpfload/bpfload/spec"
)

// Levels of the verifier's log.
const (
	logSteps = 1 // every instruction
	logStats = 4 // the totals
)

// logSize is what every kernel accepts. Pages of the buffer that the verifier does
// not reach cost nothing.
const logSize = 1<<24 - 1

// log loads the program again to hear what the verifier says. Should it pass this
// time, nothing is kept.
func (op *loadProgram) log(l *load) string {
	a, err := op.attr(l)
	if err != nil {
		return ""
	}
	buf := make([]byte, logSize)
	a.LogLevel, a.LogBuf, a.LogSize = logSteps|logStats, sys.Bytes(buf), logSize
	if fd, err := l.k.BPF(a); err == nil {
		l.k.Close(fd)
	}
	return cString(buf)
}

// judge decides what a refusal is about, given the verifier's log.
func (op *loadProgram) judge(l *load, e *Error, log string) {
	e.Log = log
	msg := lastWord(log)
	if msg != "" {
		e.Class, e.Code = ClassRefused, "verifier-rejected"
		e.Err = &RejectedError{Message: msg, Err: e.Err}
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
		e.Advice = fmt.Sprintf("the kernel gave no reason; it may lack program type %s, attach type %d or flags %#x", spec.ProgramTypeName(p.Type), p.AttachType, p.Flags)
	}
}

// A RejectedError is the verifier's verdict.
type RejectedError struct {
	Message string // its last word
	Err     error  // the errno
}

func (e *RejectedError) Error() string {
	return "rejected: " + strings.TrimSpace(e.Message)
}

// Unwrap returns the errno.
func (e *RejectedError) Unwrap() error { return e.Err }

// lastWord returns the last line of a verifier's log that is not about totals.
func lastWord(log string) string {
	lines := strings.Split(strings.TrimRight(log, "\n"), "\n")
	for len(lines) > 0 {
		line := strings.TrimSpace(lines[len(lines)-1])
		switch {
		case line == "", strings.HasPrefix(line, "processed "), strings.HasPrefix(line, "verification time "),
			strings.HasPrefix(line, "stack depth "), strings.HasPrefix(line, "mark_precise"):
			lines = lines[:len(lines)-1]
			continue
		}
		return line
	}
	return ""
}
