// SPDX-License-Identifier: MIT

package hostile_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
	"unicode"

	"github.com/bpfload/bpfload/internal/hostile"
)

// What reading any object may take, in CPU time and in memory: the machine that
// runs the tests may be busy.
const (
	maxTime   = time.Second
	maxMemory = 64 << 20
)

// A usage is what one run of the command took.
type usage struct {
	CPU    time.Duration
	Memory int64 // most bytes in memory at once
	Code   int
}

// TestMain is also the small process that starts the command and measures it: a
// process begins with the peak of the one that started it, and a test has large
// files in memory.
func TestMain(m *testing.M) {
	report := os.Getenv("BPFLOAD_TEST_USAGE")
	if report == "" {
		os.Exit(m.Run())
	}
	cmd := exec.Command(os.Args[1], os.Args[2:]...)
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
	cmd.Run()
	u := usage{CPU: cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime(), Code: cmd.ProcessState.ExitCode()}
	u.Memory = int64(cmd.ProcessState.SysUsage().(*syscall.Rusage).Maxrss) << 10
	out, _ := json.Marshal(u)
	if err := os.WriteFile(report, out, 0o600); err != nil {
		panic(err)
	}
}

// command builds bpfload, without the race detector that tests may run under.
func command(t *testing.T) string {
	bin := filepath.Join(t.TempDir(), "bpfload")
	build := exec.Command("go", "build", "-race=false", "-o", bin, "../../cmd/bpfload")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return bin
}

func run(t *testing.T, bin string, args ...string) (u usage, stdout, stderr string) {
	t.Helper()
	report := filepath.Join(t.TempDir(), "usage")
	var out, remarks bytes.Buffer
	cmd := exec.Command(os.Args[0], append([]string{bin}, args...)...)
	cmd.Env = append(os.Environ(), "BPFLOAD_TEST_USAGE="+report)
	cmd.Stdout, cmd.Stderr = &out, &remarks
	if err := cmd.Run(); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(report)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(data, &u); err != nil {
		t.Fatal(err)
	}
	return u, out.String(), remarks.String()
}

// TestObjects gives each object to the real command: describing it ends as it
// should, soon, in little memory, and prints nothing that a terminal acts on, and so
// does every other verb that reads objects.
func TestObjects(t *testing.T) {
	if raced {
		t.Skip("building the objects takes ten times as long under the race detector, which sees nothing of the command: run without -race")
	}
	bin := command(t)
	dir := t.TempDir()
	file, sound := filepath.Join(dir, "x.o"), filepath.Join(dir, "sound.o")
	if err := os.WriteFile(sound, hostile.Sound(), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, o := range hostile.Objects() {
		t.Run(o.Name, func(t *testing.T) {
			if err := os.WriteFile(file, o.Build(), 0o600); err != nil {
				t.Fatal(err)
			}
			u, stdout, stderr := run(t, bin, "inspect", file)
			t.Logf("%v, %d KiB", u.CPU, u.Memory>>10)
			if u.CPU > maxTime || u.Memory > maxMemory {
				t.Errorf("took %v and %d MiB", u.CPU, u.Memory>>20)
			}
			checkPlain(t, stdout+stderr)
			switch {
			case o.Want == "" && (u.Code != 0 || stderr != ""):
				t.Errorf("exit %d: %.500s", u.Code, stderr)
			case o.Program && (u.Code != 0 || !strings.Contains(stdout, o.Want)):
				t.Errorf("exit %d, want %q in: %.1000s", u.Code, o.Want, stdout)
			case o.Want != "" && !o.Program && (u.Code != 65 || !strings.Contains(stderr, o.Want) || stdout != ""):
				t.Errorf("exit %d, want 65 and %q: %.500s", u.Code, o.Want, stderr)
			}
			for _, verb := range verbs {
				args := append(slices.Clone(verb), file)
				if i := slices.Index(args, "SOUND"); i >= 0 {
					args[i] = sound
				}
				t.Run(fmt.Sprint(verb), func(t *testing.T) { checkVerb(t, bin, args) })
			}
		})
	}
}

// verbs are the others that read an object.
var verbs = [][]string{
	{"inspect", "--json"}, {"inspect", "--format=dot"}, {"inspect", "--disasm", "--relocs"},
	{"load", "--dry-run", "--json", "--pin=/sys/fs/bpf/x"}, {"diff", "SOUND"}, {"probe"},
}

// checkVerb wants whatever comes of an object soon, for little memory, and as plain
// text. What takes long to write because it was asked for has that time.
func checkVerb(t *testing.T, bin string, args []string) {
	u, stdout, stderr := run(t, bin, args...)
	limit := maxTime + time.Duration(len(stdout)>>26)*time.Second
	memory := int64(maxMemory)
	if args[0] == "load" {
		// A plan holds the code of all programs, each linked with what it shares
		// with others: it is what would be handed to the kernel next.
		memory *= 2
	}
	if u.CPU > limit || u.Memory > memory {
		t.Errorf("took %v and %d MiB for %d bytes of output", u.CPU, u.Memory>>20, len(stdout))
	}
	if u.Code < 0 || u.Code == 70 || u.Code > 0 && stdout+stderr == "" {
		t.Errorf("exit %d: %.500s", u.Code, stderr)
	}
	checkPlain(t, stdout+stderr)
}

// TestNames prints the objects with names that a terminal would act on in each
// form.
func TestNames(t *testing.T) {
	bin := command(t)
	file := filepath.Join(t.TempDir(), "x.o")
	forms := [][]string{{"inspect", "--json"}, {"inspect", "--format=dot"}, {"inspect", "--format=mermaid"},
		{"inspect", "--disasm", "--relocs"}, {"load", "--dry-run", "--pin=/sys/fs/bpf/x"}, {"load", "--dry-run", "--json"},
		{"verify"}, {"verify", "--json"}, {"verify", "--format=github"}, {"verify", "--format=sarif"}, {"verify", "--format=junit"}}
	for _, o := range hostile.Objects() {
		if !strings.HasPrefix(o.Name, "evil") {
			continue
		}
		if err := os.WriteFile(file, o.Build(), 0o600); err != nil {
			t.Fatal(err)
		}
		for _, form := range forms {
			t.Run(o.Name+fmt.Sprint(form), func(t *testing.T) {
				u, stdout, stderr := run(t, bin, append(form, file)...)
				if u.Code == 70 || stdout+stderr == "" {
					t.Errorf("exit %d: %s", u.Code, stderr)
				}
				checkPlain(t, stdout+stderr)
			})
		}
	}
}

// checkPlain wants text that a terminal shows as it is.
func checkPlain(t *testing.T, text string) {
	t.Helper()
	for i, r := range text {
		if r == '\n' || unicode.IsPrint(r) {
			continue
		}
		t.Errorf("%q is printed: %q", r, text[max(0, i-40):min(len(text), i+40)])
		return
	}
	if strings.Contains(text, "\nbpfload: forged") {
		t.Error("a name made a line of its own")
	}
	if strings.Contains(text, "goroutine ") {
		t.Errorf("panic: %.1000s", text)
	}
}
