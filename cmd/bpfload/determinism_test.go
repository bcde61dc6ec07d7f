// SPDX-License-Identifier: MIT

package main

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// answer is what a command line prints, with its exit code.
func answer(args ...string) string {
	var out, remarks bytes.Buffer
	code := run(context.Background(), args, strings.NewReader(""), &out, &remarks)
	return fmt.Sprintf("exit %d\n%s%s", code, &out, &remarks)
}

// inputs are the sample objects, and what is left of some of them when they are
// cut off or damaged, for the errors.
func inputs(t *testing.T) []string {
	files, err := filepath.Glob("../../testdata/*/*.o")
	if err != nil || len(files) < 100 {
		t.Fatalf("%d sample objects, %v", len(files), err)
	}
	dir := t.TempDir()
	rnd := rand.New(rand.NewPCG(3, 4))
	for i := 0; i < len(files); i += 8 {
		data, err := os.ReadFile(files[i])
		if err != nil {
			t.Fatal(err)
		}
		cut := data[:rnd.IntN(len(data))]
		for range 3 {
			data[rnd.IntN(len(data))] ^= 1 << rnd.IntN(8)
		}
		for kind, image := range map[string][]byte{"cut": cut, "flipped": data} {
			if err := os.WriteFile(filepath.Join(dir, kind+"-"+filepath.Base(files[i])), image, 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	damaged, err := filepath.Glob(filepath.Join(dir, "*.o"))
	if err != nil {
		t.Fatal(err)
	}
	return append(files, damaged...)
}

// pure are the verbs that touch no kernel: what they print depends on the bytes alone.
// The last compares with an object that has something of everything.
var pure = [][]string{{"inspect", "--json"}, {"load", "--dry-run", "--json", "--pin=/sys/fs/bpf/x"}, {"diff", "../../testdata/bpf/globals.o"}}

// TestDeterminism asks for everything a hundred times, in any order.
func TestDeterminism(t *testing.T) {
	rounds := 100
	if testing.Short() {
		rounds = 3
	}
	files := inputs(t)
	first := make(map[string]string)
	rnd := rand.New(rand.NewPCG(1, 2))
	for range rounds {
		rnd.Shuffle(len(files), func(i, j int) { files[i], files[j] = files[j], files[i] })
		for _, file := range files {
			for _, verb := range pure {
				key := fmt.Sprint(verb, file)
				got := answer(append(verb[:len(verb):len(verb)], file)...)
				if want, ok := first[key]; !ok {
					first[key] = got
				} else if got != want {
					t.Fatalf("%s: first\n%s\nthen\n%s", key, want, got)
				}
			}
		}
	}
}

// TestDeterminismBigEndian compares with what the command prints on a machine of
// the other byte order, as qemu emulates it.
func TestDeterminismBigEndian(t *testing.T) {
	qemu, err := exec.LookPath("qemu-s390x-static")
	if err != nil {
		if qemu, err = exec.LookPath("qemu-s390x"); err != nil {
			t.Skip("no qemu-s390x: install qemu-user-static")
		}
	}
	bin := filepath.Join(t.TempDir(), "test")
	build := exec.Command("go", "test", "-c", "-race=false", "-o", bin, ".")
	build.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS=linux", "GOARCH=s390x", "GOFLAGS=")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	files := inputs(t)
	list := filepath.Join(t.TempDir(), "answers")
	there := exec.Command(qemu, append([]string{bin, "-test.run=^TestAnswers$"}, files...)...)
	there.Env = append(os.Environ(), "BPFLOAD_TEST_ANSWERS="+list)
	if out, err := there.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	data, err := os.ReadFile(list)
	if err != nil {
		t.Fatal(err)
	}
	answers := strings.Split(string(data), "\x00")
	if len(answers) != len(files)*len(pure)+1 {
		t.Fatalf("%d answers for %d files", len(answers)-1, len(files))
	}
	for i, file := range files {
		for j, verb := range pure {
			args := append(verb[:len(verb):len(verb)], file)
			if got, want := answers[i*len(pure)+j], answer(args...); got != want {
				t.Errorf("%v: here\n%.2000s\nthere\n%.2000s", args, want, got)
			}
		}
	}
}

// TestAnswers is the part of [TestDeterminismBigEndian] that runs over there: it
// answers for the files of its command line, in one process.
func TestAnswers(t *testing.T) {
	list := os.Getenv("BPFLOAD_TEST_ANSWERS")
	if list == "" {
		t.Skip("TestDeterminismBigEndian starts it")
	}
	var b strings.Builder
	for _, file := range flag.Args() {
		for _, verb := range pure {
			b.WriteString(answer(append(verb[:len(verb):len(verb)], file)...) + "\x00")
		}
	}
	if err := os.WriteFile(list, []byte(b.String()), 0o600); err != nil {
		t.Fatal(err)
	}
}
