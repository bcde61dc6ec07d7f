// SPDX-License-Identifier: MIT

package mapops

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/bpfload/bpfload/explain"
)

// Every code that errors carry has a page.
func TestEveryCodeHasAPage(t *testing.T) {
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	codes := regexp.MustCompile(`(?:Code: |loader\.Class\w+, |\.Code = |\.Code, \w+ = |\.Code, e\.\w+ = (?:loader\.Class\w+, )?)"([a-z-]+)"`)
	found := 0
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		source, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, match := range codes.FindAllStringSubmatch(string(source), -1) {
			code := match[1]
			if code == "map-" { // completed by what was wrong
				for _, what := range []string{"key", "value", "cpu", "line"} {
					if _, ok := explain.Lookup(code + what); !ok {
						t.Errorf("no page explains %q", code+what)
					}
				}
				continue
			}
			found++
			if _, ok := explain.Lookup(code); !ok {
				t.Errorf("%s: no page explains %q", file, code)
			}
		}
	}
	if found < 20 {
		t.Errorf("found only %d codes: is the search broken?", found)
	}
}
