// SPDX-License-Identifier: MIT

package main

import (
	"context"
	"errors"
	"os"
	"os/signal"
	"syscall"
	"time"
)

// attention is how long a verb runs before it listens for signals. To listen takes
// the runtime a thread more, a tenth of the time of a small load; one that is killed
// before leaves no more behind than its staging directory, as after SIGKILL.
const attention = 20 * time.Millisecond

// An interruption is the signal that ended a verb.
type interruption struct{ signal os.Signal }

func (i *interruption) Error() string { return "interrupted: " + i.signal.String() }

// interruptible returns a context that SIGINT and SIGTERM cancel. A second signal
// ends the process.
func interruptible() (ctx context.Context, stop func()) {
	ctx, cancel := context.WithCancelCause(context.Background())
	signals := make(chan os.Signal, 1)
	listen := time.AfterFunc(attention, func() {
		signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
		s := <-signals
		signal.Stop(signals)
		cancel(&interruption{s})
	})
	return ctx, func() { listen.Stop() }
}

// interrupted says which signal it was that made a verb give up.
func interrupted(ctx context.Context, err error) error {
	if by := (*interruption)(nil); errors.Is(err, context.Canceled) && errors.As(context.Cause(ctx), &by) {
		return hinted(by, "what was begun has been undone; elements of maps that were written stay")
	}
	return err
}
