// SPDX-License-Identifier: MIT

package loader

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/bpfload/bpfload/spec"
)

// Verification takes about 0.4 µs for each instruction of straight-line code.
// Waking threads costs more than it gains below some milliseconds of work.
const (
	verifyTime = 400 * time.Nanosecond
	worthwhile = 5 * time.Millisecond
	patience   = 2 * time.Millisecond
)

// programsAt returns the programs that ops begin with.
func programsAt(ops []operation) []*loadProgram {
	var batch []*loadProgram
	for _, op := range ops {
		p, ok := op.(*loadProgram)
		if !ok {
			break
		}
		batch = append(batch, p)
	}
	return batch
}

// loadPrograms loads programs, several at once where that is faster, the biggest
// first. The error is that of the first in file order; programs before it have all
// been tried, those after it may not have been.
func (l *load) loadPrograms(ctx context.Context, batch []*loadProgram) error {
	batch = l.admitted(batch)
	errs := make([]error, len(batch))
	var failed atomic.Int64 // least index that has failed
	failed.Store(int64(len(batch)))
	one := func(i int) {
		if int64(i) > failed.Load() || ctx.Err() != nil {
			return
		}
		op := batch[i]
		fd, err := op.submit(l)
		if err == nil {
			l.programs[op.index].fd, l.programs[op.index].held = fd, true
			return
		}
		errs[i] = err
		for at := failed.Load(); !op.optional && int64(i) < at && !failed.CompareAndSwap(at, int64(i)); at = failed.Load() {
		}
	}
	l.each(batch, one)
	if err := ctx.Err(); err != nil {
		return err
	}
	for i, op := range batch {
		switch {
		case errs[i] == nil:
		case op.optional:
			l.warn(spec.Warning{Code: "program-skipped", Section: op.spec.Place.Section, Offset: op.spec.Place.Offset, Symbol: op.spec.Name,
				Message: "the optional program was not loaded: " + op.explain(l, errs[i]).Error()})
		default:
			return op.explain(l, errs[i])
		}
	}
	return nil
}

// each calls one for every index. The biggest programs go first, and others join in
// on further threads: at once if the number of instructions promises that it is
// worth it, otherwise when the work has lasted for a while, since loops make a small
// program as expensive as a big one.
func (l *load) each(batch []*loadProgram, one func(i int)) {
	workers := min(l.workers, len(batch))
	if workers < 2 {
		for i := range batch {
			one(i)
		}
		return
	}
	order := make([]int, len(batch))
	insns := 0
	for i, op := range batch {
		order[i] = i
		insns += op.code.Len()
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(batch[b].code.Len(), batch[a].code.Len()) })
	delay := patience
	if time.Duration(insns)*verifyTime >= worthwhile {
		delay = 0
	}
	var next atomic.Int64
	work := func() {
		for {
			n := next.Add(1) - 1
			if n >= int64(len(order)) {
				return
			}
			one(order[n])
		}
	}
	var wg sync.WaitGroup
	helpers := make([]*time.Timer, workers-1)
	for i := range helpers {
		wg.Add(1)
		helpers[i] = time.AfterFunc(delay, func() { defer wg.Done(); work() })
	}
	work()
	for _, h := range helpers {
		if h.Stop() {
			wg.Done() // it was not needed
		}
	}
	wg.Wait()
}

// explain turns an errno into what the verifier has to say, by loading the program
// once more with a log.
func (op *loadProgram) explain(l *load, err error) error {
	var e *Error
	if !errors.As(err, &e) || e.Code != "program-refused" {
		return err
	}
	log := op.log(l)
	op.judge(l, e, log)
	return e
}
