// SPDX-License-Identifier: MIT

package legacy_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/bpfload/bpfload/legacy"
)

// TestRegistry wants all that CONTRIBUTING.md asks of a dialect: a word in the
// package's comment, and an object in testdata that is of it by its own evidence.
func TestRegistry(t *testing.T) {
	source, err := os.ReadFile("legacy.go")
	if err != nil {
		t.Fatal(err)
	}
	comment, _, _ := strings.Cut(string(source), "package legacy\n")
	goldens, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(goldens) == 0 {
		t.Fatalf("no golden files: %v", err)
	}
	var objects strings.Builder
	for _, path := range goldens {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		objects.WriteString("\n" + string(text))
	}
	for _, d := range legacy.Dialects() {
		if !strings.Contains(comment, d.Name) {
			t.Errorf("the package's comment does not speak of %s", d.Name)
		}
		if d.About == "" {
			t.Errorf("%s: nobody says whose it is", d.Name)
		}
		proof := "\n" + d.Name + ": "
		if d.Refused != "" {
			proof = d.Refused
		}
		if !strings.Contains(objects.String(), proof) {
			t.Errorf("no object in testdata shows %s: %q", d.Name, proof)
		}
	}
}
