// SPDX-License-Identifier: MIT

// Package explain holds a page for every error code: what it means, why it comes,
// and what to do. The codes of verifier rejections are those of package
// verifierlog.
package explain

import (
	_ "embed"
	"strings"
	"sync"

	"github.com/bpfload/bpfload/verifierlog"
)

// A Page explains one code.
type Page struct {
	Code  string `json:"code"`
	Title string `json:"title"`
	Text  string `json:"text"` // Markdown
}

//go:embed pages.md
var source string

// pages splits the source at its headings, "# code: title".
var pages = sync.OnceValue(func() []Page {
	var list []Page
	for part := range strings.SplitSeq("\n"+source, "\n# ") {
		heading, text, _ := strings.Cut(part, "\n")
		code, title, ok := strings.Cut(heading, ": ")
		if !ok {
			continue
		}
		list = append(list, Page{code, title, "# " + code + ": " + title + "\n" + strings.TrimRight(text, "\n") + "\n"})
	}
	return list
})

// Pages returns all pages: of the loader's errors, then of the verifier's.
func Pages() []Page {
	list := pages()
	list = list[:len(list):len(list)]
	for _, c := range verifierlog.Classes() {
		list = append(list, Page{c.Code, c.Title, c.Page()})
	}
	return list
}

// Lookup returns the page of a code. The prefix "verifier/" may be left out.
func Lookup(code string) (Page, bool) {
	for _, p := range pages() {
		if p.Code == code {
			return p, true
		}
	}
	if c, ok := verifierlog.Lookup(code); ok {
		return Page{c.Code, c.Title, c.Page()}, true
	}
	return Page{}, false
}
