// SPDX-License-Identifier: MIT

package loader

import (
	"context"
	"errors"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sys/unix"

	"github.com/bpfload/bpfload/internal/sys"
	"github.com/bpfload/bpfload/internal/sys/systest"
	"github.com/bpfload/bpfload/spec"
)

func TestVerify(t *testing.T) {
	k := systest.New()
	k.Reject = func(p systest.Program) (unix.Errno, string) {
		if p.Name == "first" {
			return unix.EACCES, "0: (79) r0 = *(u64 *)(r1 +0)\nR1 invalid mem access 'scalar'\nprocessed 7 insns (limit 1000000) max_states_per_insn 0 total_states 2 peak_states 2 mark_read 1\n"
		}
		return 0, ""
	}
	o := everything(t)
	r, err := o.Verify(t.Context(), on(k, LoadOptions{PinDir: "/sys/fs/bpf/app"}))
	if err != nil {
		t.Fatal(err)
	}
	if r.Accepted || r.Err != nil || len(r.Programs) != 2 {
		t.Fatalf("got %+v", r)
	}
	first, second := r.Programs[0], r.Programs[1]
	var e *Error
	if first.Verdict != VerdictRejected || !errors.As(first.Err, &e) || e.Code != "verifier-rejected" || first.Stats.Processed != 7 {
		t.Errorf("first: %+v", first)
	}
	if second.Verdict != VerdictOK || second.Err != nil || second.Insns != 2 {
		t.Errorf("second: %+v", second)
	}
	if open, tree := k.Open(), k.Tree("/sys/fs/bpf"); len(open) > 0 || len(tree) > 0 {
		t.Errorf("left behind: %q, %q", open, tree)
	}

	o.Program("first").Autoload = false
	if r, err = o.Verify(t.Context(), on(k, LoadOptions{})); err != nil || !r.Accepted || r.Programs[0].Verdict != VerdictSkipped {
		t.Errorf("without the bad one: %+v, %v", r, err)
	}
	k.RejectMap = func(a *sys.MapCreate) unix.Errno { return unix.EINVAL }
	if r, err = o.Verify(t.Context(), on(k, LoadOptions{})); err != nil || r.Accepted || r.Err == nil || r.Programs[1].Verdict != VerdictRejected {
		t.Errorf("without maps: %+v, %v", r, err)
	}
	k.Caps = 0
	if _, err = o.Verify(t.Context(), on(k, LoadOptions{})); !errors.As(err, &e) || e.ExitCode() != 4 || !strings.Contains(err.Error(), "CAP_BPF is missing") {
		t.Errorf("without rights: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	k.Caps = 1 << unix.CAP_SYS_ADMIN
	if _, err = o.Verify(ctx, on(k, LoadOptions{})); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}

func TestParseStats(t *testing.T) {
	for name, tc := range map[string]struct {
		log  string
		want Stats
	}{
		"6.x":     {"verification time 47 usec\nstack depth 16+8\nprocessed 12 insns (limit 1000000) max_states_per_insn 0 total_states 3 peak_states 2 mark_read 1\n", Stats{12, 3, 2, 24, 47000}},
		"5.1":     {"processed 12 insns (limit 1000000) max_states_per_insn 0 total_states 3 peak_states 2 mark_read 1\n", Stats{Processed: 12, States: 3, PeakStates: 2}},
		"empty":   {"", Stats{}},
		"garbage": {"processed many insns\nstack depth x+8\nverification time -3 usec\n", Stats{Stack: 8}},
	} {
		t.Run(name, func(t *testing.T) {
			if d := cmp.Diff(tc.want, parseStats(tc.log)); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
		})
	}
}

// The error is that of the first program in file order, however many fail and in
// whatever order threads come to them.
func TestFirstError(t *testing.T) {
	before := runtime.NumGoroutine()
	for range 50 {
		k := systest.New()
		k.Reject = func(systest.Program) (unix.Errno, string) { return unix.EACCES, "R0 !read_ok\n" }
		opts := on(k, LoadOptions{IgnorePins: true})
		opts.Workers = 4
		_, err := everything(t).Load(t.Context(), opts)
		var e *Error
		if !errors.As(err, &e) || e.Program != "first" {
			t.Fatalf("got %v", err)
		}
	}
	for deadline := time.Now().Add(5 * time.Second); runtime.NumGoroutine() > before; {
		if time.Now().After(deadline) {
			t.Fatalf("%d goroutines run, were %d", runtime.NumGoroutine(), before)
		}
		time.Sleep(time.Millisecond)
	}
}

func TestOptional(t *testing.T) {
	k := systest.New()
	k.Reject = func(p systest.Program) (unix.Errno, string) {
		if p.Name == "second" {
			return unix.EINVAL, ""
		}
		return 0, ""
	}
	l, err := everything(t).Load(t.Context(), on(k, LoadOptions{PinDir: "/sys/fs/bpf/app", Optional: []string{"second"}}))
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	var codes []string
	for _, w := range l.Warnings {
		codes = append(codes, w.Code)
	}
	if d := cmp.Diff([]string{"program-skipped", "slot-left-empty"}, codes); d != "" || len(l.Programs) != 1 {
		t.Errorf("%d programs, warnings %s", len(l.Programs), d)
	}
}

// What the plan has to remark, a load and a verification remark as well, once, and
// beside what the object says.
func TestPlannedWarnings(t *testing.T) {
	o := everything(t)
	o.Warnings = append(o.Warnings, spec.Warning{Code: "of-the-object"})
	o.Program("second").Autoload = false
	p, err := o.Plan(nil)
	if err != nil {
		t.Fatal(err)
	}
	l, err := o.Load(t.Context(), on(systest.New(), LoadOptions{}))
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	r, err := o.Verify(t.Context(), on(systest.New(), LoadOptions{}))
	if err != nil {
		t.Fatal(err)
	}
	n := len(o.Warnings)
	if len(p.Warnings) != n+1 || p.Warnings[n].Code != "slot-left-empty" {
		t.Fatalf("the plan warns of %v", p.Warnings)
	}
	for what, list := range map[string][]spec.Warning{"load": l.Warnings, "verify": r.Warnings} {
		if diff := cmp.Diff(p.Warnings[n:], list); diff != "" {
			t.Errorf("%s: %s", what, diff)
		}
	}
}
