// SPDX-License-Identifier: MIT

package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
	"github.com/spf13/cobra"
	"golang.org/x/sys/unix"

	"github.com/bpfload/bpfload/internal/golden"
	"github.com/bpfload/bpfload/internal/kerneltest"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"bpfload": main, "bpfload-with-a-bug": withBug})
}

// withBug is the command with one more verb, which has a bug.
func withBug() {
	verbs = append(verbs, verb{"break", func(*env) *cobra.Command {
		return &cobra.Command{Use: "break", RunE: func(_ *cobra.Command, args []string) error {
			_ = args[len(args)]
			return nil
		}}
	}})
	main()
}

// TestScript runs the scripts that need no privileges through the real main.
func TestScript(t *testing.T) { runScripts(t, "testdata/script") }

// TestKernelScript runs those that load into the running kernel, each with a
// directory of its own on a bpffs. What a kernel is too old for stands behind the
// condition [linux:MAJOR.MINOR].
func TestKernelScript(t *testing.T) {
	kerneltest.Root(t, "loading")
	runScripts(t, "testdata/kernel")
}

func runScripts(t *testing.T, dir string) {
	samples, err := filepath.Abs("../../testdata")
	if err != nil {
		t.Fatal(err)
	}
	testscript.Run(t, testscript.Params{
		Dir:                 dir,
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		UpdateScripts:       golden.Updating(),
		Setup: func(e *testscript.Env) error {
			e.Setenv("SAMPLES", samples)
			e.Setenv("ODD", "x\x1b[31m.o")
			if filepath.Base(dir) != "kernel" {
				return nil
			}
			pins, err := privatePins(e)
			e.Setenv("PINS", pins)
			return err
		},
		Condition: func(cond string) (bool, error) {
			since, ok := strings.CutPrefix(cond, "linux:")
			if !ok {
				return false, fmt.Errorf("unknown condition %q", cond)
			}
			return kerneltest.Has(t, since), nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"exits": exits,
		},
	})
}

// privatePins mounts a bpffs for one script and unmounts it afterwards.
func privatePins(e *testscript.Env) (string, error) {
	dir := filepath.Join(e.WorkDir, "bpffs")
	if err := os.Mkdir(dir, 0o700); err != nil {
		return "", err
	}
	if err := unix.Mount("bpf", dir, "bpf", 0, "mode=0700"); err != nil {
		return "", fmt.Errorf("mounting a bpffs for the script: %w", err)
	}
	e.Defer(func() { unix.Unmount(dir, unix.MNT_DETACH) })
	return dir, nil
}

// exits runs the command and wants an exact exit code: "exits CODE ARGUMENT...".
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits CODE COMMAND [ARGUMENT...]")
	}
	err := ts.Exec(args[1], args[2:]...)
	code := "0"
	if err != nil {
		text := err.Error()
		if !strings.HasPrefix(text, "exit status ") {
			ts.Fatalf("%v", err)
		}
		code = strings.TrimPrefix(text, "exit status ")
	}
	if code != args[0] {
		ts.Fatalf("exit code %s, want %s", code, args[0])
	}
}
