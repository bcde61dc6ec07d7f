// SPDX-License-Identifier: MIT

// Package examples_test runs the commands of README.md on the running kernel.
package examples_test

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/bpfload/bpfload/loader"
)

// commands returns the three commands of an example: the blocks below its heading.
func commands(t *testing.T, readme, example string) [3]string {
	t.Helper()
	_, text, found := strings.Cut(readme, "\n## "+example+"\n")
	if !found {
		t.Fatalf("README.md has no section %q", example)
	}
	text, _, _ = strings.Cut(text, "\n## ")
	blocks := strings.Split(text, "\n```sh\n")[1:]
	if len(blocks) != 3 {
		t.Fatalf("README.md has %d commands for %q, want 3", len(blocks), example)
	}
	var out [3]string
	for i, b := range blocks {
		command, _, closed := strings.Cut(b, "\n```\n")
		if !closed || strings.Contains(command, "\n") || !strings.HasPrefix(command, "bpfload ") {
			t.Fatalf("block %d of %q is not one command line of bpfload: %q", i+1, example, b)
		}
		out[i] = command
	}
	return out
}

func examples(t *testing.T) []string {
	t.Helper()
	sources, err := filepath.Glob("*/*.c")
	if err != nil || len(sources) < 5 {
		t.Fatalf("found the examples %q (%v), want five or more", sources, err)
	}
	for i, s := range sources {
		sources[i] = filepath.Dir(s)
	}
	return sources
}

func TestExamplesOpen(t *testing.T) {
	for _, name := range examples(t) {
		o, err := loader.OpenFile(filepath.Join(name, name+".o"), nil)
		if err != nil {
			t.Errorf("%v", err)
			continue
		}
		if len(o.Warnings) > 0 {
			t.Errorf("%s: warnings: %v", name, o.Warnings)
		}
	}
}

// TestExamples runs test.sh of each example in network and mount namespaces of its
// own, with the commands of README.md as functions.
func TestExamples(t *testing.T) {
	readme, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	bin := t.TempDir()
	if os.Geteuid() == 0 {
		if out, err := exec.Command("go", "build", "-o", bin, "../cmd/bpfload").CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
	}
	for _, name := range examples(t) {
		t.Run(name, func(t *testing.T) {
			three := commands(t, string(readme), name)
			if os.Geteuid() != 0 {
				t.Skip("running it takes root")
			}
			ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
			defer cancel()
			cmd := exec.CommandContext(ctx, "unshare", "--mount", "--net", "--propagation", "private",
				"sh", "-eu", "examples/testlib.sh", name)
			cmd.Dir = ".."
			cmd.Env = append(os.Environ(), "PATH="+bin+":"+os.Getenv("PATH"),
				"LOAD="+three[0], "SHOW="+three[1], "REMOVE="+three[2])
			out, err := cmd.CombinedOutput()
			t.Logf("%s", out)
			if err != nil {
				t.Fatal(err)
			}
		})
	}
}
