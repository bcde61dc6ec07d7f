// SPDX-License-Identifier: MIT

// Package bpfload_test holds ARCHITECTURE.md to the tree.
package bpfload_test

import (
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const module = "github.com/bpfload/bpfload/"

// tabled returns the directories in the first column of ARCHITECTURE.md's tables.
func tabled(t *testing.T) []string {
	t.Helper()
	text, err := os.ReadFile("ARCHITECTURE.md")
	if err != nil {
		t.Fatal(err)
	}
	name := regexp.MustCompile("`([^`]+)/`")
	var dirs []string
	for line := range strings.Lines(string(text)) {
		cells := strings.Split(line, "|")
		if len(cells) < 3 {
			continue
		}
		for _, m := range name.FindAllStringSubmatch(cells[1], -1) {
			dirs = append(dirs, m[1])
		}
	}
	return dirs
}

// sources returns the directories that hold Go files, with those that are no tests.
func sources(t *testing.T) (dirs []string, files map[string][]string) {
	t.Helper()
	files = make(map[string][]string)
	err := filepath.WalkDir(".", func(p string, e fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case e.IsDir() && p != "." && (strings.HasPrefix(e.Name(), ".") || p == "dist" || p == "vendor"):
			return fs.SkipDir
		case e.IsDir() || filepath.Ext(p) != ".go":
			return nil
		}
		dir := filepath.Dir(p)
		if !slices.Contains(dirs, dir) {
			dirs = append(dirs, dir)
		}
		if !strings.HasSuffix(p, "_test.go") {
			files[dir] = append(files[dir], p)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return dirs, files
}

// part says whether the row of a directory speaks of another one below it, too:
// of what is no package of this module, or data of tests.
func part(row, dir string) bool {
	rest, below := strings.CutPrefix(dir, row+"/")
	if !below {
		return false
	}
	switch row {
	case "testdata", "compare", "bench", "vmtest", "contrib", "release", "tools":
		return true
	}
	return strings.HasPrefix(rest, "testdata/")
}

func TestArchitectureNamesEveryDirectory(t *testing.T) {
	rows := tabled(t)
	for i, row := range rows {
		if slices.Contains(rows[:i], row) {
			t.Errorf("ARCHITECTURE.md names %s twice", row)
		}
		if info, err := os.Stat(row); err != nil || !info.IsDir() {
			t.Errorf("ARCHITECTURE.md names %s, which is no directory", row)
		}
	}
	dirs, _ := sources(t)
	for _, dir := range dirs {
		if dir != "." && !slices.ContainsFunc(rows, func(row string) bool { return row == dir || part(row, dir) }) {
			t.Errorf("ARCHITECTURE.md does not name %s", dir)
		}
	}
}

func TestArchitectureOrder(t *testing.T) {
	rows := tabled(t)
	_, files := sources(t)
	for i, dir := range rows {
		for _, file := range files[dir] {
			parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ImportsOnly)
			if err != nil {
				t.Fatal(err)
			}
			for _, spec := range parsed.Imports {
				name, err := strconv.Unquote(spec.Path.Value)
				if err != nil {
					t.Fatal(err)
				}
				name, ours := strings.CutPrefix(name, module)
				if !ours {
					continue
				}
				if j := slices.Index(rows, name); j < 0 || j >= i {
					t.Errorf("%s imports %s, which stands below it in ARCHITECTURE.md", file, name)
				}
			}
		}
	}
}
