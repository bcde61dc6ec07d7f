// SPDX-License-Identifier: MIT

package loader

import (
	"cmp"
	"context"
	"errors"
	"runtime"
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
				Message: "the optional program was not loaded: " + errs[i].Error()})
		default:
			return op.explain(l, errs[i])
		}
	}
	return nil
}

// each calls one for every index, from several goroutines if the work is worth it.
func (l *load) each(batch []*loadProgram, one func(i int)) {
	workers := l.opts.Workers
	if workers <= 0 {
		workers = runtime.GOMAXPROCS(0)
	}
	insns := 0
	for _, op := range batch {
		insns += op.code.Len()
	}
	if workers = min(workers, len(batch)); workers < 2 || time.Duration(insns)*verifyTime < worthwhile {
		for i := range batch {
			one(i)
		}
		return
	}
	order := make([]int, len(batch))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(batch[b].code.Len(), batch[a].code.Len()) })
	var next atomic.Int64
	var wg sync.WaitGroup
	work := func() {
		for {
			n := next.Add(1) - 1
			if n >= int64(len(order)) {
				return
			}
			one(order[n])
		}
	}
	for range workers - 1 {
		wg.Go(work)
	}
	work()
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
