// SPDX-License-Identifier: MIT

package loader

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/bpfload/bpfload/internal/sys"
	"github.com/bpfload/bpfload/spec"
)

// A Report is what the kernel says of an object's programs.
type Report struct {
	// Accepted says that every program that is to be loaded can be.
	Accepted bool
	// Maps is the number of maps that were created.
	Maps int
	// Programs has a verdict for each program of the object, in file order.
	Programs []ProgramReport
	// Err is what keeps all of them from being loaded, such as a map that the
	// kernel refuses; nil if each could be tried.
	Err      error
	Warnings []spec.Warning
}

// A Verdict is what became of one program.
type Verdict string

// The verdicts, as they appear in JSON.
const (
	VerdictOK       Verdict = "ok"
	VerdictRejected Verdict = "rejected"
	VerdictSkipped  Verdict = "skipped" // of a section that begins with "?", and not asked for
)

// A ProgramReport is what the kernel says of one program.
type ProgramReport struct {
	Spec    *spec.Program
	Verdict Verdict
	Insns   int // of the program as it was linked
	// Stats are the verifier's, for accepted programs and, as far as it got,
	// for others.
	Stats Stats
	Time  time.Duration // that loading it took
	Err   error         // an *Error for a rejected program
}

// Verify loads every program that is to be loaded, even when another was rejected,
// pins nothing whatever the object says, and keeps nothing. The error is for what is
// no verdict on the object: impossible options, a cancelled context, a missing
// capability.
func (o *Object) Verify(ctx context.Context, opts *LoadOptions) (*Report, error) {
	opts = opts.withDefaults()
	opts.IgnorePins, opts.PinDir, opts.Replace, opts.Attach = true, "", false, nil
	if err := opts.check([]*Object{o}); err != nil {
		return nil, err
	}
	v := verification{o: o, report: &Report{Programs: make([]ProgramReport, len(o.Programs))}}
	for i, p := range o.Programs {
		v.report.Programs[i] = ProgramReport{Spec: p, Verdict: VerdictSkipped}
	}
	b := planner{o: o, opts: opts, plan: &Plan{Warnings: slices.Clip(o.Warnings)}, first: true, last: true, linkFailed: v.linkFailed}
	if err := b.build(); err != nil {
		return v.finish(err)
	}
	l := newLoad(o, opts, b.plan)
	l.resolved.keep = true
	defer l.rollback()
	err := v.run(ctx, l)
	v.report.Warnings = l.warnings
	for i := range l.maps {
		if l.maps[i].held && !l.maps[i].borrowed {
			v.report.Maps++
		}
	}
	return v.finish(err)
}

type verification struct {
	o      *Object
	report *Report
}

// linkFailed notes a program that cannot even be linked.
func (v *verification) linkFailed(i int, err error) {
	v.report.Programs[i].Verdict, v.report.Programs[i].Err = VerdictRejected, v.o.named(classify(err))
}

// run carries out the plan up to its programs, and then each of these for itself.
func (v *verification) run(ctx context.Context, l *load) error {
	if err := l.prepare(); err != nil {
		return err
	}
	var batch []*loadProgram
	var slots []*setProgram // filled when all programs are there, which here is never
	for _, op := range l.plan.ops {
		if err := ctx.Err(); err != nil {
			return err
		}
		switch op := op.(type) {
		case *loadProgram:
			batch = append(batch, op)
		case *setProgram:
			slots = append(slots, op)
		case *bindMetadata:
		default:
			if err := op.run(ctx, l); err != nil {
				return err
			}
		}
	}
	batch = l.admitted(batch)
	l.each(batch, func(i int) {
		if ctx.Err() == nil {
			v.try(l, batch[i])
		}
	})
	for _, op := range slots {
		if m, p := &l.maps[op.mapIndex], &v.report.Programs[op.program]; !m.held || m.reused || p.Verdict != VerdictOK {
			continue
		}
		if err := op.check(l); err != nil {
			return err
		}
	}
	return ctx.Err()
}

// try loads one program with the verifier's statistics, and lets go of it.
func (v *verification) try(l *load, op *loadProgram) {
	r := &v.report.Programs[op.index]
	r.Insns = op.code.Len()
	start := time.Now()
	fd, stats, err := op.measure(l)
	r.Time = time.Since(start)
	r.Stats = stats
	if err != nil {
		e := *classify(op.explain(l, err))
		r.Verdict, r.Err = VerdictRejected, v.o.named(&e)
		return
	}
	l.k.Close(fd)
	r.Verdict = VerdictOK
}

// measure loads a program with a buffer for the verifier's totals.
func (op *loadProgram) measure(l *load) (int, Stats, error) {
	buf := make([]byte, 4096)
	fd, err := op.hand(l, func(a *sys.ProgLoad) {
		a.LogLevel, a.LogBuf, a.LogSize = logStats, sys.Bytes(buf), uint32(len(buf))
	})
	return fd, parseStats(cString(buf)), err
}

// finish makes up the report. What concerns the object as a whole concerns each of
// its programs.
func (v *verification) finish(err error) (*Report, error) {
	if err != nil {
		e := v.o.named(classify(err))
		switch e.Class {
		case ClassUsage, ClassCapability, ClassAgain, ClassBug, ClassOther:
			if e.Map == "" && e.Program == "" {
				return nil, e
			}
		}
		v.report.Err = e
		for i := range v.report.Programs {
			if r := &v.report.Programs[i]; r.Spec.Autoload && r.Err == nil && r.Verdict != VerdictOK {
				r.Verdict, r.Err = VerdictRejected, fmt.Errorf("not tried: %w", e)
			}
		}
		return v.report, nil
	}
	v.report.Accepted = true
	for i := range v.report.Programs {
		if v.report.Programs[i].Verdict == VerdictRejected {
			v.report.Accepted = false
		}
	}
	return v.report, nil
}
