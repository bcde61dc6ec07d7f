// SPDX-License-Identifier: MIT

package main

import (
	"context"
	"errors"
	"os"
	"os/signal"
	"sync"
	"syscall"
	"time"
)

// attention is how long a verb works before it listens for signals. To listen takes
// the runtime a thread more, a tenth of the time of a small load; one that is killed
// before leaves no more behind than its staging directory, as after SIGKILL.
const attention = 20 * time.Millisecond

// An interruption is the signal that ended a verb.
type interruption struct{ signal os.Signal }

func (i *interruption) Error() string { return "interrupted: " + i.signal.String() }

// An attentive context is cancelled by SIGINT and SIGTERM. It listens for them from a
// moment after somebody first asked it whether it is, so that verbs that only read pay
// nothing for it. A second signal ends the process.
type attentive struct {
	context.Context
	cancel context.CancelCauseFunc
	once   sync.Once
}

// interruptible returns a context that SIGINT and SIGTERM cancel.
func interruptible() *attentive {
	ctx, cancel := context.WithCancelCause(context.Background())
	return &attentive{Context: ctx, cancel: cancel}
}

func (a *attentive) Done() <-chan struct{} {
	a.once.Do(a.listen)
	return a.Context.Done()
}

func (a *attentive) Err() error {
	a.once.Do(a.listen)
	return a.Context.Err()
}

func (a *attentive) listen() {
	time.AfterFunc(attention, func() {
		signals := make(chan os.Signal, 1)
		signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
		s := <-signals
		signal.Stop(signals)
		a.cancel(&interruption{s})
	})
}

// interrupted says which signal it was that made a verb give up.
func interrupted(ctx context.Context, err error) error {
	if by := (*interruption)(nil); errors.Is(err, context.Canceled) && errors.As(context.Cause(ctx), &by) {
		return hinted(by, "what was begun has been undone; elements of maps that were written stay")
	}
	return err
}
