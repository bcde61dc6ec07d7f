// SPDX-License-Identifier: MIT

package explain_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/bpfload/bpfload/explain"
)

func TestPages(t *testing.T) {
	seen := make(map[string]bool)
	for _, p := range explain.Pages() {
		if seen[p.Code] {
			t.Errorf("code %q has two pages", p.Code)
		}
		seen[p.Code] = true
		if p.Title == "" || len(strings.Split(strings.TrimSpace(p.Text), "\n")) < 3 {
			t.Errorf("the page of %q says too little: %q", p.Code, p.Text)
		}
		if got, ok := explain.Lookup(p.Code); !ok || got != p {
			t.Errorf("Lookup(%q) = %v, %v", p.Code, got, ok)
		}
	}
	if _, ok := explain.Lookup("no-such-code"); ok {
		t.Error("Lookup of an unknown code found a page")
	}
}

// Every code that an error is given has a page.
func TestEveryCodeHasAPage(t *testing.T) {
	var files []string
	for _, dir := range []string{"loader", "mapops", "attach", "attach/usdt", "status", "probe", "verify", "internal/bpffs", "cmd/bpfload"} {
		some, err := filepath.Glob("../" + dir + "/*.go")
		if err != nil || len(some) == 0 {
			t.Fatalf("the sources of %s: %v, %v", dir, some, err)
		}
		files = append(files, some...)
	}
	found := 0
	check := func(file string, e ast.Expr) {
		lit, ok := e.(*ast.BasicLit)
		if !ok || lit.Kind != token.STRING {
			return
		}
		code, _ := strconv.Unquote(lit.Value)
		if code == "" {
			return
		}
		found++
		if _, ok := explain.Lookup(code); !ok {
			t.Errorf("%s: no page explains %q", filepath.Base(file), code)
		}
	}
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(f, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.CompositeLit:
				switch typ := n.Type.(type) {
				case *ast.Ident:
					if typ.Name != "Error" {
						return true
					}
				case *ast.SelectorExpr:
					if id, ok := typ.X.(*ast.Ident); !ok || id.Name != "loader" || typ.Sel.Name != "Error" {
						return true
					}
				default:
					return true
				}
				for _, el := range n.Elts {
					if kv, ok := el.(*ast.KeyValueExpr); ok {
						if id, ok := kv.Key.(*ast.Ident); ok && id.Name == "Code" {
							check(file, kv.Value)
						}
					}
				}
			case *ast.AssignStmt:
				for i, lhs := range n.Lhs {
					sel, ok := lhs.(*ast.SelectorExpr)
					if !ok || len(n.Lhs) != len(n.Rhs) || sel.Sel.Name != "Code" {
						continue
					}
					check(file, n.Rhs[i])
				}
			}
			return true
		})
	}
	if found < 60 {
		t.Errorf("found only %d codes: is the search broken?", found)
	}
}
