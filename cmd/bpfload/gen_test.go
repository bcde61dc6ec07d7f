// SPDX-License-Identifier: MIT

package main

import (
	"bytes"
	"context"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/spf13/cobra"

	"github.com/bpfload/bpfload/internal/golden"
)

// The man pages and completions are made from the table of verbs and flags and
// committed; these tests rewrite them with -update and fail when they have drifted.
const (
	manDir        = "../../man"
	completionDir = "../../completions"
)

// wholeTree returns the command with all of its verbs.
func wholeTree() *cobra.Command {
	root := newRoot(&env{stdout: io.Discard, stderr: io.Discard}, nil)
	root.InitDefaultHelpFlag()
	return root
}

// documented returns cmd and those below it that a user is shown.
func documented(cmd *cobra.Command) []*cobra.Command {
	all := []*cobra.Command{cmd}
	for _, c := range cmd.Commands() {
		if c.IsAvailableCommand() && c.Name() != "help" {
			all = append(all, documented(c)...)
		}
	}
	return all
}

func TestManPages(t *testing.T) {
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	exits := exitTable(string(readme))
	if len(exits) < 10 {
		t.Fatalf("found %d exit codes in README.md, want all of them", len(exits))
	}
	var pages []string
	for _, cmd := range documented(wholeTree()) {
		name := manName(cmd)
		pages = append(pages, name)
		golden.Check(t, filepath.Join(manDir, name), manPage(cmd, exits))
	}
	checkListing(t, manDir, pages)
}

func TestManPagesFormat(t *testing.T) {
	pages, err := filepath.Glob(filepath.Join(manDir, "*.1"))
	if err != nil || len(pages) == 0 {
		t.Fatalf("no man pages in %s (%v)", manDir, err)
	}
	t.Run("groff", func(t *testing.T) {
		need(t, "groff")
		for _, p := range pages {
			if out, err := exec.Command("groff", "-man", "-ww", "-z", "-Tutf8", p).CombinedOutput(); err != nil || len(out) > 0 {
				t.Errorf("%s: %v\n%s", p, err, out)
			}
		}
	})
	t.Run("mandoc", func(t *testing.T) {
		need(t, "mandoc")
		// The pages carry no date, so that the same tree makes the same bytes.
		if out, err := exec.Command("mandoc", append([]string{"-T", "lint", "-W", "error"}, pages...)...).CombinedOutput(); err != nil {
			t.Errorf("%v\n%s", err, out)
		}
	})
}

func TestCompletions(t *testing.T) {
	shells := map[string]func(*cobra.Command, io.Writer) error{
		"bpfload.bash": func(c *cobra.Command, w io.Writer) error { return c.GenBashCompletionV2(w, true) },
		"_bpfload":     (*cobra.Command).GenZshCompletion,
		"bpfload.fish": func(c *cobra.Command, w io.Writer) error { return c.GenFishCompletion(w, true) },
	}
	var files []string
	for name, generate := range shells {
		var b bytes.Buffer
		if err := generate(wholeTree(), &b); err != nil {
			t.Fatal(err)
		}
		golden.Check(t, filepath.Join(completionDir, name), b.Bytes())
		files = append(files, name)
	}
	checkListing(t, completionDir, files)
}

// Each shell asks the command itself for candidates, so each has to be able to run
// its script, and the command to answer. The command is this test binary, which
// testscript.Main put on the path under that name; any other way of starting the test
// binary would run the tests again.
func TestCompletionsWork(t *testing.T) {
	for shell, script := range map[string]string{
		"bash": `source /usr/share/bash-completion/bash_completion; source ` + completionDir + `/bpfload.bash
COMP_WORDS=(bpfload load --wait-b); COMP_CWORD=2; COMP_LINE='bpfload load --wait-b'; COMP_POINT=${#COMP_LINE}
__start_bpfload; printf '%s\n' "${COMPREPLY[@]}"`,
		"fish": `source ` + completionDir + `/bpfload.fish; complete -C 'bpfload load --wait-b'`,
		"zsh":  `autoload -U compinit; compinit -D; source ` + completionDir + `/_bpfload; whence -w _bpfload; bpfload __complete load --wait-b`,
	} {
		t.Run(shell, func(t *testing.T) {
			need(t, shell)
			if _, err := os.Stat("/usr/share/bash-completion/bash_completion"); err != nil && shell == "bash" {
				t.Skip("bash-completion is not installed")
			}
			if exe, err := exec.LookPath("bpfload"); err != nil || !strings.Contains(exe, "testscript-main") {
				t.Fatalf("bpfload on the path is %q (%v), want the one of testscript", exe, err)
			}
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			cmd := exec.CommandContext(ctx, shell, "-c", script)
			cmd.Env = append(os.Environ(), "HOME="+t.TempDir())
			out, err := cmd.CombinedOutput()
			if err != nil || !strings.Contains(string(out), "--wait-bpffs") {
				t.Errorf("completing --wait-b: %v\n%s", err, out)
			}
		})
	}
}

// Every verb has an example, and no example uses a verb or a flag that is gone.
func TestEveryExampleParses(t *testing.T) {
	for _, cmd := range documented(wholeTree()) {
		if cmd.Example == "" {
			if cmd.HasParent() {
				t.Errorf("%s has no example", cmd.CommandPath())
			}
			continue
		}
		for line := range strings.Lines(cmd.Example) {
			words := strings.Fields(line)
			at := indexOf(words, "bpfload")
			if at < 0 {
				t.Errorf("%s: an example does not run bpfload: %s", cmd.CommandPath(), line)
				continue
			}
			found, rest, err := wholeTree().Find(words[at+1:])
			if err != nil || !strings.HasPrefix(found.CommandPath(), cmd.CommandPath()) {
				t.Errorf("%s: the example runs %v (%v): %s", cmd.CommandPath(), found.CommandPath(), err, line)
				continue
			}
			if cut := indexOf(rest, "|"); cut >= 0 {
				rest = rest[:cut]
			}
			if err := found.ParseFlags(rest); err != nil {
				t.Errorf("%s: %v: %s", cmd.CommandPath(), err, line)
			}
		}
	}
}

func indexOf(words []string, word string) int {
	for i, w := range words {
		if w == word {
			return i
		}
	}
	return -1
}

// checkListing wants exactly these files in a generated directory.
func checkListing(t *testing.T, dir string, want []string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	wanted := map[string]bool{}
	for _, w := range want {
		wanted[w] = true
	}
	var stale []string
	for _, e := range entries {
		if wanted[e.Name()] {
			continue
		}
		if golden.Updating() {
			os.Remove(filepath.Join(dir, e.Name()))
			continue
		}
		stale = append(stale, e.Name())
	}
	if diff := cmp.Diff([]string(nil), stale); diff != "" {
		t.Errorf("files in %s that nothing makes (-want +got):\n%s", dir, diff)
	}
}

func need(t *testing.T, program string) {
	t.Helper()
	if _, err := exec.LookPath(program); err != nil {
		t.Skip(program + " is not installed")
	}
}
