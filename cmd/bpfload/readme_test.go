// SPDX-License-Identifier: MIT

package main

import (
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/bpfload/bpfload/internal/kerneltest"
)

// readme returns README.md, and the directory that it is in.
func readme(t *testing.T) (text, top string) {
	t.Helper()
	top, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(filepath.Join(top, "README.md"))
	if err != nil {
		t.Skip("README.md is not here")
	}
	return string(data), top
}

// fenced returns the first block of a language.
func fenced(t *testing.T, text, language string) string {
	t.Helper()
	_, rest, ok := strings.Cut(text, "\n```"+language+"\n")
	block, _, closed := strings.Cut(rest, "\n```\n")
	if !ok || !closed {
		t.Fatalf("README.md has no block of %s", language)
	}
	return block + "\n"
}

// commands are what README.md says to type, in its order.
var commands = regexp.MustCompile("(?m)(?:^    |`)go run ./cmd/bpfload ([^`\n]*)")

func TestREADMECommandsParse(t *testing.T) {
	text, top := readme(t)
	found := commands.FindAllStringSubmatch(text, -1)
	if len(found) < 3 {
		t.Fatalf("README.md has %d commands", len(found))
	}
	for _, m := range found {
		cmd, rest, err := wholeTree().Find(strings.Fields(m[1]))
		if err == nil {
			err = cmd.ParseFlags(rest)
		}
		if err != nil {
			t.Errorf("%s: %v", m[1], err)
		}
		for _, word := range rest {
			if _, err := os.Stat(filepath.Join(top, word)); strings.HasPrefix(word, "testdata/") && err != nil {
				t.Error(err)
			}
		}
	}
}

// TestREADMEPicture compares the picture with what the command beside it draws.
func TestREADMEPicture(t *testing.T) {
	text, top := readme(t)
	for _, m := range commands.FindAllStringSubmatch(text, -1) {
		args := strings.Fields(m[1])
		if indexOf(args, "--format=mermaid") < 0 {
			continue
		}
		args[len(args)-1] = filepath.Join(top, args[len(args)-1])
		var out, remarks strings.Builder
		if code := run(context.Background(), args, strings.NewReader(""), &out, &remarks); code != 0 {
			t.Fatalf("exit code %d: %s", code, remarks.String())
		}
		if diff := cmp.Diff(out.String(), fenced(t, text, "mermaid")); diff != "" {
			t.Errorf("the picture in README.md (-drawn +there):\n%s", diff)
		}
		return
	}
	t.Error("README.md does not say how the picture is made")
}

// TestREADMEVerbs wants every verb in the table, and no other.
func TestREADMEVerbs(t *testing.T) {
	text, _ := readme(t)
	_, table, _ := strings.Cut(text, "\n## The command\n")
	table, _, _ = strings.Cut(table, "\n## ")
	for _, v := range verbs {
		if v.name != "version" && !regexp.MustCompile("`(bpfload )?"+v.name+"[ `]").MatchString(table) {
			t.Errorf("the table of README.md has no %s", v.name)
		}
	}
	for _, m := range regexp.MustCompile("`bpfload ([a-z]+)").FindAllStringSubmatch(table, -1) {
		if !isVerb(m[1]) {
			t.Errorf("the table of README.md has %s, which is no verb", m[1])
		}
	}
}

// TestREADMELibrary builds the lines that show the library.
func TestREADMELibrary(t *testing.T) {
	text, top := readme(t)
	need(t, "go")
	dir := t.TempDir()
	source := `package main

import (
	"context"

	"github.com/bpfload/bpfload/loader"
)

func main() {}

func show(ctx context.Context) error {
` + fenced(t, text, "go") + `
	_ = prog
	return err
}
`
	overlay, err := json.Marshal(map[string]any{"Replace": map[string]string{filepath.Join(top, "cmd/readme/main.go"): filepath.Join(dir, "main.go")}})
	if err != nil {
		t.Fatal(err)
	}
	for name, data := range map[string][]byte{"main.go": []byte(source), "overlay.json": overlay} {
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	build := exec.Command("go", "build", "-overlay", filepath.Join(dir, "overlay.json"), "-o", os.DevNull, "./cmd/readme")
	build.Dir = top
	build.Env = append(os.Environ(), "GOFLAGS=")
	if out, err := build.CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}

// TestKernelREADME runs the commands as printed, with nothing mounted that they say
// they mount.
func TestKernelREADME(t *testing.T) {
	kerneltest.Root(t, "loading")
	text, top := readme(t)
	need(t, "unshare")
	script := "mount -t tmpfs none /sys/fs && mkdir /sys/fs/bpf && cd " + top + " || exit\n"
	for _, m := range commands.FindAllStringSubmatch(text, -1) {
		script += "bpfload " + m[1] + " >/dev/null || exit\n"
	}
	script += "[ ! -e /sys/fs/bpf/xdp_counters ] || echo a set is left\n"
	out, err := exec.Command("unshare", "--mount", "--propagation=private", "sh", "-c", script).CombinedOutput()
	if err != nil || strings.Contains(string(out), "is left") {
		t.Errorf("%v\n%s", err, out)
	}
}
