// SPDX-License-Identifier: MIT

// Package contrib_test checks the files for service managers and for fleets.
package contrib_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func read(t *testing.T, path string) string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// exitCodes returns the failures of README.md's table: those after which trying
// again helps, and the others.
func exitCodes(t *testing.T) (again, final []string) {
	t.Helper()
	_, table, _ := strings.Cut(read(t, "../README.md"), "\n## Exit codes\n")
	table, _, _ = strings.Cut(table, "\n## ")
	for line := range strings.Lines(table) {
		cells := strings.Split(line, "|")
		if len(cells) < 4 {
			continue
		}
		code := strings.TrimSpace(cells[1])
		switch {
		case code == "0" || strings.Trim(code, "0123456789") != "":
		case strings.TrimSpace(cells[3]) == "yes":
			again = append(again, code)
		default:
			final = append(final, code)
		}
	}
	if len(again) == 0 || len(final) == 0 {
		t.Fatal("README.md has no table of exit codes")
	}
	return again, final
}

// setting returns the values of a key of a unit.
func setting(unit, key string) []string {
	for line := range strings.Lines(unit) {
		if value, found := strings.CutPrefix(line, key+"="); found {
			return strings.Fields(value)
		}
	}
	return nil
}

func TestUnitRestartsOnlyWhereItHelps(t *testing.T) {
	unit := read(t, "systemd/bpfload@.service")
	again, final := exitCodes(t)
	if got := setting(unit, "Restart"); !cmp.Equal(got, []string{"on-failure"}) {
		t.Errorf("Restart=%v", got)
	}
	var numbers []string
	for _, v := range setting(unit, "RestartPreventExitStatus") {
		if !strings.HasPrefix(v, "SIG") {
			numbers = append(numbers, v)
		}
	}
	if diff := cmp.Diff(final, numbers); diff != "" {
		t.Errorf("RestartPreventExitStatus is not the exit codes but %v (-want +got):\n%s", again, diff)
	}
	if diff := cmp.Diff([]string{"75"}, again); diff != "" {
		t.Errorf("the scripts of OpenRC and BusyBox try again after 75 alone (-they +README.md):\n%s", diff)
	}
}

func TestUnitVerifies(t *testing.T) {
	if _, err := exec.LookPath("systemd-analyze"); err != nil {
		t.Skip("systemd-analyze is not installed")
	}
	// The verifier wants the program to be there.
	dir := t.TempDir()
	unit := strings.ReplaceAll(read(t, "systemd/bpfload@.service"), "/usr/bin/bpfload", "/bin/true")
	path := filepath.Join(dir, "bpfload@example.service")
	if err := os.WriteFile(path, []byte(unit), 0o644); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command("systemd-analyze", "verify", "--man=no", path).CombinedOutput()
	if err != nil || strings.Contains(string(out), "bpfload@") {
		t.Errorf("systemd-analyze verify: %v\n%s", err, out)
	}
}

// A fake stands for bpfload: it writes down how it was called, and exits with the
// codes that it is given, one for each call, the last for all further ones.
func fake(t *testing.T, codes string) (dir string) {
	t.Helper()
	dir = t.TempDir()
	script := `#!/bin/sh
echo "$*" >>'` + dir + `/calls'
set -- ` + codes + `
n=$(wc -l <'` + dir + `/calls')
[ "$n" -le $# ] || n=$#
shift $((n - 1))
exit "$1"
`
	for name, text := range map[string]string{
		"bpfload":       script,
		"counters.conf": "OBJECTS='/a.o /b.o'\nOPTIONS=--attach\n",
		"sleep":         "#!/bin/sh\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestBusyBoxScript(t *testing.T) {
	const load = "load /a.o /b.o --pin /pins/counters --bpffs /pins --wait-bpffs=10s --mount-bpffs --replace --reuse=compatible --quiet --attach\n"
	shells := [][]string{{"sh"}}
	if _, err := exec.LookPath("busybox"); err == nil {
		shells = append(shells, []string{"busybox", "sh"})
	}
	for name, test := range map[string]struct {
		verb, codes string
		exit        int
		calls       string
	}{
		"loads":               {"start", "0", 0, load},
		"tries again on 75":   {"start", "75 75 0", 0, load + load + load},
		"gives up in time":    {"start", "75", 75, strings.Repeat(load, 5)},
		"no retry on 71":      {"start", "71 0", 71, load},
		"no retry on 6":       {"restart", "6 0", 6, load},
		"unloads":             {"stop", "0", 0, "unload /pins/counters --missing-ok --quiet\n"},
		"unload can fail":     {"stop", "4", 4, "unload /pins/counters --missing-ok --quiet\n"},
		"status runs nothing": {"status", "0", 1, ""},
		"wrong verb":          {"begin", "0", 2, ""},
	} {
		for _, shell := range shells {
			t.Run(name+" in "+strings.Join(shell, " "), func(t *testing.T) {
				dir := fake(t, test.codes)
				cmd := exec.Command(shell[0], append(shell[1:], "busybox/S20bpfload", test.verb)...)
				cmd.Env = []string{"PATH=" + dir + ":" + os.Getenv("PATH"), "CONFIG=" + dir, "DIR=/pins"}
				out, err := cmd.CombinedOutput()
				if got := cmd.ProcessState.ExitCode(); got != test.exit {
					t.Errorf("exit code %d (%v), want %d\n%s", got, err, test.exit, out)
				}
				calls, _ := os.ReadFile(filepath.Join(dir, "calls"))
				if diff := cmp.Diff(test.calls, string(calls)); diff != "" {
					t.Errorf("calls (-want +got):\n%s", diff)
				}
			})
		}
	}
}
