// SPDX-License-Identifier: MIT

package loader

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// victim names the variable that makes the test binary load an object again and
// again, to be killed in the middle of it.
const victim = "BPFLOAD_TEST_VICTIM"

func TestMain(m *testing.M) {
	if dir := os.Getenv(victim); dir != "" {
		loadUntilKilled(dir)
	}
	os.Exit(m.Run())
}

func loadUntilKilled(dir string) {
	o, err := OpenFile(samplePath("tailcall.o"), nil)
	for i := 0; err == nil; i++ {
		var l *Loaded
		if l, err = o.Load(context.Background(), &LoadOptions{PinDir: dir, Replace: i%4 != 0}); err != nil {
			break
		}
		l.Close()
		if i%4 == 3 {
			_, err = Unload(context.Background(), dir, nil)
		}
	}
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}

// A loader that is killed at any moment leaves either nothing, or a whole set, and
// beside that at most a staging directory, which the next load clears.
func TestKernelKilled(t *testing.T) {
	root := mountBPFFS(t)
	dir := filepath.Join(root, "app")
	rounds := 200
	if testing.Short() {
		rounds = 20
	}
	rng := rand.New(rand.NewPCG(1, 2))
	whole := []string{"bss", "entry", "ipv4", "ipv6", "steps"}
	staged := 0
	for range rounds {
		var said strings.Builder
		cmd := exec.Command(os.Args[0])
		cmd.Env = append(os.Environ(), victim+"="+dir)
		cmd.Stderr = &said
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(5*time.Millisecond + time.Duration(rng.IntN(20000))*time.Microsecond)
		if err := cmd.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		cmd.Wait()
		if said.Len() > 0 {
			t.Fatalf("the loader was not killed but failed: %s", said.String())
		}
		for _, name := range entriesOf(t, root) {
			switch name {
			case "app":
				if got := names(t, dir); !slices.Equal(got, whole) {
					t.Errorf("half a set was left: %q", got)
				}
			case "0-bpfload-app":
				staged++
			default:
				t.Errorf("left behind: %s", name)
			}
		}
		l, err := sample(t, "tailcall.o").Load(t.Context(), &LoadOptions{PinDir: dir, Replace: true})
		if err != nil {
			t.Fatalf("the next load: %v", err)
		}
		l.Close()
		if got := entriesOf(t, root); !slices.Equal(got, []string{"app"}) {
			t.Errorf("after the next load there is %q", got)
		}
		if _, err := Unload(t.Context(), dir, nil); err != nil {
			t.Fatal(err)
		}
	}
	t.Logf("killed %d times, %d of them with a staging directory left", rounds, staged)
}

func names(t *testing.T, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var list []string
	for _, e := range entries {
		list = append(list, e.Name())
	}
	return list
}

// Twenty loads at once, each with a place of its own, and all for the same one.
func TestKernelConcurrent(t *testing.T) {
	root := mountBPFFS(t)
	o := sample(t, "pinning.o")
	var wg sync.WaitGroup
	for i := range 20 {
		wg.Go(func() {
			l, err := o.Load(t.Context(), &LoadOptions{PinDir: filepath.Join(root, fmt.Sprint("app", i)), BPFFS: root})
			if err != nil {
				t.Error(err)
				return
			}
			l.Close()
		})
	}
	wg.Wait()
	if got := entriesOf(t, root); len(got) != 21 {
		t.Errorf("there are %q, want 20 sets and a map", got)
	}
	for range 20 {
		wg.Go(func() {
			l, err := o.Load(t.Context(), &LoadOptions{PinDir: filepath.Join(root, "app0"), BPFFS: root, Replace: true})
			if err != nil {
				t.Error(err)
				return
			}
			l.Close()
		})
	}
	wg.Wait()
	if got := entriesOf(t, root); len(got) != 21 {
		t.Errorf("after replacing one there are %q", got)
	}
}
