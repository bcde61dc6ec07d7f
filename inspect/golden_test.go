// SPDX-License-Identifier: MIT

package inspect_test

import (
	"bytes"
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/bpfload/bpfload/inspect"
	"github.com/bpfload/bpfload/internal/golden"
	"github.com/bpfload/bpfload/loader"
)

// samples calls f with every sample object, by its path below testdata.
func samples(t *testing.T, f func(t *testing.T, name string, data []byte)) {
	t.Helper()
	root := filepath.Join("..", "testdata")
	found := 0
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".o") {
			return err
		}
		name, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		found++
		t.Run(strings.TrimSuffix(filepath.ToSlash(name), ".o"), func(t *testing.T) { f(t, filepath.ToSlash(name), data) })
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if found < 100 {
		t.Fatalf("found only %d sample objects below %s", found, root)
	}
}

// TestGoldenInspect compares the JSON description of every sample object, or the
// error for those that are refused, with what was committed.
func TestGoldenInspect(t *testing.T) {
	samples(t, func(t *testing.T, name string, data []byte) {
		golden.Check(t, filepath.Join("testdata", "golden", strings.TrimSuffix(name, ".o")+".json"), describe(t, name, data))
	})
}

func describe(t *testing.T, name string, data []byte) []byte {
	t.Helper()
	var doc any
	o, err := loader.Open(data, &loader.Options{Name: filepath.Base(name)})
	if err != nil {
		doc = map[string]string{"error": err.Error()}
	} else {
		doc = inspect.Describe(name, o)
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(doc); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}
