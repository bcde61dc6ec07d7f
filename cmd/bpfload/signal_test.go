// SPDX-License-Identifier: MIT

package main

import (
	"context"
	"errors"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"testing"
	"time"
)

func TestInterruptible(t *testing.T) {
	// Whatever arrives before anybody listens must not end the test.
	held := make(chan os.Signal, 1)
	signal.Notify(held, syscall.SIGTERM)
	defer signal.Stop(held)

	ctx := interruptible()
	for ctx.Err() == nil {
		if err := syscall.Kill(os.Getpid(), syscall.SIGTERM); err != nil {
			t.Fatal(err)
		}
		select {
		case <-ctx.Done():
		case <-time.After(time.Millisecond):
		}
	}
	by := (*interruption)(nil)
	if err := interrupted(ctx, ctx.Err()); !errors.As(err, &by) || by.signal != syscall.SIGTERM {
		t.Errorf("got %v", err)
	}
	if err := interrupted(ctx, os.ErrNotExist); err != os.ErrNotExist {
		t.Errorf("an error that has nothing to do with it became %v", err)
	}
}

// A verb that was interrupted says so, and by what.
func TestInterruptedVerb(t *testing.T) {
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(&interruption{syscall.SIGINT})
	var stdout, stderr strings.Builder
	code := run(ctx, []string{"load", "../../testdata/bpf/xdp_counters.o", "--pin", "/sys/fs/bpf/interrupted"}, strings.NewReader(""), &stdout, &stderr)
	if os.Geteuid() != 0 {
		t.Skip("root only: a load asks for its capabilities first")
	}
	if want := "bpfload: interrupted: interrupt\n"; code != exitNo || !strings.HasPrefix(stderr.String(), want) {
		t.Errorf("exit %d, %q, want %q", code, &stderr, want)
	}
	if _, err := os.Stat("/sys/fs/bpf/interrupted"); err == nil {
		t.Error("it was loaded nevertheless")
	}
}
